import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `batch` String. */
export const WITHDRAWAL = namedQuery(import.meta.url, z.object({ receivedMicros: Int }), {
  unscoped: 'recovery is the work of ingestion',
})
