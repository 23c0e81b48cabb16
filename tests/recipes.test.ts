import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'

/** The fenced blocks of a document in order: what stands behind the fence, the text within, and the paragraph above. */
function blocksOf(name: string): { kind: string; text: string; above: string }[] {
  const document = readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
  return [...document.matchAll(/^```(\S[^\n]*)\n(.*?)^```$/gms)].map(
    ({ index, 1: kind = '', 2: text = '' }) => ({
      kind,
      text,
      above: document.slice(0, index).trim().split('\n\n').at(-1) ?? '',
    }),
  )
}

const hasPython = spawnSync('python3', ['--version']).status === 0
const recipes = blocksOf('docs/recipes.md')

let server: TestServer
let directory: string

beforeAll(async () => {
  server = await startServer({ ADMIN_USERNAME: 'demo', ADMIN_PASSWORD: 'demo-hunan-2026' })
  directory = mkdtempSync(join(tmpdir(), 'xiangrong-recipes-'))
  for (const { kind, text } of recipes) {
    const file = /^python (\S+)$/.exec(kind)?.[1]
    if (file) writeFileSync(join(directory, file), text)
  }
})
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
  await server.stop()
})

/** Runs a block as it stands; what blocks before it exported and wrote is there. Every `# →` must have been printed. */
function run(block: string): void {
  const script = `set -euo pipefail; [ ! -e .env ] || . ./.env\n${block}\nexport -p > .env\n`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: directory, XR: server.url },
    timeout: 30_000,
  })
  expect(status, `${block}\n${stdout}\n${stderr}`).toBe(0)
  for (const [, promised = ''] of block.matchAll(/^# → (.+)$/gm)) expect(stdout, block).toContain(promised)
}

describe('docs/recipes.md', () => {
  const blocks = recipes.filter(({ kind }) => kind === 'bash')
  test.each(blocks.map(({ above, text }) => [above.split('\n')[0], text]))('%s', (_, text) => {
    if (text.includes('python3') && !hasPython)
      return console.warn('skipped: there is no python3 on this machine')
    run(text)
  })

  test('the query for Excel asks an address that answers with the columns it names', async () => {
    const query = recipes.find(({ kind }) => kind === 'powerquery')?.text ?? ''
    const params = [...(/Query = \[(.*)\]/.exec(query)?.[1]?.matchAll(/(\w+) = "([^"]+)"/g) ?? [])].map(
      ([, name = '', value = '']): [string, string] => [name, value],
    )
    const response = await fetch(
      `${server.url}/${/RelativePath = "([^"]+)"/.exec(query)?.[1]}?${new URLSearchParams(params)}`,
    )
    const titles = [...query.matchAll(/\{"([^"]+)", type/g)].map(([, title]) => title)
    expect((await response.text()).split('\r\n')[0]).toBe(titles.join(','))
  })
})

test('the commands of the README do what it says', () => {
  const [block] = blocksOf('README.md').filter(({ kind }) => kind === 'bash')
  run((block?.text ?? '').replaceAll('localhost:8080', server.url))
})
