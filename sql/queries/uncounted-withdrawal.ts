import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `kind` String. */
export const UNCOUNTED_WITHDRAWAL = namedQuery(
  import.meta.url,
  z.object({ batch: z.string(), source: z.string(), receivedMicros: Int }),
  { unscoped: 'recovery is the work of ingestion' },
)
