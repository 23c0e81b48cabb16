import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { enterWithPost } from '../support/people.ts'
import { codesOf, replyOf } from '../support/post.ts'
import { ADMIN, startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears, worker } from '../support/signals.ts'

let server: TestServer
let cookie: string
let source: { id: string; key: string }
beforeAll(async () => {
  server = await startServer()
  cookie = await server.signIn()
  source = await server.createSource({ kinds: ['arrears', 'workers'], region: '4305' })
})
afterAll(() => server.stop())

const ask = async (
  path: string,
  body?: unknown,
  headers: Record<string, string> = { cookie },
  method = body === undefined ? 'GET' : 'POST',
) =>
  replyOf(
    await fetch(`${server.url}/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  )
/** The same row each time: sent again, it changes nothing. */
const AT = '2026-08-15T09:30:00+08:00'
const keysPath = () => `/sources/${source.id}/keys`
const make = async (terms: object = {}): Promise<{ id: string; key: string }> => {
  const made = await ask(keysPath(), terms)
  expect(made.status, made.text).toBe(201)
  return made.body
}
const keptKey = async (id: string) =>
  (await ask(keysPath())).body.keys.find((key: { id: string }) => key.id === id)
const send = (key: string, caseId: string, headers: Record<string, string> = {}) =>
  ask('/signals/arrears', [arrears({ caseId, observedAt: AT })], {
    authorization: `Bearer ${key}`,
    ...headers,
  })

test('only an administrator sees, makes, replaces and revokes keys; nobody sees a key again', async () => {
  const { id, key } = await make({ expiresInDays: 30, allowedAddresses: ['127.0.0.1'], rowsPerMinute: 60 })
  const acts: [string, object | undefined][] = [
    [keysPath(), undefined],
    [keysPath(), {}],
    [`${keysPath()}/${id}/rotate`, {}],
    [`${keysPath()}/${id}/revoke`, { reason: '测试' }],
  ]
  for (const headers of [{}, { authorization: `Bearer ${source.key}` }] as Record<string, string>[])
    for (const [path, body] of acts) expect((await ask(path, body, headers)).status, path).toBe(401)
  const listed = await ask(keysPath())
  expect(listed.text).not.toContain(key)
  expect(listed.text).not.toContain(source.key)
  expect(await keptKey(id)).toMatchObject({
    prefix: key.slice(0, 8),
    allowedAddresses: ['127.0.0.1/32'],
    rowsPerMinute: 60,
    createdBy: ADMIN.username,
    revokedAt: null,
    lastUsedAt: null,
  })
})

test('who manages sources of one city has the keys of those alone; who may not manage has none', async () => {
  const { id } = await make()
  const strangers: [number, string][] = [
    [404, await enterWithPost(server, { role: 'administrator', regions: ['4301'] })],
    [403, await enterWithPost(server, { role: 'analyst', regions: ['4305'] })],
  ]
  for (const [status, stranger] of strangers) {
    const as = { cookie: stranger }
    expect((await ask(keysPath(), undefined, as)).status).toBe(status)
    expect((await ask(keysPath(), {}, as)).status).toBe(status)
    expect((await ask(`${keysPath()}/${id}`, { rowsPerMinute: 5 }, as, 'PATCH')).status).toBe(status)
    expect((await ask(`${keysPath()}/${id}/rotate`, {}, as)).status).toBe(status)
    expect((await ask(`${keysPath()}/${id}/revoke`, { reason: '测试' }, as)).status).toBe(status)
  }
  const manager = await enterWithPost(server, { role: 'administrator', regions: ['4305'] })
  expect((await ask(`${keysPath()}/${id}/revoke`, { reason: '测试' }, { cookie: manager })).status).toBe(200)
})

test.each([
  [{ allowedAddresses: ['localhost'] }, /allowedAddresses.0: must be an address like 203/],
  [{ allowedAddresses: ['10.0.0.0/33'] }, /allowedAddresses.0: must be an address like 203/],
  [{ allowedAddresses: ['fe80::1%eth0'] }, /allowedAddresses.0/],
  [{ rowsPerMinute: 0 }, /rowsPerMinute/],
  [{ expiresInDays: 0 }, /expiresInDays/],
  [{ kinds: [] }, /kinds: must name at least one kind/],
  [{ kinds: ['industry'] }, /may not send industry/],
  [{ region: '4301' }, /must lie in the region of the source/],
  [{ anything: 1 }, /anything/],
])('terms that cannot be are refused: %o', async (terms, says) => {
  const { status, body } = await ask(keysPath(), terms)
  expect([status, body.detail]).toEqual([400, expect.stringMatching(says)])
})

test('the terms of a key change at once where they are given, and only there, and the log says how', async () => {
  const key = await make()
  const at = `${keysPath()}/${key.id}`
  expect((await send(key.key, 'terms')).status).toBe(200)
  const before = await keptKey(key.id)
  const patch = (terms: object) => ask(at, terms, { cookie }, 'PATCH')
  expect((await patch({ allowedAddresses: ['203.0.113.0/24'] })).body).toMatchObject({
    ...before,
    allowedAddresses: ['203.0.113.0/24'],
    lastUsedAt: expect.anything(),
  })
  await waitFor(async () => (await send(key.key, 'terms')).status === 403)
  expect((await patch({ allowedAddresses: [], rowsPerMinute: 1 })).status).toBe(200)
  await waitFor(async () => (await send(key.key, 'terms')).status === 200)
  // One row a minute has been used up: the old key's place in the count does not stay.
  expect((await send(key.key, 'terms')).status).toBe(429)
  expect((await patch({ rowsPerMinute: null, kinds: ['workers'], expiresInDays: 1 })).status).toBe(200)
  await waitFor(async () => (await send(key.key, 'terms')).status === 403)
  expect(Date.parse((await keptKey(key.id)).expiresAt ?? '')).toBeLessThan(Date.now() + 25 * 3_600_000)
  for (const [terms, status] of [
    [{ kinds: ['industry'] }, 400],
    [{ region: '4301' }, 400],
    [{ allowedAddresses: ['localhost'] }, 400],
    [{ anything: 1 }, 400],
  ] as const)
    expect((await patch(terms)).status).toBe(status)
  await ask(`${at}/revoke`, { reason: '测试' })
  expect((await patch({ rowsPerMinute: 5 })).status).toBe(409)
  const { entries } = await server.get(`/v1/audit?action=key.change&text=${key.id}`, cookie)
  expect(entries.map(({ reason }: any) => JSON.parse(reason)).reverse()).toEqual([
    { allowedAddresses: ['203.0.113.0/24'] },
    { allowedAddresses: [], rowsPerMinute: 1 },
    { rowsPerMinute: null, kinds: ['workers'], expiresInDays: 1 },
  ])
})

test('both keys send while one takes over from the other; then only the new one', async () => {
  const old = await make()
  const next = (await ask(`${keysPath()}/${old.id}/rotate`, { overlapHours: 1 })).body
  expect((await send(old.key, 'a')).body).toMatchObject({ accepted: 1 })
  expect((await send(next.key, 'a')).body).toMatchObject({ unchanged: 1 })
  expect(await keptKey(old.id)).toMatchObject({ replacedBy: next.id, lastUsedAt: expect.any(String) })
  expect((await ask(`${keysPath()}/${old.id}/rotate`, {})).status).toBe(409)

  const last = (await ask(`${keysPath()}/${next.id}/rotate`, { overlapHours: 0 })).body
  const refused = await send(next.key, 'a')
  expect([refused.status, refused.body.detail]).toEqual([
    401,
    expect.stringMatching(/this source key expired at/),
  ])
  expect((await send(last.key, 'a')).status).toBe(200)
})

test('a revoked key is refused within two seconds though it was just used, the others of its source are not', async () => {
  const lost = await make()
  expect((await send(lost.key, 'b')).status).toBe(200)
  const revoked = await ask(`${keysPath()}/${lost.id}/revoke`, { reason: '邮件误发' })
  expect(revoked.body).toMatchObject({ id: lost.id, revokedBy: ADMIN.username })
  await waitFor(async () => (await send(lost.key, 'b')).status === 401, 2_000)
  expect((await send(lost.key, 'b')).body.detail).toMatch(
    /was revoked at .*; ask the administrator for a new one/,
  )
  expect((await send(source.key, 'b')).status).toBe(200)
  expect((await ask(`${keysPath()}/${lost.id}/revoke`, { reason: '再来' })).body.revokedAt).toBe(
    revoked.body.revokedAt,
  )
})

test('a key bound to addresses is refused from another, whatever a header says', async () => {
  const { key } = await make({ allowedAddresses: ['127.0.0.2/32', '192.0.2.0/24'] })
  const statusFrom = (localAddress: string) =>
    new Promise((resolve, reject) => {
      request(`${server.url}/v1/signals/arrears`, {
        method: 'POST',
        localAddress,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      })
        .on('response', (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end(JSON.stringify([arrears({ caseId: 'c' })]))
    })
  expect(await statusFrom('127.0.0.2')).toBe(200)
  expect(await statusFrom('127.0.0.3')).toBe(403)
  const refused = await send(key, 'c', { 'x-forwarded-for': '192.0.2.7' })
  expect([refused.status, refused.body.detail]).toEqual([
    403,
    expect.stringContaining('may not be used from 127.0.0.1'),
  ])
})

test('rows beyond the limit of a key are waited for; other keys go on', async () => {
  const { key } = await make({ rowsPerMinute: 10 })
  const rows = Array.from({ length: 30 }, (_, i) => arrears({ caseId: `d${i}`, observedAt: AT }))
  const sendAll = () => ask('/signals/arrears', rows, { authorization: `Bearer ${key}` })
  expect((await sendAll()).body).toMatchObject({ accepted: 30 })
  const refused = await sendAll()
  // 20 rows beyond, and one to begin with, at 10 a minute: 126 s less what has passed.
  const waitS = Number(refused.headers.get('retry-after'))
  expect(refused.status).toBe(429)
  expect(waitS).toBeGreaterThan(60)
  expect(waitS).toBeLessThanOrEqual(126)
  expect(refused.body).toMatchObject({
    code: 'too_often',
    detail: `this key may send 10 rows a minute; send the same again after ${waitS} s`,
  })
  expect((await send(source.key, 'd0')).body).toMatchObject({ unchanged: 1 })
})

test('a narrowed key sends its part, at once or later, and reads nothing but what it sent', async () => {
  const narrow = await make({ kinds: ['arrears'], region: '430503' })
  const as = { authorization: `Bearer ${narrow.key}` }
  expect((await ask('/signals/workers', [worker()], as)).status).toBe(403)
  const rows = [
    arrears({ caseId: 'e', workRegion: '430503' }),
    arrears({ caseId: 'f', workRegion: '430521' }),
  ]
  const later = await ask('/signals/arrears', rows, { ...as, prefer: 'respond-async' })
  const batchOf = async (id: string, headers: Record<string, string>) =>
    ask(`/batches/${id}`, undefined, headers)
  await waitFor(async () => (await batchOf(later.body.batch, as)).body.state === 'done')
  expect((await batchOf(later.body.batch, as)).body).toMatchObject({ accepted: 1, rejected: 1 })
  const now = await ask('/signals/arrears', rows, as)
  expect(now.body).toMatchObject({
    unchanged: 1,
    rejected: 1,
    errors: [{ row: 2, code: 'region_forbidden' }],
  })

  const others = (await send(source.key, 'g')).body.batch
  expect((await batchOf(others, as)).status).toBe(404)
  expect((await ask(`/batches/${others}/errors.json`, undefined, as)).status).toBe(404)
  for (const path of ['/quarantine', `/sources/${source.id}/batches`])
    expect((await ask(path, undefined, as)).status, path).toBe(403)
  expect((await ask(`/batches/${others}/withdraw`, { reason: '测试' }, as)).status).toBe(404)
  expect((await batchOf(now.body.batch, { authorization: `Bearer ${source.key}` })).status).toBe(200)
})

test('a replay lets in what the key of a row may send, also when it has been revoked since', async () => {
  const whole = await server.createSource({ region: '4305' })
  const path = `/sources/${whole.id}`
  const narrow = (await ask(`${path}/keys`, { region: '430503' })).body
  const map = (...sectors: string[]) =>
    ask(
      `${path}/mappings`,
      { mappings: sectors.map((theirs) => ({ field: 'sector', theirs, ours: 'E' })) },
      { cookie },
      'PUT',
    )
  await map('已有')
  const rows = [
    arrears({ caseId: 'h', workRegion: '430521', sector: '已有' }),
    arrears({ caseId: 'i', workRegion: '430521', sector: '未列' }),
    arrears({ caseId: 'j', workRegion: '430503', sector: '未列' }),
  ]
  const sent = await ask('/signals/arrears', rows, { authorization: `Bearer ${narrow.key}` })
  expect(codesOf(sent)).toEqual([
    '1 workRegion region_forbidden',
    '2 sector unmapped_code',
    '3 sector unmapped_code',
  ])
  await ask('/signals/arrears', [{ ...rows[1], caseId: 'k' }], { authorization: `Bearer ${whole.key}` })
  await ask(`${path}/keys/${narrow.id}/revoke`, { reason: '测试' })

  await map('已有', '未列')
  const replayed = await ask('/quarantine/replay', { source: whole.id })
  expect(replayed.body).toMatchObject({ judged: 4, replayed: 2 })
  const waiting = await ask(`/quarantine?source=${whole.id}&state=waiting`)
  expect(codesOf({ body: { errors: waiting.body.rows.flatMap((row: any) => row.errors) } })).toEqual([
    '1 workRegion region_forbidden',
    '2 workRegion region_forbidden',
  ])
})

test('the list of sources says which key is to be renewed', async () => {
  const of = async (id: string) =>
    (await ask('/sources')).body.sources.find((one: { id: string }) => one.id === id).keys
  const short = await server.createSource({ name: 'short' })
  expect(await of(short.id)).toEqual({ active: 1, toRenewAt: null })
  const [first] = (await ask(`/sources/${short.id}/keys`)).body.keys
  expect((await ask('/signals/arrears', [arrears()], { authorization: `Bearer ${short.key}` })).status).toBe(
    200,
  )
  await ask(`/sources/${short.id}/keys/${first.id}/rotate`, { overlapHours: 48 })
  const { active, toRenewAt } = await of(short.id)
  expect(active).toBe(2)
  expect(Date.parse(toRenewAt)).toBeGreaterThan(Date.now())
  for (const { id } of (await ask(`/sources/${short.id}/keys`)).body.keys)
    await ask(`/sources/${short.id}/keys/${id}/revoke`, { reason: '停报' })
  expect(await of(short.id)).toEqual({ active: 0, toRenewAt: null })
})

test('every act is in the audit log, with who and why', async () => {
  const { entries } = await server.get('/v1/audit?action=key.create,key.rotate,key.revoke&limit=500', cookie)
  const acts = new Set(entries.map((entry: { action: string }) => entry.action))
  expect(acts).toEqual(new Set(['key.create', 'key.rotate', 'key.revoke']))
  expect(entries.find((entry: { reason: string }) => entry.reason === '邮件误发')).toMatchObject({
    action: 'key.revoke',
    whoName: ADMIN.username,
    subject: expect.stringMatching(new RegExp(`^${source.id} key_`)),
    address: expect.stringContaining('127.0.0.1'),
  })
  // A key is named by its first characters, as in the list of keys.
  expect(JSON.stringify(entries)).not.toMatch(/xr_[\w-]{6,}/)
  expect(server.output()).not.toContain('xr_')
})
