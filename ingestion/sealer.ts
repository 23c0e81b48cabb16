import type { Identity } from '#domain/person.ts'
import type { IdentitySeal } from './identity-seal.ts'
import type { Page } from './observation.ts'

/** Writes out who persons are, sealed under one key, beside the observations of a page. */
export type Sealer = {
  readonly keyVersion: number
  add(page: Page, personKey: string, identity: Identity, observedAt: number): void
}

/** Seals the persons of one request under the key of a version. */
export function sealerFor(seal: IdentitySeal, keyVersion: number): Sealer {
  return {
    keyVersion,
    add: (page, personKey, identity, observedAt) => {
      page.identities.add(identityCells(seal, keyVersion, personKey, identity, observedAt, page.source))
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
): string {
  const sealed = seal.seal(keyVersion, personKey, identity)
  const phoneKey = seal.phoneKey(identity.phone)
  // Every text here is a key, an id or base64: none needs escaping.
  return `"${personKey}",${identity.phone !== ''},"${sealed}",${keyVersion},"${phoneKey}",${observedAt},"${source}"`
}
