import { afterAll, beforeAll, expect, test } from 'vitest'
import { replyOf } from '../support/post.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { arrears } from '../support/signals.ts'

let server: TestServer
let cookie: string
let source: { id: string; key: string }
let other: { id: string; key: string }
beforeAll(async () => {
  server = await startServer()
  cookie = await server.signIn()
  source = await server.createSource({ kinds: ['arrears'], dueEvery: 'day', graceHours: 0 })
  other = await server.createSource({ name: 'other' })
})
afterAll(() => server.stop())

type Asked = { method?: string; body?: unknown; headers?: Record<string, string> }
const ask = async (path: string, { method = 'GET', body, headers = { cookie } }: Asked = {}) =>
  replyOf(
    await fetch(`${server.url}/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  )
const keyOf = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` })
const sourceOf = async (id: string) => (await ask('/sources')).body.sources.find((one: any) => one.id === id)

test('an administrator sends in the name of a source: the rows are that source’s', async () => {
  const path = `/sources/${source.id}/signals/arrears`
  const rows = [arrears({ caseId: 'a' }), arrears({ caseId: 'b', owed: '-1' })]
  const seen = await ask(`${path}/preview`, { method: 'POST', body: rows })
  expect(seen.body.rows.map((row: any) => row.faults.length)).toEqual([0, 1])
  const sent = await ask(path, { method: 'POST', body: rows })
  expect(sent.body).toMatchObject({ accepted: 1, rejected: 1 })
  expect(
    (await ask('/signals/arrears', { method: 'POST', body: rows, headers: keyOf(source) })).body,
  ).toMatchObject({ unchanged: 1, rejected: 1 })
  const columns = { titles: ['案号', '差'], columns: { 差: 'owed' } }
  expect((await ask(`${path}/columns`, { method: 'PUT', body: columns })).status).toBe(200)
  expect((await ask('/signals/arrears/columns', { headers: keyOf(source) })).body.remembered).toMatchObject([
    columns,
  ])
  const { batch } = sent.body
  expect((await ask(`/batches/${batch}`)).body).toMatchObject({ batch, source: source.id, rejected: 1 })
})

test('a person gets what was rejected by saying why, which stands in the audit log; a source gets its own by its key', async () => {
  const path = `/sources/${source.id}/signals/arrears`
  const { batch } = (await ask(path, { method: 'POST', body: [arrears({ caseId: 'c', owed: '-1' })] })).body
  const why = (form: string, reason?: string) =>
    ask(`/batches/${batch}/errors.${form}`, { method: 'POST', body: { reason } })
  for (const form of ['json', 'csv', 'xlsx']) {
    const refused = await ask(`/batches/${batch}/errors.${form}`)
    expect([refused.status, refused.body.detail]).toEqual([401, expect.stringContaining('by POST')])
    for (const reason of [undefined, '看看', '     看   '])
      expect([form, (await why(form, reason)).status]).toEqual([form, 400])
    expect((await why(form, `核对 ${form}，电话 13900000199`)).status).toBe(200)
    expect((await ask(`/batches/${batch}/errors.${form}`, { headers: keyOf(source) })).status).toBe(200)
    expect((await ask(`/batches/${batch}/errors.${form}`, { headers: keyOf(other) })).status).toBe(404)
  }
  expect((await why('json', '核对后请填报人更正')).body.rows).toMatchObject([
    { row: 1, value: { owed: '-1' } },
  ])
  const { entries } = (await ask('/audit?action=export&who=admin')).body
  expect(entries.map(({ subject, reason }: any) => [subject, reason]).reverse()).toEqual([
    ...['json', 'csv', 'xlsx'].map((form) => [
      `batches/${batch}/errors.${form}`,
      expect.stringMatching(new RegExp(`^核对 ${form}，电话 (?!13900000199)`)),
    ]),
    [`batches/${batch}/errors.json`, '核对后请填报人更正'],
  ])
})

test('what a source may not send, an administrator cannot send in its name', async () => {
  const refused = await ask(`/sources/${source.id}/signals/workers`, { method: 'POST', body: [] })
  expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining('it may send arrears')])
  expect((await ask('/sources/src_0/signals/arrears', { method: 'POST', body: [] })).status).toBe(404)
})

test('nobody else may: no session, a key in place of one, the key of another source', async () => {
  const path = `/sources/${source.id}/signals/arrears`
  const strangers: Record<string, string>[] = [
    {},
    { cookie: 'xiangrong.session_token=made.up' },
    keyOf(source),
  ]
  for (const headers of strangers) {
    expect((await ask(path, { method: 'POST', body: [arrears()], headers })).status).toBe(401)
    expect((await ask(`${path}/preview`, { method: 'POST', body: [arrears()], headers })).status).toBe(401)
    expect((await ask(`${path}/columns`, { headers })).status).toBe(401)
  }
  const list = `/sources/${source.id}/batches`
  expect((await ask(list, { headers: {} })).status).toBe(401)
  expect((await ask(list, { headers: keyOf(other) })).status).toBe(403)
  const [{ batch }] = (await ask(list)).body.batches
  expect((await ask(`/batches/${batch}`, { headers: {} })).status).toBe(401)
  expect((await ask(`/batches/${batch}`, { headers: keyOf(other) })).status).toBe(404)
})

