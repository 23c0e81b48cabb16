import { hash } from 'node:crypto'
import { IGNORED_TITLES, type Mapping, plainTitle, sayingOf } from './columns.ts'

/**
 * Names a header: files with the same titles in the same order have the same one. Running numbers and reasons are no part of
 * it, so that the sheet of faults that comes back corrected, with these and without those, is read like the ledger it is of.
 */
export function fingerprintOf(titles: readonly string[]): string {
  return hash(
    'sha256',
    titles
      .map(plainTitle)
      .filter((title) => !IGNORED_TITLES.has(title))
      .join('\u001f'),
    'base64url',
  ).slice(0, 16)
}

/** The header of the sheet of faults of a ledger that was read so: what was left out is not in it. */
export function fingerprintOfRead(titles: readonly string[], mapping: Mapping): string {
  const said = sayingOf(mapping)
  return fingerprintOf(titles.filter((title) => said(title) !== null))
}
