import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DAY_MS } from '#domain/time.ts'
import { begin } from '../support/begin.ts'
import { XLSX } from '../support/forms.ts'
import { post, readCounts } from '../support/post.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { arrears, idNumberFor, worker } from '../support/signals.ts'
import { workbook } from '../support/workbook.ts'

const MIB = 1024 * 1024

let server: TestServer
let source: { id: string; key: string }
let other: { id: string; key: string }
let cookie: string
/** A body that drips from the beginning on, while the other tests run. */
let dripping: { said: () => string; stop: () => void }
beforeAll(async () => {
  server = await startServer()
  source = await server.createSource({ name: 'a' })
  dripping = await drip()
  other = await server.createSource({ name: 'b' })
  cookie = await server.signIn()
})
afterAll(() => server.stop())
afterEach(() => {
  expect(server.output()).not.toContain('"level":50')
  expect(server.process.exitCode).toBeNull()
})

const files = () => readdirSync(join(server.dataDir, 'uploads'))
const batchesOf = async ({ id }: { id: string }): Promise<any[]> =>
  (await server.get(`/v1/sources/${id}/batches?limit=200`, cookie)).batches
const send = (rows: unknown[], { key } = source) => post(server, 'workers', key, JSON.stringify(rows))

async function drip() {
  const said = { 'content-type': 'application/x-ndjson', 'content-length': 200_000 }
  const socket = await begin(server, source.key, said, Buffer.from('{'))
  let answer = ''
  socket.on('data', (part) => (answer += part))
  const drops = setInterval(() => socket.write(' '), 1_000)
  return { said: () => answer, stop: () => clearInterval(drops) }
}

let serial = 0
const someone = (over: Record<string, unknown> = {}) => worker({ idNumber: idNumberFor(++serial), ...over })
/** Long enough that a body of 40,000 rows lies in a file, which it does beyond 8 MiB. */
const WIDE = '工'.repeat(100)

describe('an upload that is cut off leaves nothing behind', () => {
  const json = () => JSON.stringify(Array.from({ length: 3_000 }, () => someone()))
  const ndjson = () =>
    Array.from({ length: 40_000 }, () => JSON.stringify(someone({ occupation: WIDE }))).join('\n')
  const picture = () => ({ parts: { 'xl/media/image1.png': randomBytes(20 * MIB) } })
  const sheet = () => {
    const rows = Array.from({ length: 100 }, () => someone())
    return workbook([Object.keys(someone()), ...rows.map((row) => Object.values(row).map(String))], picture())
  }
  const CASES: [string, string, () => string | Uint8Array, Record<string, string>][] = [
    ['JSON', 'application/json', json, {}],
    ['JSON, packed', 'application/json', () => gzipSync(json()), { 'content-encoding': 'gzip' }],
    ['NDJSON that lies in a file', 'application/x-ndjson', ndjson, {}],
    ['a workbook that lies in a file', XLSX, sheet, {}],
    ['NDJSON whose sender does not wait', 'application/x-ndjson', ndjson, { prefer: 'respond-async' }],
  ]

  test.each(CASES)('%s', async (_name, type, make, headers) => {
    const before = [await readCounts(server), await batchesOf(source)]
    const body = Buffer.from(make())
    const said = { 'content-type': type, 'content-length': body.length, ...headers }
    for (const path of ['', '/preview'])
      for (const share of [0, 0.5, 0.999]) {
        const socket = await begin(
          server,
          source.key,
          said,
          body.subarray(0, Math.floor(body.length * share)),
          path,
        )
        if (share > 0 && body.length > 16 * MIB) await expect.poll(() => files().length).toBe(1)
        socket.destroy()
        await once(socket, 'close')
        await expect.poll(files).toEqual([])
      }
    expect([await readCounts(server), await batchesOf(source)]).toEqual(before)
  })

  test('who hangs up before the answer, and sends the same again, is counted once', async () => {
    const rows = Array.from({ length: 2_000 }, () => someone({ homeRegion: '430921' }))
    const body = JSON.stringify(rows)
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'hung-up' }
    const socket = await begin(
      server,
      source.key,
      { ...headers, 'content-length': Buffer.byteLength(body) },
      Buffer.from(body),
    )
    socket.destroy()
    const again = await post(server, 'workers', source.key, body, { headers })
    expect(again.body.accepted + again.body.unchanged).toBe(2_000)
    const { rows: counted } = await server.get('/v1/distribution?measure=workers.count&region=430921')
    expect(counted).toEqual([{ value: 2_000 }])
  })
})

