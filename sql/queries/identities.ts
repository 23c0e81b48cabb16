import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** One sealed row of a person; `observedMs` and `source` say where its number, name and phone come from. */
export const SealedIdentity = z.object({
  personKey: z.string(),
  hasPhone: z.boolean(),
  sealed: z.string(),
  keyVersion: Int,
  phoneKey: z.string(),
  source: z.string(),
  observedMs: Int,
})
export type SealedIdentity = z.infer<typeof SealedIdentity>

/** Params: `keys` Array(String): persons. The newer row of a person comes first. */
export const IDENTITIES = namedQuery(import.meta.url, SealedIdentity, {
  unscoped: 'by person keys that the routes have found to be in reach',
})

/** Whoever writes identities that it read before, or deletes some, holds this lock: an erased one must not come back. */
export const IDENTITY_LOCK = 'identities'
/** Whoever stores identities of a commit asks who was erased and holds this one meanwhile, as does who says that somebody is. */
export const ERASURE_LOCK = 'erasures'
/** Whoever takes, settles or deletes rows in quarantine holds this one, and takes it before the other. */
export const QUARANTINE_LOCK = 'quarantine'
