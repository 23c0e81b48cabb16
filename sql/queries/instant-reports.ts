import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `fromMs` Int64. */
export const INSTANT_REPORTS = namedQuery(
  import.meta.url,
  z.object({ source: z.string(), reportCount: Int }),
  { unscoped: 'receipts of sources; who asks passes the sources in reach' },
)
