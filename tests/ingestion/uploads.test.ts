import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeGbk } from '../support/gbk.ts'
import { post, replyOf } from '../support/post.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { idNumberFor } from '../support/signals.ts'
import { workbook, XLSX } from '../support/xlsx.ts'

let server: TestServer
let key: string

beforeAll(async () => {
  server = await startServer()
  key = (await server.createSource()).key
})
afterAll(() => server.stop())

const CSV = { 'content-type': 'text/csv' }
const ASYNC = { prefer: 'respond-async' }
const look = async (path: string) =>
  replyOf(await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}` } }))
const spooled = () => readdirSync(join(server.dataDir, 'uploads'))
async function finished(batch: string): Promise<any> {
  let found: any
  await expect
    .poll(async () => {
      found = (await look(`/v1/batches/${batch}`)).body
      return found.state
    })
    .toMatch(/done|failed/)
  return found
}

const HEADER = '身份证号,姓名,户籍地,状态,观测时间,用人单位'
/** Lines of people `from`…; every tenth has a status that is none. Padded so that 40,000 are over 8 MiB. */
const lines = (from: number, rows: number, pad = 0) =>
  Array.from(
    { length: rows },
    (_, i) =>
      `${idNumberFor(from + i)},测试甲,430522,${i % 10 === 9 ? '无此状态' : '在岗'},2026-11-01 09:30,${'示'.repeat(pad)}`,
  )
const csv = (from: number, rows: number, pad = 0) => [HEADER, ...lines(from, rows, pad)].join('\n')
/** 40,000 rows over 8 MiB, 4,000 of them bad. */
const large = (from: number) => csv(from, 40_000, 90)

test('a body over 8 MiB is taken in chunks, counted exactly, and its file is gone after', async () => {
  const body = large(100_000)
  expect(Buffer.byteLength(body)).toBeGreaterThan(8 * 1024 * 1024)
  const first = await post(server, 'workers', key, body, { headers: CSV })
  expect(first.body, first.text.slice(0, 500)).toMatchObject({
    received: 40_000,
    accepted: 36_000,
    unchanged: 0,
    rejected: 4_000,
  })
  expect(first.body.errors).toHaveLength(100)
  expect(first.body.errors[99]).toMatchObject({ row: 1_000, path: 'status' })
  // The same in GB18030 and packed: known to the last row.
  const packed = gzipSync(encodeGbk(body), { level: 1 })
  const again = await post(server, 'workers', key, packed, {
    headers: { ...CSV, ...ASYNC, 'content-encoding': 'gzip' },
  })
  expect(await finished(again.body.batch)).toMatchObject({
    state: 'done',
    accepted: 0,
    unchanged: 36_000,
    rejected: 4_000,
  })
  expect(spooled()).toEqual([])
})

test('respond-async answers 202 with the address, repeats it under its key, and tells progress', async () => {
  const headers = { ...CSV, prefer: 'wait=1, respond-async', 'idempotency-key': 'async-1' }
  const body = csv(200_000, 30)
  const sent = await post(server, 'workers', key, body, { headers })
  expect(sent.status).toBe(202)
  expect(sent.headers.get('location')).toBe(`/v1/batches/${sent.body.batch}`)
  expect(sent.headers.get('preference-applied')).toBe('respond-async')
  expect(await finished(sent.body.batch)).toMatchObject({
    state: 'done',
    received: 30,
    accepted: 27,
    rejected: 3,
    rowsDone: 30,
    bytesDone: Buffer.byteLength(body),
    bytesTotal: Buffer.byteLength(body),
    startedAt: expect.any(String),
    finishedAt: expect.any(String),
    problem: null,
  })
  const again = await post(server, 'workers', key, body, { headers })
  expect([again.status, again.body]).toEqual([202, sent.body])
  expect((await post(server, 'workers', key, csv(200_100, 3), { headers })).status).toBe(409)
  expect((await look(`/v1/batches/${sent.body.batch}/errors.json`)).body.rows).toHaveLength(3)
})

test('JSON, NDJSON and XLSX wait as well; one that cannot be read fails and says why', async () => {
  const person = (n: number) => ({
    idNumber: idNumberFor(n),
    name: '甲',
    homeRegion: '430522',
    status: 'employed',
    observedAt: '2026-11-01',
  })
  const bodies: [string | Uint8Array, Record<string, string>, string][] = [
    [JSON.stringify([person(210_000), person(210_001)]), { 'content-type': 'application/json' }, 'done'],
    [
      `${JSON.stringify(person(210_002))}\n\n${JSON.stringify(person(210_003))}`,
      { 'content-type': 'application/x-ndjson' },
      'done',
    ],
    [workbook([HEADER.split(','), ...lines(210_010, 2).map((line) => line.split(','))]), XLSX, 'done'],
    [`${HEADER}\n"never closed`, CSV, 'failed'],
    ['{', { 'content-type': 'application/json' }, 'failed'],
  ]
  for (const [body, headers, state] of bodies) {
    const { body: answer } = await post(server, 'workers', key, body, { headers: { ...headers, ...ASYNC } })
    const batch = await finished(answer.batch)
    expect(batch).toMatchObject(
      state === 'done' ? { state, accepted: 2 } : { state, accepted: 0, problem: { code: 'bad_request' } },
    )
  }
  expect(spooled()).toEqual([])
})

