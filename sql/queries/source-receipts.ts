import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `until` Int64 (µs). `newestMs`: newest observation; `receivedMs`: newest receipt of any; `observationCount`: so far. */
export const SOURCE_RECEIPTS = namedQuery(
  import.meta.url,
  z.object({ source: z.string(), newestMs: Int, receivedMs: Int, observationCount: Int }),
  { unscoped: 'receipts of sources; who asks leaves out sources out of reach' },
)
