import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { readCsv } from '../../ingestion/formats/csv.ts'
import { readJson, readNdjson } from '../../ingestion/formats/json.ts'
import { encodeRows } from '../../scripts/synthetic/formats.ts'
import { createProgress } from '../../scripts/synthetic/progress.ts'
import { generateRows } from '../../scripts/synthetic/province.ts'
import { Sender } from '../../scripts/synthetic/send.ts'
import { NETWORK } from '../../scripts/synthetic/sources.ts'
import { NOW } from './support.ts'

type Seen = { key: string | undefined; body: string }
let seen: Seen[] = []
let answers: { status: number; body?: object; retryAfter?: string }[] = []
let inFlight = 0
let inFlightMax = 0

const server = createServer(async (request, response) => {
  inFlightMax = Math.max(inFlightMax, ++inFlight)
  seen.push({ key: request.headers['idempotency-key'] as string | undefined, body: await textOf(request) })
  const { status, body, retryAfter } = answers.shift() ?? {
    status: 200,
    body: { received: 1, accepted: 1, unchanged: 0, rejected: 0, errors: [] },
  }
  inFlight--
  response
    .writeHead(status, {
      'content-type': 'application/json',
      ...(retryAfter ? { 'retry-after': retryAfter } : {}),
    })
    .end(JSON.stringify(body ?? {}))
}).listen(0, '127.0.0.1')

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString('base64')
}

const keys = Object.fromEntries(NETWORK.map(({ slug }) => [slug, `key-${slug}`]))
const newSender = () => new Sender(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys)
const rows = [...generateRows('workers', 1, 3, NOW)]

beforeEach(() => {
  seen = []
  answers = []
  inFlightMax = 0
})
afterAll(() => server.close())

test('a refused request throws with the source and the first row errors', async () => {
  answers = [
    {
      status: 422,
      body: {
        detail: 'no row could be accepted',
        errors: [{ row: 2, path: 'sector', code: 'unknown_value', message: '取值不在允许范围内' }],
      },
    },
  ]
  await expect(newSender().send('county-430102', 'workers', rows)).rejects.toThrow(
    /芙蓉区.*HTTP 422 no row could be accepted\n {2}row 2 sector: unknown_value/,
  )
})

test('a busy server gets the same body with the same key again', async () => {
  answers = [
    { status: 503, retryAfter: '0.05' },
    { status: 429, retryAfter: '0' },
  ]
  const answer = await newSender().send('county-430102', 'workers', rows, true)
  expect(answer.accepted).toBe(1)
  expect(seen).toHaveLength(3)
  expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(1)
  expect(seen[0]?.key).toMatch(/^county-430102-[0-9a-f]{40}$/)
})

test('four requests are in flight at most, one a source', async () => {
  const sender = newSender()
  await Promise.all(Array.from({ length: 8 }, () => sender.send('county-430102', 'workers', rows)))
  expect(inFlightMax).toBe(1)
  await Promise.all(NETWORK.slice(0, 30).map(({ slug }) => sender.send(slug, 'workers', rows)))
  expect(inFlightMax).toBeLessThanOrEqual(4)
})

test.each(['workers', 'arrears', 'industry'] as const)('%s say the same in every format', async (kind) => {
  const sent = [...generateRows(kind, 2, 200, NOW)]
  const text = async (format: 'csv' | 'json' | 'ndjson') =>
    new TextDecoder().decode((await encodeRows(kind, sent, format)).bytes)
  const values = (read: { value: unknown }[]) => read.map(({ value }) => value)
  const packed = await encodeRows(kind, sent, 'ndjson+gzip')
  expect(values(readJson(await text('json')))).toEqual(sent)
  expect(values([...readNdjson(Buffer.from(await text('ndjson')))])).toEqual(sent)
  expect(values([...readNdjson(gunzipSync(packed.bytes))])).toEqual(sent)
  expect(
    values(readCsv(await text('csv'), { kind, given: null, remembered: new Map(), isStrict: true }).rows),
  ).toEqual(sent)
})

test('progress writes plain lines where there is no terminal', () => {
  const lines: string[] = []
  let clock = 0
  const progress = createProgress('history', { write: (line) => lines.push(line) }, () => clock)
  progress.update(1, 10, 'a')
  progress.update(2, 10, 'b')
  clock = 6000
  progress.update(3, 10, 'c')
  progress.finish('d')
  expect(lines).toEqual(['history 10% a\n', 'history 30% c\n', 'history 100% d\n'])
})