test('atomic=all over several chunks takes none when one row is bad, and all when none is', async () => {
  const bad = await post(server, 'workers', key, csv(300_000, 28_000, 90), {
    headers: CSV,
    query: '?atomic=all',
  })
  expect(bad.status).toBe(422)
  expect(bad.body).toMatchObject({ received: 28_000, accepted: 0, unchanged: 0, rejected: 2_800 })
  const good = csv(300_000, 12_000).replaceAll('无此状态', '求职')
  const all = await post(server, 'workers', key, good, {
    headers: { ...CSV, ...ASYNC },
    query: '?atomic=all',
  })
  expect(await finished(all.body.batch)).toMatchObject({
    state: 'done',
    accepted: 12_000,
    unchanged: 0,
    rejected: 0,
  })
})

test('validate counts over chunks what would happen, a repeated row once, and commits nothing', async () => {
  const rows = lines(400_000, 6_000).map((line) => line.replace('无此状态', '在岗'))
  const body = [HEADER, ...rows, ...rows].join('\n')
  const sent = await post(server, 'workers', key, body, {
    headers: { ...CSV, ...ASYNC },
    query: '?mode=validate',
  })
  expect(await finished(sent.body.batch)).toMatchObject({
    mode: 'validate',
    accepted: 6_000,
    unchanged: 6_000,
  })
  const real = await post(server, 'workers', key, body, { headers: { ...CSV, ...ASYNC } })
  expect(await finished(real.body.batch)).toMatchObject({ accepted: 6_000, unchanged: 6_000 })
})

test('killed in the middle it goes on, counts exactly, and no chunk is unchanged of itself', async () => {
  const { body } = await post(server, 'workers', key, large(500_000), { headers: { ...CSV, ...ASYNC } })
  const [file = ''] = spooled()
  expect(statSync(join(server.dataDir, 'uploads', file)).mode & 0o777).toBe(0o600)
  await expect
    .poll(async () => (await look(`/v1/batches/${body.batch}`)).body.rowsDone, { interval: 5 })
    .toBeGreaterThan(0)
  await server.kill()
  expect(spooled()).toEqual([body.batch])
  await server.restart()
  expect(await finished(body.batch)).toMatchObject({
    state: 'done',
    received: 40_000,
    accepted: 36_000,
    unchanged: 0,
    rejected: 4_000,
    rowsDone: 40_000,
  })
  expect(spooled()).toEqual([])
})
