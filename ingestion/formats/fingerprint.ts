import { hash } from 'node:crypto'

/** Names a header: files with the same titles in the same order have the same one. */
export function fingerprintOf(titles: readonly string[]): string {
  return hash(
    'sha256',
    titles.map((title) => title.normalize('NFKC').trim()).join('\u001f'),
    'base64url',
  ).slice(0, 16)
}
