import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `fromMs` Int64 and `fromMonth` String (`YYYY-MM`): the first instant and its month; `instantSuffix` String. `firstMs`: first receipt of the period. */
export const PERIOD_RECEIPTS = namedQuery(
  import.meta.url,
  z.object({ source: z.string(), period: z.string(), firstMs: Int }),
  { unscoped: 'receipts of sources; who asks passes the sources in reach' },
)
