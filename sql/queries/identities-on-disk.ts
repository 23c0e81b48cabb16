import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `current` Int64. */
export const IDENTITIES_ON_DISK = namedQuery(import.meta.url, z.object({ n: Int }), {
  unscoped: 'changing the key is the work of the vault',
})
