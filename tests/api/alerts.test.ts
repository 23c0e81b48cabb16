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
