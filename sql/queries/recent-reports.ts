import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `source` String. At most 10. `headcount` null: not reported; `majorEvent` '': none. */
export const RECENT_REPORTS = namedQuery(
  import.meta.url,
  z.object({
    pointId: z.string(),
    period: z.string(),
    project: z.string(),
    observedMs: Int,
    receivedMs: Int,
    headcount: Int.nullable(),
    majorEvent: z.string(),
  }),
  { unscoped: 'of one unit that the route has found to be in reach' },
)
