import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { AlertLogEntry } from '#domain/alert.ts'
import { AccessChanged, Pulse, Snapshot, Stale, Watermark } from '#domain/live-events.ts'
import { readWholeLog } from '../support/alert-log.ts'
import { LiveClient } from '../support/live.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears, idNumberFor, worker } from '../support/signals.ts'

let server: TestServer
let key: string
let clients: LiveClient[] = []
let sites = 0

beforeAll(async () => {
  server = await startServer()
  key = (await server.createSource()).key
})
afterAll(() => server.stop())
afterEach(() => {
  for (const client of clients) client.close()
  clients = []
})

/** A connected client that has its snapshot. */
async function join(after: number | null = null, cookie?: string): Promise<LiveClient> {
  const client = new LiveClient(server, after, cookie)
  clients.push(client)
  await waitFor(() => client.snapshots.length > 0)
  return client
}

const open = (count: number) => Array.from({ length: count }, () => site({ owed: '60000.00' }))
const site = (over: Record<string, unknown>) => {
  sites++
  return arrears({ caseId: `site-${sites}`, project: `工程-${sites}`, ...over })
}
/** Sends cases and waits until the log holds the entries they lead to. */
async function happen(rows: unknown[], entries: number): Promise<void> {
  const before = await lastSeq()
  const { status } = await server.send('arrears', key, rows)
  expect(status).toBe(200)
  await waitFor(async () => (await lastSeq()) === before + entries)
}
const lastSeq = async (): Promise<number> => (await server.get('/v1/alerts/log?limit=1')).seq
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

test('a client without a number gets the snapshot first and no old entries, then what happens', async () => {
  await happen(open(3), 3)
  const client = await join()
  expect(client.names[0]).toBe('snapshot')
  expect(client.snapshots[0]?.seq).toBe(3)
  expect(client.snapshots[0]?.alerts).toHaveLength(3)
  await happen(open(2), 2)
  await waitFor(() => client.seqs.length >= 2)
  expect(client.seqs).toEqual([4, 5])
  expect(client.names.filter((name) => name === 'snapshot')).toHaveLength(1)
})

test('what is sent is what the contract says', async () => {
  const client = await join(0)
  await waitFor(() => client.watermarks.length > 0 && client.pulses.length > 0)
  const shape = {
    snapshot: Snapshot,
    alert: AlertLogEntry,
    watermark: Watermark,
    pulse: Pulse,
    stale: Stale,
    access: AccessChanged,
  }
  for (const { name, value } of client.events) expect(shape[name].strict().parse(value)).toEqual(value)
  expect(client.entries).toEqual(await readWholeLog(server))
})

test('a client that comes back with its number gets exactly what it missed, in order, once', async () => {
  const first = await join()
  await happen(open(2), 2)
  await waitFor(() => first.lastSeq === 7)
  first.close()
  await happen(open(5), 5)
  const again = await join(first.lastSeq)
  await happen(open(1), 1)
  await waitFor(() => again.lastSeq === 13)
  expect(again.seqs).toEqual(from(8, 13))
  expect([...again.shown.values()]).toHaveLength(13)
})

test('a number from the future, or none that makes sense, is taken for none', async () => {
  const last = await lastSeq()
  const wrong = [last + 1_000, -1, 1.5, 'x' as unknown as number, {} as unknown as number]
  const joined = await Promise.all(wrong.map((after) => join(after)))
  await waitFor(() => joined.every((client) => client.watermarks.length > 0))
  expect(joined.map((client) => client.seqs)).toEqual(wrong.map(() => []))
  expect(joined.map((client) => client.watermarks[0]?.seq)).toEqual(wrong.map(() => last))
})

test('a quiet client is told every few seconds up to where it has everything', async () => {
  const client = await join()
  await waitFor(() => client.watermarks.length >= 2)
  const [first, second] = client.watermarks
  expect([first?.seq, second?.seq]).toEqual([await lastSeq(), await lastSeq()])
  const apartMs = Date.parse(second?.at ?? '') - Date.parse(first?.at ?? '')
  expect(apartMs).toBeGreaterThan(1_000)
  expect(apartMs).toBeLessThan(6_000)
})

