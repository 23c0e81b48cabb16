import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `after` Int64 (µs), `instantSuffix` String. */
export const POINT_PLACES = namedQuery(
  import.meta.url,
  z.object({ point: z.string(), region: z.string(), observedMs: Int, saidMicros: Int, receivedMicros: Int }),
  { unscoped: 'who may speak for a point is asked of all there is; nobody is told where it lies' },
)
