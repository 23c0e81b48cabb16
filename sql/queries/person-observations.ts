import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `personKey` String. At most 500; texts are '' where not reported. */
export const PERSON_OBSERVATIONS = namedQuery(
  import.meta.url,
  z.object({
    observedMs: Int,
    receivedMs: Int,
    source: z.string(),
    status: z.string(),
    homeRegion: z.string(),
    workRegion: z.string(),
    sector: z.string(),
    occupation: z.string(),
    employer: z.string(),
    project: z.string(),
  }),
  { unscoped: 'of one person whom the route has found to be in reach' },
)
