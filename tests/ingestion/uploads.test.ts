import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openIntake } from '../support/intake.ts'
import type { Reply, Sent } from '../support/post.ts'
import { waitFor } from '../support/server.ts'
import { arrears, idNumber, worker } from '../support/signals.ts'

const CSV = { 'content-type': 'text/csv' }
const MIB = 1024 * 1024

const intake = openIntake()

const send = (body: string, headers: Record<string, string> = CSV, query = ''): Promise<Reply> =>
  intake.post('arrears', body, { headers, query } satisfies Sent)
const look = async (batch: string): Promise<any> => (await intake.ask(`/v1/batches/${batch}`)).body
const until = async (batch: string, isReached: (state: any) => boolean) => {
  let state: any
  await waitFor(async () => {
    state = await look(batch)
    return isReached(state)
  }, 60_000)
  return state
}
const isFinished = (state: any) => state.state === 'done' || state.state === 'failed'
const owed = async (region: string) =>
  (await intake.server.get(`/v1/distribution?measure=arrears.owed&region=${region}`)).rows[0]?.value
const files = () => readdirSync(join(intake.server.dataDir, 'uploads'))

const HEAD = '案件编号,观测时间,线索渠道,欠薪发生地,行业,用人单位,状态,涉及人数,尚欠金额,备注'
/** Lines of a ledger, one yuan owed in each; those at `bad` have a fault. `wide` makes them long enough for 8 MiB. */
const ledger = (
  region: string,
  rows: number,
  { bad = [], wide = 0 }: { bad?: number[]; wide?: number } = {},
) =>
  [
    HEAD,
    ...Array.from(
      { length: rows },
      (_, i) =>
        `${region}-${i},2025-06-10,信访,${region},E,示例建筑,已受理,4,${bad.includes(i + 1) ? '-1' : '1.00'},"${'备'.repeat(wide)}"`,
    ),
  ].join('\n')

describe('a body too large for one piece', () => {
  test('as CSV: every row is taken, counted and named by its number; sent again nothing changes', async () => {
    const body = ledger('430802', 6_000, { bad: [1, 5_001, 6_000], wide: 480 })
    expect(Buffer.byteLength(body)).toBeGreaterThan(8 * MIB)
    const first = await send(body)
    expect(first.body).toMatchObject({ received: 6_000, accepted: 5_997, unchanged: 0, rejected: 3 })
    expect(first.body.errors.map((fault: any) => [fault.row, fault.path])).toEqual([
      [1, 'owed'],
      [5_001, 'owed'],
      [6_000, 'owed'],
    ])
    expect(await owed('430802')).toBe('5997.00')
    expect((await send(body)).body).toMatchObject({ accepted: 0, unchanged: 5_997, rejected: 3 })
    expect(await owed('430802')).toBe('5997.00')
    expect(await look(first.body.batch)).toMatchObject({ state: 'done', rowsDone: 6_000, accepted: 5_997 })
    expect(files()).toEqual([])
  })

  test('as NDJSON', async () => {
    const row = (i: number) =>
      JSON.stringify({
        caseId: `n-${i}`,
        observedAt: '2025-06-10T00:00:00+08:00',
        channel: 'petition',
        workRegion: '430811',
        sector: 'E',
        employer: '示例',
        status: 'reported',
        workers: 1,
        owed: '1.00',
        note: '备'.repeat(480),
      })
    const body = Array.from({ length: 6_000 }, (_, i) => row(i)).join('\n')
    const sent = await send(body, { 'content-type': 'application/x-ndjson' })
    expect(sent.body).toMatchObject({ received: 6_000, accepted: 6_000 })
    expect(await owed('430811')).toBe('6000.00')
  })

  test('atomic=all: one bad row at the end and nothing is taken; without it all are', async () => {
    const bad = await send(ledger('430821', 6_000, { bad: [6_000], wide: 480 }), CSV, '?atomic=all')
    expect([bad.status, bad.headers.get('content-type')]).toEqual([422, 'application/problem+json'])
    expect(bad.body).toMatchObject({ received: 6_000, accepted: 0, rejected: 1, errors: [{ row: 6_000 }] })
    expect(await owed('430821')).toBeUndefined()
    const good = await send(ledger('430821', 6_000, { wide: 480 }), CSV, '?atomic=all')
    expect(good.body).toMatchObject({ received: 6_000, accepted: 6_000, rejected: 0 })
    expect(await owed('430821')).toBe('6000.00')
  })

  test('mode=validate says what would happen, a repeated row included, and takes nothing', async () => {
    const body = ledger('430822', 6_000, { bad: [7], wide: 480 })
    const twice = `${body}\n${body.split('\n').slice(1, 11).join('\n')}`
    const trial = await send(twice, CSV, '?mode=validate')
    expect(trial.body).toMatchObject({ received: 6_010, accepted: 5_999, unchanged: 9, rejected: 2 })
    expect(await owed('430822')).toBeUndefined()
  })

  test('more than 200 MiB is refused before it is sent', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { ...CSV, authorization: `Bearer ${intake.key}`, 'content-length': 200 * MIB + 1 }
      const asked = request(
        `${intake.server.url}/v1/signals/arrears`,
        { method: 'POST', headers },
        (answer) => {
          resolve(answer.statusCode)
          asked.destroy()
        },
      )
      asked.on('error', reject)
      asked.write(HEAD)
    })
    expect(status).toBe(413)
  })
})

