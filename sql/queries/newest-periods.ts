import { z } from 'zod'
import { namedQuery } from '../query.ts'

/** Params: `until` Int64 (µs), `instantSuffix` String. `month` (`YYYY-MM`) and `day` (`YYYY-MM-DD`): the newest of each, '' for none. */
export const NEWEST_PERIODS = namedQuery(
  import.meta.url,
  z.object({ source: z.string(), month: z.string(), day: z.string() }),
  { unscoped: 'receipts of sources; who asks leaves out sources out of reach' },
)
