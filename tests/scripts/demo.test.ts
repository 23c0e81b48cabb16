import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { beginStores } from '../support/begin-stores.ts'
import { freePort, waitFor } from '../support/server.ts'

test('the demo is of its own stores, whatever the environment says of those of others', async () => {
  const data = mkdtempSync(join(tmpdir(), 'xiangrong-'))
  await beginStores(data)
  const elsewhere = `127.0.0.1:${await freePort()}`
  const script = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url))
  const demo = spawn(
    process.execPath,
    [script, '--data', data, '--port', String(await freePort()), '--workers', '10'],
    {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        DATABASE_URL: `postgres://somebody@${elsewhere}/theirs`,
        CLICKHOUSE_URL: `http://${elsewhere}/theirs`,
        SECRET: 'of another installation'.repeat(2),
        ROLES: 'ingestion',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let printed = ''
  demo.stdout.on('data', (text) => (printed += text))
  demo.stderr.on('data', (text) => (printed += text))
  try {
    await waitFor(() => printed.includes('The wall is live now') || demo.exitCode !== null, 45_000)
    expect(printed).toContain('The wall is live now')
  } finally {
    const ended = demo.exitCode === null ? once(demo, 'exit') : null
    demo.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  }
})