describe('Prefer: respond-async', () => {
  const async = (name?: string) => ({
    ...CSV,
    prefer: 'respond-async',
    ...(name ? { 'idempotency-key': name } : {}),
  })

  test('answers 202 with where to look, and the batch tells how far it has come', async () => {
    const sent = await send(ledger('430902', 300, { bad: [3] }), async())
    expect([sent.status, sent.headers.get('preference-applied')]).toEqual([202, 'respond-async'])
    expect(sent.headers.get('location')).toBe(`/v1/batches/${sent.body.batch}`)
    const done = await until(sent.body.batch, isFinished)
    expect(done).toMatchObject({
      state: 'done',
      problem: null,
      rowsDone: 300,
      received: 300,
      accepted: 299,
      rejected: 1,
    })
    expect(done.bytesDone).toBe(done.bytesTotal)
    expect(await owed('430902')).toBe('299.00')
  })

  test('a file that cannot be read fails with what to do, also after the 202', async () => {
    const { body } = await send('甲,乙\n1,2\n', async())
    expect(await until(body.batch, isFinished)).toMatchObject({
      state: 'failed',
      problem: { code: 'bad_request', detail: expect.stringContaining('template') },
    })
  })

  test('a file that waits says nothing on the disk, and one that was changed there ends with what to do', async () => {
    const first = await send(ledger('430981', 40_000), async())
    const second = await send(ledger('430821', 300), async())
    const path = (batch: string) => join(intake.server.dataDir, 'uploads', batch)
    const onDisk = readFileSync(path(second.body.batch))
    for (const said of ['430821', '示例建筑', '案件编号']) expect(onDisk.includes(said)).toBe(false)
    onDisk.writeUInt8(onDisk.readUInt8(9) ^ 1, 9)
    writeFileSync(path(second.body.batch), onDisk)
    expect(await until(second.body.batch, isFinished)).toMatchObject({
      state: 'failed',
      accepted: 0,
      problem: { code: 'gone', zh: expect.stringContaining('重新上传') },
    })
    expect(await until(first.body.batch, isFinished)).toMatchObject({
      state: 'done',
      problem: null,
      accepted: 40_000,
    })
    expect(files()).toEqual([])
  })

  test('who is erased while a file waits that tells of them stays so, and its rows count', async () => {
    const person = worker({ idNumber: idNumber(7), name: '待删人', workRegion: '430703' })
    const json = { 'content-type': 'application/json', prefer: 'respond-async' }
    await send(ledger('430702', 30_000), async())
    const waiting = await intake.post('workers', JSON.stringify([person]), { headers: json })
    const cookie = await intake.server.signIn()
    const ask = async (path: string, body: object) =>
      await (
        await fetch(`${intake.server.url}/v1/identities/${path}`, {
          method: 'POST',
          headers: { cookie, 'content-type': 'application/json' },
          body: JSON.stringify({ ...body, idNumber: person.idNumber, reason: '本人书面申请删除' }),
        })
      ).json()
    expect(await ask('erase', {})).toEqual({ records: 0, rejectedRows: 0 })
    expect((await look(waiting.body.batch)).state).toBe('waiting')
    expect(await until(waiting.body.batch, isFinished)).toMatchObject({ state: 'done', accepted: 1 })
    expect(await ask('search', {})).toMatchObject({ matches: [], total: 0, onlyRejectedRows: 0 })
  })

  test('with an Idempotency-Key the retry gets the same batch; another body is refused', async () => {
    const body = ledger('430903', 50)
    const first = await send(body, async('async-1'))
    const again = await send(body, async('async-1'))
    expect([again.status, again.body]).toEqual([202, first.body])
    expect((await send(`${body}\n`.replace('1.00', '2.00'), async('async-1'))).status).toBe(409)
    await until(first.body.batch, isFinished)
    expect(await owed('430903')).toBe('50.00')
    expect(files()).toEqual([])
  })

  test.each(['json', 'x-ndjson'])(
    'a row nested without end is refused, those around it are taken: %s',
    async (type) => {
      const region = type === 'json' ? '430922' : '430923'
      const good = Array.from({ length: 6_000 }, (_, i) =>
        JSON.stringify(arrears({ caseId: `nested-${i}`, workRegion: region, owed: '1.00' })),
      )
      const rows = [...good.slice(0, 10), `${'['.repeat(100_000)}${']'.repeat(100_000)}`, ...good.slice(10)]
      const body = type === 'json' ? `[${rows.join()}]` : rows.join('\n')
      const sent = await send(body, { 'content-type': `application/${type}`, prefer: 'respond-async' })
      expect(await until(sent.body.batch, isFinished)).toMatchObject({
        state: 'done',
        accepted: 6_000,
        rejected: 1,
      })
      expect(await owed(region)).toBe('6000.00')
      const kept = await intake.ask(`/v1/batches/${sent.body.batch}/errors.json`)
      expect(kept.body.rows.map(({ row }: any) => row)).toEqual([11])
    },
  )

  test('killed in the middle it goes on after the restart, in the columns it began with, and every count is exact', async () => {
    const rows = 60_000
    const body = ledger('430921', rows, { bad: [10, 30_000, 59_999] })
    const { body: answer } = await send(body, async('kill'))
    await until(answer.batch, (state) => state.rowsDone > 0)
    // Read so, the rest would owe nothing that is known.
    const said = await fetch(`${intake.server.url}/v1/signals/arrears/columns`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${intake.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ titles: HEAD.split(','), columns: { 尚欠金额: 'paid' } }),
    })
    expect(said.status).toBe(200)
    await intake.server.killAndRestart()
    expect((await look(answer.batch)).rowsDone).toBeLessThan(rows)
    const done = await until(answer.batch, isFinished)
    expect(done).toMatchObject({
      state: 'done',
      rowsDone: rows,
      received: rows,
      accepted: rows - 3,
      unchanged: 0,
      rejected: 3,
    })
    expect(await owed('430921')).toBe(`${rows - 3}.00`)
    expect((await send(body, async('kill'))).body).toEqual(answer)
    expect(files()).toEqual([])
  })
})
