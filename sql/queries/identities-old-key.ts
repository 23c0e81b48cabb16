import { Int, namedQuery } from '../query.ts'
import { SealedIdentity } from './identities.ts'

/** Params: `current` Int64, `from`, `until` String (half-open range of person keys). */
export const IDENTITIES_OLD_KEY = namedQuery(
  import.meta.url,
  SealedIdentity.extend({ receivedMicros: Int, saidMicros: Int, ordinal: Int }),
  { unscoped: 'changing the key is the work of the vault' },
)
