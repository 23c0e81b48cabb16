import { hash } from 'node:crypto'
import { plainTitle, REASON_TITLES } from './columns.ts'

/**
 * Names a header: files with the same titles in the same order have the same one. The reasons are no part of it, so that the
 * sheet of faults that comes back corrected is read like the ledger it is of.
 */
export function fingerprintOf(titles: readonly string[]): string {
  return hash(
    'sha256',
    titles
      .map(plainTitle)
      .filter((title) => !REASON_TITLES.has(title))
      .join('\u001f'),
    'base64url',
  ).slice(0, 16)
}