test('hundreds of transitions in one commit arrive in order, and two clients see the same', async () => {
  const before = await lastSeq()
  const [a, b] = [await join(), await join()]
  const rows = open(700)
  await happen(rows, 700)
  await waitFor(() => a.lastSeq === before + 700 && b.lastSeq === before + 700)
  expect(a.seqs).toEqual(from(before + 1, before + 700))
  expect(b.entries).toEqual(a.entries)
  const settled = rows.map((row) => ({ ...row, status: 'settled', observedAt: new Date().toISOString() }))
  await happen(settled, 700)
  await waitFor(() => a.lastSeq === before + 1400 && b.lastSeq === before + 1400)
  expect(b.entries).toEqual(a.entries)
  expect(new Set(a.entries.slice(700).map((entry) => entry.change))).toEqual(new Set(['resolved']))
  const late = await join(before)
  await waitFor(() => late.lastSeq === before + 1400)
  expect(late.entries).toEqual(a.entries)
})

test('what a person does on the desk reaches the wall, and people what was written about it, without a number', async () => {
  const cookie = await server.signIn()
  const [wall, desk] = [await join(), await join(null, cookie)]
  const [alert] = (await server.get('/v1/alerts?state=open&limit=1')).alerts
  const response = await fetch(`${server.url}/v1/alerts/${alert.id}/actions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ action: 'acknowledge', note: '已联系 13800138000' }),
  })
  expect(response.status).toBe(200)
  await waitFor(() => wall.entries.length === 1 && desk.entries.length === 1)
  const told = { change: 'acknowledged', by: 'admin', alert: { id: alert.id, state: 'acknowledged' } }
  expect(wall.entries[0]).toMatchObject({ ...told, note: null })
  expect(desk.entries[0]).toMatchObject({ ...told, note: '已联系 138****' })
})

test('the pulse carries the values that a page would ask for, and only of what moved', async () => {
  // As one who may see small counts: the wall is told fewer of them.
  const client = await join(null, await server.signIn())
  await waitFor(() => client.pulses.length > 0)
  await server.send('workers', key, [
    worker({ idNumber: idNumberFor(1) }),
    worker({ idNumber: idNumberFor(2), workRegion: '4301' }),
  ])
  await waitFor(() => client.pulses.some((pulse) => pulse.changed.includes('workers')))
  const pulse = client.pulses.find((one) => one.changed.includes('workers'))
  expect(pulse?.changed).toEqual(['workers'])
  expect(pulse?.values).toEqual({ 'workers.count': 2, 'workers.outOfProvince': 1 })
  expect(pulse?.hidden).toEqual({})
  expect(pulse?.rowsLastMinute).toBeGreaterThanOrEqual(2)
  await happen(open(1), 1)
  // 14 open sites of 60,000: 13 from before and this one.
  const { rows } = await server.get('/v1/distribution?measure=arrears.owed')
  expect(rows).toEqual([{ value: '840000.00' }])
  await waitFor(() => client.pulses.at(-1)?.values['arrears.owed'] === '840000.00')
})

test('the pulse tells who may not see small counts that a value is hidden, not that there is none', async () => {
  const wall = await join()
  await server.send('workers', key, [worker({ idNumber: idNumberFor(3) })])
  await waitFor(() => wall.pulses.some((pulse) => pulse.changed.includes('workers')))
  const pulse = wall.pulses.find((one) => one.changed.includes('workers'))
  // Three persons by now, two of them out of the province: both below five.
  expect(pulse).toMatchObject({
    values: { 'workers.count': null, 'workers.outOfProvince': null },
    hidden: { 'workers.count': 5, 'workers.outOfProvince': 5 },
  })
})

test('a client that nobody closes comes back by itself over a kill and misses nothing', async () => {
  const before = await lastSeq()
  const client = await join()
  await happen(open(1), 1)
  await waitFor(() => client.lastSeq === before + 1)
  await server.killAndRestart()
  await happen(open(3), 3)
  await waitFor(() => client.lastSeq === before + 4, 20_000)
  await server.kill()
  await server.restart()
  await waitFor(() => client.snapshots.length >= 3, 20_000)
  await happen(open(1), 1)
  await waitFor(() => client.lastSeq === before + 5)
  expect(client.seqs).toEqual(from(before + 1, before + 5))
})

test('after a restart, old entries are still there for who asks for them', async () => {
  const client = await join(0)
  const log = await readWholeLog(server)
  await waitFor(() => client.lastSeq === log.length)
  expect(client.entries).toEqual(log)
  expect(log.length).toBeGreaterThan(1_400)
})
