import { z } from 'zod'
import { Kind } from '#domain/signal.ts'
import { Int, namedQuery } from '../query.ts'

/** Params: `source` String. At most 10. */
export const RECENT_RECEIPTS = namedQuery(
  import.meta.url,
  z.object({ kind: Kind, receivedMs: Int, observationCount: Int }),
  { unscoped: 'of one unit that the route has found to be in reach' },
)
