import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { maskIdNumber } from '#domain/person.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'
import { idNumber, idNumberFor, worker } from '../support/signals.ts'

const SECRET = 'a secret of the server tests, long enough'
const REASON = '核实工资发放对象'
const { personKey } = deriveKeys(SECRET)
let server: TestServer
let key: string
let cookie: string

beforeAll(async () => {
  server = await startServer({ SECRET })
  key = (await server.createSource()).key
  cookie = await server.signIn()
})
afterAll(() => server.stop())

async function ask(path: string, body: object) {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as any }
}

/** Files of the data directory that hold a text as it is. */
function filesWith(text: string): string[] {
  return readdirSync(server.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text))
}

describe('a person who was sent', () => {
  const person = { idNumber: idNumber(7), name: '慕容标记测', phone: '13912345678' }

  it('is found and opened', async () => {
    const sent = worker({ ...person, employer: '可见的用人单位' })
    expect(
      (await server.send('workers', key, [sent, worker({ ...person, status: 'x' })])).body,
    ).toMatchObject({
      accepted: 1,
      rejected: 1,
    })
    const found = await ask('/v1/identities/search', { phone: person.phone, reason: REASON })
    expect(found).toMatchObject({
      status: 200,
      body: { matches: [{ personKey: personKey(person.idNumber), idNumber: maskIdNumber(person.idNumber) }] },
    })
    const record = await ask('/v1/identities/read', { personKey: personKey(person.idNumber), reason: REASON })
    expect(record.body).toMatchObject({ name: { value: person.name }, phone: { value: person.phone } })
  })

  it('stands in clear in no file of the data directory and in nothing the server prints', async () => {
    // What may be read is found by the same search, so it would find the rest.
    expect(filesWith('可见的用人单位').length).toBeGreaterThan(0)
    for (const text of [person.idNumber, person.name, person.phone]) {
      expect(filesWith(text)).toEqual([])
      expect(server.output()).not.toContain(text)
    }
  })
})

describe('logging in', () => {
  it('is in the audit log, and so is failing to; a name that is nobody’s is not kept', async () => {
    for (const account of [
      { username: ADMIN.username, password: 'wrong-password' },
      { username: 'myPassword123', password: 'wrong-password' },
    ])
      await fetch(`${server.url}/v1/auth/sign-in/username`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(account),
      })
    const { entries } = await server.get('/v1/audit?action=signIn.success,signIn.failure&limit=3', cookie)
    expect(entries).toMatchObject([
      { action: 'signIn.failure', whoName: '', subject: '' },
      { action: 'signIn.failure', whoName: ADMIN.username },
      { action: 'signIn.success', whoName: ADMIN.username },
    ])
    expect(JSON.stringify(entries)).not.toContain('myPassword123')
    expect(entries[0].address).toMatch(/127\.0\.0\.1/)
  })
})

describe('a rotation', () => {
  it('that is killed goes on by itself after the restart, and every record opens', async () => {
    const PEOPLE = 12_000
    const people = Array.from({ length: PEOPLE }, (_, n) =>
      worker({ idNumber: idNumberFor(n), name: `人${n}`, phone: `136${String(n).padStart(8, '0')}` }),
    )
    for (let i = 0; i < PEOPLE; i += 4_000)
      expect((await server.send('workers', key, people.slice(i, i + 4_000))).status).toBe(200)
    for (let round = 2; round <= 4; round++) {
      const { status, body } = await ask('/v1/identities/key/rotate', { reason: REASON })
      expect([status, body.current]).toEqual([202, round])
      expect(body.remaining).toBeGreaterThan(0)
      await server.killAndRestart()
      cookie = await server.signIn()
    }
    await expect
      .poll(() => server.get('/v1/identities/key', cookie), { timeout: 60_000 })
      .toEqual({ current: 4, remaining: 0 })
    for (let n = 0; n < PEOPLE; n += 997) {
      const { body } = await ask('/v1/identities/read', {
        personKey: personKey(idNumberFor(n)),
        reason: REASON,
      })
      expect([body.idNumber.value, body.name.value, body.phone.value]).toEqual([
        idNumberFor(n),
        `人${n}`,
        `136${String(n).padStart(8, '0')}`,
      ])
    }
    expect(await server.get('/v1/audit/verify', cookie)).toMatchObject({ broken: null })
    expect(server.output()).not.toContain('failed')
  }, 180_000)
})
