import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** What stands in the place of a test where there is nothing to show: what a point leaves to others, or openly open. */
const UNSHOWN = /not done|not used|^one, from/
const root = new URL('..', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const page = read('SECURITY.md')
const named = (text: string) => [...text.matchAll(/`(?:node )?(tests\/[^`]+)`/g)].map(([, path = '']) => path)

/** The rows of the table of OWASP's points. */
const ROWS = (/## OWASP ASVS[\s\S]*?(?=\n## )/.exec(page)?.[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| V'))
  .map((line) => {
    const [, points = '', state = '', tests = ''] = line.split('|').map((cell) => cell.trim())
    return { points, state, tests: named(tests) }
  })

/** The test files that a path stands for. */
const filesOf = (path: string) =>
  path.endsWith('/') ? globSync(`${path}**/*.test.ts`, { cwd: root.pathname }) : [path]

test.each([...new Set(named(page))])('%s, which SECURITY.md names, is there and skips nothing', (path) => {
  const files = filesOf(path)
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) {
    expect(existsSync(new URL(file, root)), file).toBe(true)
    if (!file.endsWith('.test.ts')) continue
    expect(read(file), file).toMatch(/\b(?:test|it)(?:\.each|\.prop)?[(<[]/)
    expect(read(file), file).not.toMatch(/\b(?:test|it|describe)\.(?:skip|todo|only|fails)\b/)
  }
})

test('every point of OWASP that is answered names the test that shows it', () => {
  expect(ROWS.length).toBeGreaterThan(20)
  expect(ROWS.filter(({ state, tests }) => tests.length === 0 && !UNSHOWN.test(state))).toEqual([])
})
