import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears, idNumberFor } from '../support/signals.ts'

let server: TestServer
let key: string

beforeAll(async () => {
  server = await startServer()
  key = (await server.createSource()).key
})
afterAll(() => server.stop())

const HEADER = '身份证号,姓名,户籍地,务工地,行业,状态,观测时间\r\n'
/** A ledger of this many persons from the `from`th on; every 1,000th row names a region that does not exist. */
const ledger = (from: number, rows: number, pad = '') =>
  HEADER +
  Array.from({ length: rows }, (_, i) => {
    const home = (i + 1) % 1000 === 0 ? '999999' : '430522'
    return `${idNumberFor(from + i)},测试${pad},${home},440300,制造业,在岗,2026-10-02 08:00\r\n`
  }).join('')

const batchOf = async (id: string) =>
  (await (
    await fetch(`${server.url}/v1/batches/${id}`, { headers: { authorization: `Bearer ${key}` } })
  ).json()) as Record<string, any>
const counted = async () =>
  (await server.get('/v1/distribution?measure=workers.count')).rows[0]?.value as number | undefined

describe('a large upload', () => {
  it('that does not wait goes on after a kill, and its counts are exact', async () => {
    const rows = 60_000
    const body = ledger(0, rows, '一二三四五六七八九十'.repeat(2))
    const { status, body: waiting } = await server.send('workers', key, null, {
      body,
      headers: { 'content-type': 'text/csv', prefer: 'respond-async', 'idempotency-key': 'ledger-1' },
    })
    expect([status, waiting.state]).toEqual([202, 'waiting'])
    await waitFor(async () => (await batchOf(waiting.batch)).rowsDone >= 5_000, 30_000)
    await server.killAndRestart()
    await waitFor(async () => (await batchOf(waiting.batch)).state === 'done', 60_000)
    expect(await batchOf(waiting.batch)).toMatchObject({
      received: rows,
      accepted: rows - rows / 1000,
      unchanged: 0,
      rejected: rows / 1000,
      rowsDone: rows,
    })
    expect(await counted()).toBe(rows - rows / 1000)
    const again = await server.send('workers', key, null, {
      body,
      headers: { 'content-type': 'text/csv', prefer: 'respond-async', 'idempotency-key': 'ledger-1' },
    })
    expect(again.body.batch).toBe(waiting.batch)
  }, 120_000)

  it('that waits is answered like a small one, and is all or nothing where that is asked', async () => {
    const before = await counted()
    // More than 8 MiB, so that it is put down in a file and read in chunks.
    const csv = ledger(200_000, 70_000, '一二三四五六七八九十'.repeat(3))
    const options = {
      body: new Uint8Array(gzipSync(csv)),
      headers: { 'content-type': 'text/csv', 'content-encoding': 'gzip' },
    }
    const all = await server.send('workers', key, null, { ...options, query: '?atomic=all' })
    expect(all.status).toBe(422)
    expect(all.body).toMatchObject({ received: 70_000, accepted: 0, rejected: 70 })
    expect(await counted()).toBe(before)
    const trial = await server.send('workers', key, null, { ...options, query: '?mode=validate' })
    expect(trial.body).toMatchObject({ received: 70_000, accepted: 69_930, rejected: 70 })
    expect(await counted()).toBe(before)
    const taken = await server.send('workers', key, null, options)
    expect(taken.body).toMatchObject({ received: 70_000, accepted: 69_930, unchanged: 0, rejected: 70 })
    expect(taken.body.errors[0]).toMatchObject({ row: 1000, path: 'homeRegion', code: 'unknown_region' })
    expect(await counted()).toBe((before ?? 0) + 69_930)
  }, 120_000)

  it('is the same rows as in memory, whatever the line ends, marks and encoding', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) =>
      JSON.stringify(arrears({ caseId: `n-${i}`, employer: '示例"公司",\\甲', note: '备注'.repeat(60) })),
    ).join('\n')
    expect(Buffer.byteLength(rows)).toBeGreaterThan(8 * 1024 * 1024)
    const headers = { 'content-type': 'application/x-ndjson' }
    expect((await server.send('arrears', key, null, { body: rows, headers })).body).toMatchObject({
      received: 30_000,
      accepted: 30_000,
    })
    const lines = rows.split('\n').slice(0, 3_000).join('\n')
    expect((await server.send('arrears', key, null, { body: lines, headers })).body).toMatchObject({
      accepted: 0,
      unchanged: 3_000,
    })
  }, 60_000)

  it('beyond what is read is refused before it is sent whole', async () => {
    const response = await fetch(`${server.url}/v1/signals/workers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' },
      body: new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(4 * 1024 * 1024).fill(65)),
      }),
      duplex: 'half',
    } as RequestInit).catch(() => null)
    // Node ends the connection once it has answered; the answer may be lost with it, the server may not.
    if (response) expect(response.status).toBe(413)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  }, 60_000)
})
