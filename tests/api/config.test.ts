import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../api/config.ts'
import { beginStores } from '../support/begin-stores.ts'
import { freePort, startAndExit, startServer } from '../support/server.ts'

let root: string
let directories = 0
const directory = () => join(root, `data-${++directories}`)

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'xiangrong-'))
  writeFileSync(join(root, 'file'), '')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const read = (env: Record<string, string> = {}) => readConfig({ DATA_DIR: directory(), ...env })
const fault = (env: Record<string, string>) => {
  try {
    read(env)
  } catch (error) {
    return error as Error & { code: string }
  }
  throw new Error('was taken')
}

describe('a wrong setting is refused by its name, in one line that says what it must be', () => {
  test.each([
    ['PORT', 'http', 'must be a port number'],
    ['PORT', '80.5', 'must be a port number'],
    ['PORT', '65536', 'must be 0 to 65535'],
    ['PORT', '-1', 'must be 0 to 65535'],
    ['CLICKHOUSE_URL', 'clickhouse:9000', 'must be a URL that begins with http:// or https://'],
    ['CLICKHOUSE_URL', 'tcp://db:9000', 'must be a URL that begins with http:// or https://'],
    ['DATABASE_URL', 'mysql://db/x', 'must be a URL that begins with postgres:// or postgresql://'],
    ['SECRET', 'much-too-short', 'must have at least 32 characters'],
    ['DATABASE_URL', 'db:5432', 'must be a URL that begins with postgres:// or postgresql://'],
    ['ADMIN_USERNAME', 'the admin', 'must be 3 to 30 letters, digits, dots or underscores'],
    ['ADMIN_PASSWORD', 'short', 'must have at least 10 characters'],
    ['ADMIN_PASSWORD', 'p'.repeat(129), 'must have at most 128 characters'],
    ['TRUSTED_PROXIES', '10.0.0.0/99', 'must be a list like 10.0.0.0/8,192.0.2.7'],
    ['TRUSTED_PROXIES', 'proxy', 'must be a list like 10.0.0.0/8,192.0.2.7'],
    ['ADMIN_PASSWORD', 'admin-1234', 'must not be the user name, or little more than it'],
    ['PUBLIC_URL', 'xiangrong.example', 'must be a URL that begins with http:// or https://'],
    ['TRUSTED_PROXIES', '10.0.0.0/99', 'must be a list like 10.0.0.0/8,192.0.2.7'],
    ['TRUSTED_PROXIES', 'proxy', 'must be a list like 10.0.0.0/8,192.0.2.7'],
    ['SESSION_IDLE_MINUTES', '0', 'must be a whole number from 1 to 1440'],
    ['SESSION_HOURS', '1.5', 'must be a whole number from 1 to 168'],
    ['ROLES', 'web', 'must be api, ingestion, or both separated by a comma'],
    ['ROLES', 'api,,ingestion', 'must be api, ingestion, or both separated by a comma'],
  ])('%s=%s', (name, value, says) => {
    const error = fault({ ADMIN_USERNAME: 'admin', ADMIN_PASSWORD: 'long-enough-1', [name]: value })
    expect(error.code).toBe('bad_setting')
    expect(error.message).toBe(`setting ${name} ${says}`)
  })

  test('one half of an administrator', () => {
    expect(fault({ ADMIN_USERNAME: 'admin' }).message).toMatch(/^setting ADMIN_PASSWORD is missing/)
    expect(fault({ ADMIN_PASSWORD: 'long-enough' }).message).toMatch(/^setting ADMIN_USERNAME is missing/)
  })

  test('a part of single sign-on, or all of it without the address that it comes back to', () => {
    const oidc = { OIDC_ISSUER: 'https://id.example', OIDC_CLIENT_ID: 'xiangrong', OIDC_CLIENT_SECRET: 's' }
    for (const name of Object.keys(oidc))
      expect(fault({ ...oidc, PUBLIC_URL: 'https://x.example', [name]: '' }).message).toBe(
        'settings OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: set all three or none',
      )
    expect(fault(oidc).message).toBe('setting PUBLIC_URL is missing: single sign-on (OIDC_*) needs it')
  })

  test('a data directory that cannot be made, with or without a SECRET', () => {
    const under = join(root, 'file', 'data')
    const says = `setting DATA_DIR: ${under} cannot be written (ENOTDIR)`
    expect(fault({ DATA_DIR: under }).message).toBe(says)
    expect(fault({ DATA_DIR: under, SECRET: 's'.repeat(32) }).message).toBe(says)
  })

  test('a kept secret that is cut off: nobody may get a new key unnoticed', () => {
    const dataDir = directory()
    read({ DATA_DIR: dataDir })
    for (const rest of ['', 'cut off']) {
      writeFileSync(join(dataDir, 'secret'), rest)
      expect(fault({ DATA_DIR: dataDir }).message).toMatch(/^setting DATA_DIR: .*secret is damaged/)
    }
  })

  test('what is secret is never repeated', () => {
    const env = {
      SECRET: 'my-short-secret',
      ADMIN_PASSWORD: 'hunter2',
      DATABASE_URL: 'mysql://u:hunter3@db/x',
    }
    for (const [name, value] of Object.entries(env)) {
      const error = fault({ ADMIN_USERNAME: 'admin', ADMIN_PASSWORD: 'long-enough-1', [name]: value })
      expect(error.message).not.toMatch(/my-short-secret|hunter/)
    }
  })
})

