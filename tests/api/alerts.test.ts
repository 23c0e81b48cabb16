import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Alert } from '#domain/alert.ts'
import type { Client } from '../support/client.ts'
import { enterAdmin } from '../support/people.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears } from '../support/signals.ts'

let server: TestServer
let admin: Client
let key: string

beforeAll(async () => {
  server = await startServer()
  admin = await enterAdmin(server)
  key = (await server.createSource()).key
})
afterAll(() => server.stop())

let minutes = 0
/** Sends cases, each observed a minute after those before. */
async function send(...rows: object[]): Promise<void> {
  const observedAt = new Date(Date.now() - 3_600_000 + ++minutes * 60_000).toISOString()
  const body = rows.map((row) => arrears({ observedAt, ...row }))
  expect((await server.send('arrears', key, body)).body).toMatchObject({ accepted: rows.length })
}

const standing = async (): Promise<Alert[]> => (await admin.ask('/v1/alerts')).body.alerts
/** The alert of a project, as soon as it stands so. */
async function alertOf(project: string, isSo: (alert: Alert) => boolean): Promise<Alert> {
  let found: Alert | undefined
  await waitFor(async () => {
    found = (await standing()).find((alert) => alert.project === project)
    return found !== undefined && isSo(found)
  })
  return found as Alert
}
const acknowledge = (alert: Alert, seen: object, headers?: Record<string, string>) =>
  admin.ask(`/v1/alerts/${alert.id}/actions`, { action: 'acknowledge', ...seen }, headers && { headers })
const newestSeq = async (): Promise<number> => (await admin.ask('/v1/alerts/log?limit=1')).body.seq

describe('an acknowledgement', () => {
  test('is refused at a tier higher than the one that was seen, which it names, and taken at the one that is', async () => {
    await send({ caseId: 'rise-1', project: '升级工程', owed: '250000' })
    const seen = await alertOf('升级工程', ({ tier }) => tier === 'orange')
    await send({ caseId: 'rise-2', project: '升级工程', owed: '300000' })
    await alertOf('升级工程', ({ tier }) => tier === 'red')
    const late = await acknowledge(seen, { tier: 'orange' })
    expect([late.status, late.body.code]).toEqual([409, 'changed_since'])
    expect(late.body.detail).toContain('seen as orange and is red now')
    const zh = await acknowledge(seen, { tier: 'orange' }, { 'accept-language': 'zh-CN' })
    expect(zh.body.detail).toContain('所见为橙色，现为红色')
    expect((await admin.ask(`/v1/alerts/${seen.id}`)).body).toMatchObject({ state: 'open', tier: 'red' })
    expect((await acknowledge(seen, { tier: 'red' })).body).toMatchObject({
      state: 'acknowledged',
      tier: 'red',
    })
  })

  test('of what was seen as worse is taken, and so is one that does not say what was seen', async () => {
    await send({ caseId: 'fall-1', project: '降级工程', owed: '600000' })
    const seen = await alertOf('降级工程', ({ tier }) => tier === 'red')
    await send({ caseId: 'fall-1', project: '降级工程', owed: '60000' })
    await alertOf('降级工程', ({ tier }) => tier === 'yellow')
    expect((await acknowledge(seen, { tier: 'red' })).body).toMatchObject({ state: 'acknowledged' })
    await send({ caseId: 'old-1', project: '旧客户端', owed: '60000' })
    expect((await acknowledge(await alertOf('旧客户端', () => true), {})).status).toBe(200)
  })

  test('is refused where the alert has risen, or reached another county, after the number of the log that was seen', async () => {
    await send({ caseId: 'move-1', project: '流动工程', gathering: 12, owed: '1000', workers: 12 })
    const seen = await alertOf('流动工程', ({ rule }) => rule === 'D14')
    const seq = await newestSeq()
    await send({
      caseId: 'move-1',
      project: '流动工程',
      gathering: 12,
      owed: '1000',
      workers: 12,
      workRegion: '430502',
    })
    await alertOf('流动工程', ({ region }) => region === '430502')
    const moved = await acknowledge(seen, { tier: 'orange', seq })
    expect([moved.status, moved.body.code]).toEqual([409, 'changed_since'])
    expect(moved.body.detail).toContain('another county')
    const again = await newestSeq()
    await send({
      caseId: 'move-1',
      project: '流动工程',
      gathering: 40,
      owed: '1000',
      workers: 40,
      workRegion: '430502',
    })
    await alertOf('流动工程', ({ tier }) => tier === 'red')
    const raised = await acknowledge(seen, { seq: again })
    expect([raised.status, raised.body.code]).toEqual([409, 'changed_since'])
    expect(raised.body.detail).toContain('raised since it was seen, and is red now')
    const done = await acknowledge(seen, { tier: 'red', seq: await newestSeq() })
    expect(done.body).toMatchObject({ state: 'acknowledged', tier: 'red' })
  })
})

describe('what is longer than an answer', () => {
  test('evidence says how many observations there are, and the rest is reached from where an answer ends', async () => {
    const cases = (owed: string) =>
      Array.from({ length: 600 }, (_, i) => ({ caseId: `long-${i}`, project: '长证据', owed }))
    await send(...cases('1000'))
    await send(...cases('900'))
    const { id } = await alertOf('长证据', ({ value }) => value === '540000.00')
    const ask = async (query: string) => (await admin.ask(`/v1/alerts/${id}/evidence${query}`)).body
    const first = await ask('')
    expect([first.total, first.rows.length]).toEqual([1_200, 1_000])
    const rest = await ask('?offset=1000')
    expect([rest.total, rest.rows.length]).toEqual([1_200, 200])
    const seen = [...first.rows, ...rest.rows].map(({ caseId, owed }) => `${caseId} ${owed}`)
    expect(new Set(seen).size).toBe(1_200)
    expect(await ask('?offset=300&limit=2')).toEqual({
      alert: id,
      total: 1_200,
      rows: first.rows.slice(300, 302),
    })
    expect(await ask('?offset=1200')).toEqual({ alert: id, total: 1_200, rows: [] })
  })

  test('the list says how many alerts there are and where it goes on; none is left out or told twice', async () => {
    await send(
      ...Array.from({ length: 5 }, (_, i) => ({ caseId: `list-${i}`, project: `名单-${i}`, owed: '60000' })),
    )
    await alertOf('名单-4', () => true)
    const all = await standing()
    const ids: string[] = []
    for (let before: number | null | undefined; before !== null; ) {
      const { body } = await admin.ask(`/v1/alerts?limit=2${before === undefined ? '' : `&before=${before}`}`)
      expect([body.total, body.seq]).toEqual([all.length, await newestSeq()])
      ids.push(...body.alerts.map((alert: Alert) => alert.id))
      before = body.next
    }
    expect(ids).toEqual(all.map((alert) => alert.id))
    const none = await admin.ask('/v1/alerts?rule=D99')
    expect(none.body).toMatchObject({ alerts: [], total: 0, next: null })
    // The count is of what is asked for, and of nothing beyond.
    const listed = (await admin.ask('/v1/alerts?tier=red&limit=1')).body
    expect(listed.total).toBe(all.filter(({ tier }) => tier === 'red').length)
  })
})
