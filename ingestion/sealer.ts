import type { Identity } from '#domain/person.ts'
import { INSTANT, NAME, RECEIPT, RowFormat } from '#sql/row-binary.ts'
import type { IdentitySeal } from './identity-seal.ts'
import type { Page } from './observation.ts'

/** The rows of the vault's table. */
export const IDENTITIES = new RowFormat({
  receivedAt: RECEIPT,
  ordinal: 'UInt32',
  personKey: 'String',
  hasPhone: 'Bool',
  sealed: 'String',
  keyVersion: 'UInt16',
  phoneKey: 'String',
  observedAt: INSTANT,
  source: NAME,
})

/** Writes out who persons are, sealed under one key, beside the observations of a page. */
export type Sealer = {
  readonly keyVersion: number
  /** When the request began to come, in ms: who was erased since stays so. */
  readonly heardMs: number
  add(page: Page, personKey: string, identity: Identity, observedAt: number): void
}

/** Seals the persons of one request under the key of a version. */
export function sealerFor(seal: IdentitySeal, keyVersion: number, heardMs: number): Sealer {
  return {
    keyVersion,
    heardMs,
    add: (page, personKey, identity, observedAt) => {
      const cells = identityCells(seal, keyVersion, personKey, identity, observedAt, page.source)
      page.identities.add(IDENTITIES, [0, 0, ...cells])
    },
  }
}

/** The cells of a person in the vault, after the place in the commit. */
export function identityCells(
  seal: IdentitySeal,
  keyVersion: number,
  personKey: string,
  identity: Identity,
  observedAt: number,
  source: string,
): unknown[] {
  const sealed = seal.seal(keyVersion, personKey, identity)
  const phoneKey = seal.phoneKey(identity.phone)
  return [personKey, identity.phone !== '', sealed, keyVersion, phoneKey, observedAt, source]
}