describe('senders whose bodies come drop by drop', () => {
  test('hold nobody up; what comes to its end counts once, what does not never does', async () => {
    const bodies = Array.from({ length: 60 }, () =>
      Buffer.from(JSON.stringify([someone({ homeRegion: '430922' })])),
    )
    const slow = await Promise.all(
      bodies.map(async (body) => {
        const socket = await begin(
          server,
          source.key,
          { 'content-type': 'application/json', 'content-length': body.length, connection: 'close' },
          body.subarray(0, 10),
        )
        let said = ''
        socket.on('data', (part) => (said += part))
        return { body, socket, said: () => said }
      }),
    )
    // A drop of every body, then a request of somebody else, until little is left.
    for (let at = 10; at < 50; at++) {
      for (const { socket, body } of slow) socket.write(body.subarray(at, at + 1))
      expect((await send([someone({ homeRegion: '430923' })])).body).toMatchObject({ accepted: 1 })
    }
    expect(slow.map(({ said }) => said()).join('')).toBe('')
    const [gone, ended] = [slow.slice(0, 20), slow.slice(20)]
    for (const { socket } of gone) socket.destroy()
    await Promise.all(
      ended.map(async ({ socket, body }) => {
        socket.write(body.subarray(50))
        await once(socket, 'close')
      }),
    )
    for (const { said } of ended) expect(said()).toMatch(/^HTTP\/1\.1 200 .*"accepted":1/s)
    const people = async (region: string) =>
      (await server.get(`/v1/distribution?measure=workers.count&region=${region}`)).rows
    expect([await people('430922'), await people('430923')]).toEqual([[{ value: 40 }], [{ value: 40 }]])
  })

  test('are refused before the body is read when the key is wrong', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': 1_000 }
    const socket = await begin(server, 'xr_wrong', headers, Buffer.from('[{'))
    const [said] = await once(socket, 'data')
    expect(String(said)).toMatch(/^HTTP\/1\.1 401 /)
    socket.destroy()
  })
})

test('the same people at the same moment, by two senders and in every way, are counted once', async () => {
  const rows = Array.from({ length: 4_000 }, () => someone({ homeRegion: '430981' }))
  const lines = rows.map((row) => JSON.stringify(row)).join('\n')
  const inFile = { headers: { 'content-type': 'application/x-ndjson', prefer: 'respond-async' } }
  const answers = await Promise.all([
    send(rows),
    send(rows.toReversed(), other),
    post(server, 'workers', source.key, lines, inFile),
    post(server, 'workers', other.key, lines, inFile),
  ])
  const look = (batch: string) => server.get(`/v1/batches/${batch}`, cookie)
  const outcomes: { accepted: number; unchanged: number }[] = []
  for (const { body } of answers) {
    await expect.poll(() => look(body.batch)).toMatchObject({ state: 'done', received: 4_000, rejected: 0 })
    outcomes.push(await look(body.batch))
  }
  expect(outcomes.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(4_000)
  expect(outcomes.reduce((sum, { unchanged }) => sum + unchanged, 0)).toBe(12_000)
  const { rows: counted } = await server.get('/v1/distribution?measure=workers.count&region=430981')
  expect(counted).toEqual([{ value: 4_000 }])
})

describe('a sender whose clock is years off', () => {
  const owed = async (at = '') =>
    (await server.get(`/v1/distribution?measure=arrears.owed&region=431024${at}`)).rows
  const dispute = (caseId: string, observedAtMs: number, over: Record<string, unknown> = {}) =>
    arrears({ caseId, workRegion: '431024', observedAt: new Date(observedAtMs).toISOString(), ...over })
  const tell = (...rows: unknown[]) => post(server, 'arrears', source.key, JSON.stringify(rows))
  const now = Date.now()
  const years = (n: number) => now + n * 365 * DAY_MS

  test('ahead: every row is refused, waits, and counts once when it comes again at the right time', async () => {
    const refused = await tell(
      dispute('c1', years(3), { owed: '1.00' }),
      dispute('c2', years(30), { owed: '2.00' }),
    )
    expect(refused.status).toBe(422)
    expect(refused.body.errors).toMatchObject([
      { row: 1, path: 'observedAt', code: 'future_time' },
      { row: 2, path: 'observedAt', code: 'future_time' },
    ])
    expect(await owed()).toEqual([])
    // Minutes are let pass: they would rather be a clock that runs fast.
    const taken = await tell(
      dispute('c1', now + 4 * 60_000, { owed: '1.00' }),
      dispute('c2', now, { owed: '2.00' }),
    )
    expect(taken.body).toMatchObject({ accepted: 2 })
    expect(await owed(`&at=${new Date(now + 5 * 60_000).toISOString()}`)).toEqual([{ value: '3.00' }])
  })

  test('behind: it tells of the past and undoes nothing that was observed since', async () => {
    const told = await tell(
      dispute('c2', years(-15), { status: 'settled', owed: '0.00' }),
      dispute('c3', years(-15), { owed: '4.00' }),
    )
    expect(told.body).toMatchObject({ accepted: 2 })
    expect(await owed()).toEqual([{ value: '6.00' }])
    expect(await owed(`&at=${new Date(years(-10)).toISOString()}`)).toEqual([{ value: '4.00' }])
    expect(await owed(`&at=${new Date(years(-20)).toISOString()}`)).toEqual([])
  })

  test('behind all of it, as after an empty battery: refused with its reason', async () => {
    const { status, body } = await tell(dispute('c4', 0))
    expect([status, body.errors]).toMatchObject([422, [{ path: 'observedAt', code: 'implausible_time' }]])
  })
})

test('a body that drips for half a minute is refused with the remedy', async () => {
  await expect
    .poll(dripping.said, { timeout: 40_000 })
    .toMatch(/^HTTP\/1\.1 408 .*connection: close.*have all of it ready/is)
  dripping.stop()
}, 50_000)