describe('what is not set has its default', () => {
  test('loopback, port 8080, both roles, embedded stores; empty counts as not set', () => {
    const config = read({ HOST: '', PORT: '', CLICKHOUSE_URL: '', ADMIN_USERNAME: '', ADMIN_PASSWORD: '' })
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      clickhouseUrl: undefined,
      databaseUrl: undefined,
      admin: null,
      isLoopback: true,
    })
    expect([...config.roles].sort()).toEqual(['api', 'ingestion'])
  })

  test('only loopback addresses are loopback', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1']) expect(read({ HOST: host }).isLoopback).toBe(true)
    for (const host of ['0.0.0.0', '::', '192.168.1.5', 'localhost.example.com'])
      expect(read({ HOST: host }).isLoopback).toBe(false)
  })

  test('the secret is made once, kept with mode 0600 in a directory with mode 0700, and never overwritten', () => {
    const dataDir = directory()
    const first = read({ DATA_DIR: dataDir })
    expect(first.secret).toMatch(/^[\w-]{43}$/)
    expect(statSync(join(dataDir, 'secret')).mode & 0o777).toBe(0o600)
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(dataDir, 'secret'), 'utf8')).toBe(first.secret)
    expect(read({ DATA_DIR: dataDir }).secret).toBe(first.secret)
    expect(read().secret).not.toBe(first.secret)
  })

  test('a SECRET that is set is used, and no file is made', () => {
    const dataDir = directory()
    const secret = 's'.repeat(32)
    expect(read({ DATA_DIR: dataDir, SECRET: secret }).secret).toBe(secret)
    expect(() => statSync(join(dataDir, 'secret'))).toThrow('ENOENT')
  })
})

describe('the process itself stops with one line and exit code 1', () => {
  /** A directory with stores that need not be migrated first. */
  async function begun(): Promise<string> {
    const dataDir = directory()
    await beginStores(dataDir)
    return dataDir
  }

  async function stops(env: Record<string, string>, line: string | RegExp) {
    const { code, output } = await startAndExit({ DATA_DIR: directory(), PORT: '0', ...env })
    expect(code, output).toBe(1)
    expect(output).toMatch(/^xiangrong cannot start: [^\n]+\n$/)
    expect(output.slice('xiangrong cannot start: '.length, -1)).toMatch(line)
  }

  test('a malformed setting', () => stops({ PORT: 'x' }, /^setting PORT must be a port number$/))

  test('a directory under a file', () =>
    stops({ DATA_DIR: join(root, 'file', 'data') }, /^setting DATA_DIR: .* cannot be written \(ENOTDIR\)$/))

  test('a port that is in use', async () => {
    const port = await freePort()
    const holder = createServer().listen(port, '127.0.0.1')
    try {
      await stops(
        { DATA_DIR: await begun(), PORT: String(port) },
        new RegExp(`^setting PORT: ${port} is in use on 127.0.0.1$`),
      )
    } finally {
      holder.close()
    }
  })

  test('an address of another machine', async () =>
    stops(
      { DATA_DIR: await begun(), HOST: '203.0.113.7' },
      /^setting HOST: 203.0.113.7 is not an address of this machine$/,
    ))

  test('a database that is away', () =>
    stops(
      { DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/x' },
      /^setting DATABASE_URL: the server cannot be reached; is it running, and is the address right\?$/,
    ))

  test('a ClickHouse that is away', () =>
    stops(
      { CLICKHOUSE_URL: 'http://u:hunter2@127.0.0.1:1/x' },
      /^setting CLICKHOUSE_URL: the server cannot be reached; is it running, and is the address right\?$/,
    ))

  test('a SECRET other than the one the stores were begun with', async () => {
    const dataDir = await begun()
    const server = await startServer({ DATA_DIR: dataDir, SECRET: 's'.repeat(32) })
    await server.stop()
    await stops(
      { DATA_DIR: dataDir, SECRET: 'r'.repeat(32) },
      /^setting SECRET: these stores were begun with/,
    )
  })
})

test('a first start without an administrator prints a link that works once; the next start prints none', async () => {
  const server = await startServer({ ADMIN_USERNAME: '', ADMIN_PASSWORD: '' })
  const links = () => [...server.output().matchAll(/http:\S+\/setup#(\S+)/g)].map((match) => match[1] ?? '')
  const account = { username: 'first.admin', password: 'correct-horse-2' }
  const post = (path: string, body: object) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  try {
    expect(links()).toHaveLength(1)
    const [unused] = links()
    await server.killAndRestart()
    expect(links()).toHaveLength(2)
    const token = links()[1]
    expect((await post('/v1/setup', { ...account, token: unused })).status).toBe(403)
    expect((await post('/v1/setup', { ...account, token: 'guess' })).status).toBe(403)
    expect((await post('/v1/setup', { ...account, password: 'short', token })).status).toBe(400)
    const made = await Promise.all([1, 2, 3].map(() => post('/v1/setup', { ...account, token })))
    expect(made.map((response) => response.status).sort()).toEqual([201, 403, 403])
    expect((await post('/v1/setup', { ...account, username: 'second.admin', token })).status).toBe(403)
    const signedIn = await post('/v1/auth/sign-in/username', account)
    expect(signedIn.status).toBe(200)
    const cookie = (signedIn.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
    expect((await server.get('/v1/me', cookie)).user).toMatchObject({
      username: 'first.admin',
      role: 'administrator',
    })
    await server.killAndRestart()
    expect(links()).toHaveLength(2)
    expect(server.output()).not.toContain(account.password)
  } finally {
    await server.stop()
  }
})
