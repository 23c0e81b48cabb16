import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `fromDay` String, `YYYY-MM` of the first period; `instantSuffix` String. `firstMs`: first receipt of the period. */
export const PERIOD_RECEIPTS = namedQuery(
  import.meta.url,
  z.object({ source: z.string(), period: z.string(), firstMs: Int }),
)