test('the batches of a source, newest first, page by page, to an administrator and to the source itself', async () => {
  const sent: string[] = []
  for (let i = 0; i < 5; i++)
    sent.push(
      (
        await ask('/signals/arrears?mode=validate', {
          method: 'POST',
          body: arrears({ caseId: `p-${i}` }),
          headers: keyOf(other),
        })
      ).body.batch,
    )
  const path = `/sources/${other.id}/batches`
  const first = (await ask(`${path}?limit=2`)).body.batches
  expect(first.map((one: any) => one.batch)).toEqual([sent[4], sent[3]])
  expect(first[0]).toMatchObject({
    kind: 'arrears',
    mode: 'validate',
    state: 'done',
    received: 1,
    accepted: 1,
    receivedAt: expect.stringMatching(/\+08:00$/),
  })
  const rest = (await ask(`${path}?before=${first[1].batch}`, { headers: keyOf(other) })).body.batches
  expect(rest.map((one: any) => one.batch)).toEqual([sent[2], sent[1], sent[0]])
  const [{ batch }] = (await ask(`/sources/${source.id}/batches`)).body.batches
  for (const query of ['limit=0', 'limit=201', 'limit=x', 'before=bat_0', `before=${batch}`])
    expect((await ask(`${path}?${query}`)).status, query).toBe(400)
})

test('the list of sources says how each sends', async () => {
  const at = new Date(Date.now() - 20 * 86_400_000).toISOString()
  const late = await server.createSource({ name: 'late', dueEvery: 'day', graceHours: 0 })
  const rows = [
    arrears({ caseId: 'l', observedAt: at }),
    arrears({ caseId: 'm', observedAt: at, owed: '-1' }),
  ]
  await ask('/signals/arrears', { method: 'POST', body: rows, headers: keyOf(late) })
  await ask('/signals/arrears?mode=validate', { method: 'POST', body: rows, headers: keyOf(late) })
  const found = await sourceOf(late.id)
  expect(found).toMatchObject({
    isSilent: true,
    last30Days: { batches: 1, received: 2, rejected: 1, rejectedShare: 0.5 },
  })
  expect(Date.parse(found.newestObservedAt)).toBe(Date.parse(at))
  expect(Date.parse(found.dueAt)).toBeLessThan(Date.now())
  expect(Date.now() - Date.parse(found.lastReceivedAt)).toBeLessThan(60_000)

  // Mending what was rejected is the work of who keeps the rows: the source sent nothing by it.
  const [waiting] = (await ask(`/quarantine?source=${late.id}`)).body.rows
  const value = arrears({ caseId: 'm', observedAt: at })
  const mended = await ask(`/quarantine/${waiting.batch}/${waiting.row}/correct`, {
    ...{ method: 'POST', body: { value } },
  })
  expect(mended).toMatchObject({ status: 200 })
  expect((await ask(`/sources/${late.id}/batches`)).body.batches).toHaveLength(3)
  const after = await sourceOf(late.id)
  expect([after.lastReceivedAt, after.last30Days]).toEqual([found.lastReceivedAt, found.last30Days])
  const never = await server.createSource({ name: 'never' })
  expect(await sourceOf(never.id)).toMatchObject({
    lastReceivedAt: null,
    newestObservedAt: null,
    dueAt: null,
    isSilent: false,
    last30Days: { batches: 0, received: 0, rejected: 0, rejectedShare: null },
  })
})

test('when data are due of a source is changed by itself, with an entry in the audit log', async () => {
  const { id, key } = await server.createSource({ name: 'let go', dueEvery: 'day', graceHours: 0 })
  const at = new Date(Date.now() - 20 * 86_400_000).toISOString()
  await ask('/signals/arrears', {
    method: 'POST',
    body: arrears({ observedAt: at }),
    headers: keyOf({ key }),
  })
  const change = (body: unknown, headers?: Record<string, string>) =>
    ask(`/sources/${id}`, { method: 'PATCH', body, ...(headers && { headers }) })
  expect((await sourceOf(id)).isSilent).toBe(true)
  expect(await change({ graceHours: 8760 })).toMatchObject({ status: 200, body: { id } })
  expect(await sourceOf(id)).toMatchObject({ dueEvery: 'day', graceHours: 8760, isSilent: false })
  expect((await change({ dueEvery: null, graceHours: 0 })).status).toBe(200)
  expect(await sourceOf(id)).toMatchObject({ dueEvery: null, graceHours: 0, dueAt: null, isSilent: false })
  for (const wrong of [
    { dueEvery: 'week' },
    { graceHours: -1 },
    { graceHours: 1.5 },
    { name: 'another' },
    [],
  ])
    expect([wrong, (await change(wrong)).status]).toEqual([wrong, 400])
  expect((await change({ graceHours: 1 }, keyOf({ key }))).status).toBe(401)
  expect((await ask('/sources/src_0', { method: 'PATCH', body: {} })).status).toBe(404)
  const { entries } = (await ask('/audit?action=source.change')).body
  expect(entries.map(({ subject, subjectName, reason }: any) => [subject, subjectName.zh, reason])).toEqual([
    [id, 'let go', '{"dueEvery":null,"graceHours":0}'],
    [id, 'let go', '{"graceHours":8760}'],
  ])
})

test('of what a retired unit sent as nothing is due again', async () => {
  const { id } = await server.createSource({ name: 'of a retired unit', dueEvery: 'month' })
  const unit = { kind: 'office', rank: 'county', name: '将撤销', region: '430503', sourceId: id }
  const made = await ask('/units', { method: 'POST', body: unit })
  await ask(`/units/${made.body.id}/retire`, { method: 'POST', body: {} })
  const refused = await ask(`/sources/${id}`, { method: 'PATCH', body: { dueEvery: 'month' } })
  expect([refused.status, refused.body.detail]).toEqual([409, expect.stringMatching(/^dueEvery: /)])
  expect((await ask(`/sources/${id}`, { method: 'PATCH', body: { graceHours: 1 } })).status).toBe(200)
  expect(await sourceOf(id)).toMatchObject({ dueEvery: null, graceHours: 1 })
})
