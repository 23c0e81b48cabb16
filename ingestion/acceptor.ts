import type { Kind } from '#domain/signal.ts'
import { acceptBody, type RawRows, type RejectedRow, type SourceScope } from './accept.ts'
import type { TableHead } from './formats/table.ts'
import { deriveIdentitySeal } from './identity-seal.ts'
import type { Draft } from './observation.ts'
import { sealerFor } from './sealer.ts'
import { deriveKeys } from './secret.ts'

/**
 * Which request rows came with, and when that began to come (`heardMs`). `keyVersion`: the key that persons are sealed under; `null`
 * where nothing is to be stored.
 */
export type Request = { source: string; batch: string; keyVersion: number | null; heardMs: number }

export type Accepted<K extends Kind> = {
  drafts: Draft<K>[]
  rejected: RejectedRow[]
  table: TableHead | null
}

/** `acceptBody` with the keys of an installation: once for each thread that goes through rows. */
export function acceptorFor(secret: string) {
  const keys = deriveKeys(secret)
  const seal = deriveIdentitySeal(secret)
  return <K extends Kind>(
    kind: K,
    body: RawRows,
    scope: SourceScope,
    { keyVersion, heardMs, ...request }: Request,
  ): Accepted<K> =>
    acceptBody(kind, body, scope, {
      ...request,
      keys,
      sealer: keyVersion === null ? null : sealerFor(seal, keyVersion, heardMs),
    })
}
