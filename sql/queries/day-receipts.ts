import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `fromMs` Int64. `day`: `YYYY-MM-DD` of the newest observation; `firstMs`: first receipt with such an observation. */
export const DAY_RECEIPTS = namedQuery(
  import.meta.url,
  z.object({ source: z.string(), day: z.string(), firstMs: Int }),
  { unscoped: 'receipts of sources; who asks passes the sources in reach' },
)
