import { z } from 'zod'
import { Kind } from '#domain/signal.ts'
import { Int, namedQuery } from '../query.ts'

/** `knownAtMicros`: newest commit of the kind (µs). `lastMinute`: its observations of the last 60 s. No params. */
export const NEWEST_RECEIPTS = namedQuery(
  import.meta.url,
  z.object({ kind: Kind, knownAtMicros: Int, lastMinute: Int }),
  { unscoped: 'says when data came and nothing of where' },
)
