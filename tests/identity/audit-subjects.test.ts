import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client } from '../support/client.ts'
import { enterAdmin, enterPerson } from '../support/people.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears, idNumber, worker } from '../support/signals.ts'

const REASON = '核实工资发放对象'
const NAME = '慕容标记测'
let server: TestServer
let admin: Client

beforeAll(async () => {
  server = await startServer()
  admin = await enterAdmin(server)
})
afterAll(() => server.stop())

async function done(path: string, body: unknown, method = 'POST') {
  const answer = await admin.ask(path, body, { method })
  expect([path, answer.status, answer.status < 300 ? '' : answer.body]).toEqual([path, answer.status, ''])
  return answer.body
}

/** What the newest subjects of an act are called, as `who` reads it. */
async function names(action: string, who = admin): Promise<unknown[]> {
  const { body } = await who.ask(`/v1/audit?action=${action}`)
  return body.entries.map((entry: any) => entry.subjectName?.zh ?? null)
}

test('a source, its keys and what was sent are called as the source is', async () => {
  const source = await server.createSource({ name: '示例市治欠办' })
  const made = await done(`/v1/sources/${source.id}/keys`, {})
  const turned = await done(`/v1/sources/${source.id}/keys/${made.id}/rotate`, { overlapHours: 1 })
  await done(`/v1/sources/${source.id}/signals/arrears`, [arrears({ caseId: 'sent' })])
  const { body } = await server.send('arrears', source.key, [
    arrears({ caseId: 'ok' }),
    arrears({ sector: 'x' }),
    arrears({ sector: 'y' }),
  ])
  await done(`/v1/quarantine/${body.batch}/2/read`, { reason: REASON })
  const rows = [2, 3].map((row) => ({ batch: body.batch, row }))
  await done('/v1/quarantine/dismiss', { rows, reason: REASON })
  await done(`/v1/batches/${body.batch}/withdraw`, { reason: REASON })

  const keys = await admin.ask(`/v1/sources/${source.id}/keys`)
  const prefixOf = (id: string) => keys.body.keys.find((key: any) => key.id === id).prefix
  expect(turned.key.startsWith(prefixOf(turned.id))).toBe(true)
  expect(await names('source.create')).toEqual(['示例市治欠办'])
  expect(await names('key.create')).toEqual([`示例市治欠办 · ${prefixOf(made.id)}…`])
  expect(await names('key.rotate')).toEqual([
    `示例市治欠办 · ${prefixOf(made.id)}… → ${prefixOf(turned.id)}…`,
  ])
  expect(await names('batch.send')).toEqual(['示例市治欠办'])
  expect(await names('batch.withdraw')).toEqual(['示例市治欠办'])
  expect(await names('quarantine.read')).toEqual(['示例市治欠办 · 第 2 行'])
  expect(await names('quarantine.dismiss')).toEqual(['示例市治欠办 · 2 行'])
})

test('people are told by their user names, units, walls, roles, rights and places by theirs, as they are today', async () => {
  const { id, client } = await enterPerson(server, admin, {
    username: 'wang',
    name: '王示例',
    role: 'leader',
  })
  await client.ask('/v1/sources')
  const units = ['甲', '乙', '丙', '丁'].map((one) => ({
    kind: 'office',
    rank: 'county',
    name: `${one}示例治欠办`,
    region: '430503',
  }))
  const { ids } = await done('/v1/units/import', { units })
  await done(`/v1/units/${ids[0]}`, { ...units[0], name: '改名治欠办' }, 'PUT')
  const { code } = (await new Client(server).ask('/v1/walls/pairings', {})).body
  const wall = await done('/v1/walls', { code, name: '大厅', region: '43' })
  await done(`/v1/walls/${wall.id}/rename`, { name: '指挥大厅' })
  await done('/v1/locks', { kind: 'arrears', region: '4305', before: '2026-01-01', reason: REASON }, 'PUT')
  await done('/v1/roles/watcher', { title: { zh: '观察员', en: 'Watcher' }, rights: ['audit.read'] }, 'PUT')
  await done(`/v1/people/${id}/posts`, { role: 'watcher', regions: [] })

  expect(await names(`person.create,signIn.success&subject=${id}`)).toEqual(['wang', 'wang'])
  expect(await names('post.put')).toEqual(['wang'])
  expect(await names('refused')).toEqual(['查看来源与批次'])
  expect(await names('unit.create')).toEqual(['改名治欠办、乙示例治欠办、丙示例治欠办等'])
  expect(await names('unit.update')).toEqual(['改名治欠办'])
  expect(await names('wall.rename,wall.pair')).toEqual(['指挥大厅', '指挥大厅'])
  expect(await names('lock.put')).toEqual(['邵阳市'])
  expect(await names('role.put')).toEqual(['观察员'])
  await done('/v1/roles/spare', { title: { zh: '备用', en: 'Spare' }, rights: [] }, 'PUT')
  await done('/v1/roles/spare', undefined, 'DELETE')
  const gone = (await admin.ask('/v1/audit?action=role.delete')).body.entries
  expect(gone).toMatchObject([{ subject: 'spare', subjectName: null }])
})

test('a worker stays the key it is, and an alert is named only for who sees all of them; the sheet says the same', async () => {
  const { key } = await server.createSource()
  await server.send('workers', key, [worker({ idNumber: idNumber(7), name: NAME })])
  await server.send('arrears', key, [arrears({ caseId: 'grave', owed: '600000.00', workRegion: '430503' })])
  const found = await done('/v1/identities/search', { idNumber: idNumber(7), reason: REASON })
  const { personKey } = found.matches[0]
  await done('/v1/identities/read', { personKey, reason: REASON })
  const alerts = () => admin.ask('/v1/alerts?region=430503')
  await waitFor(async () => (await alerts()).body.alerts.length > 0)
  const [alert] = (await alerts()).body.alerts
  await done(`/v1/alerts/${alert.id}/actions`, { action: 'acknowledge' })

  expect(await names('identity.read')).toEqual([null])
  expect(await names('alert.acknowledge')).toEqual(['欠薪金额 · 大祥区'])
  const auditor = (await enterPerson(server, admin, { username: 'auditor1', role: 'auditor' })).client
  expect(await names('alert.acknowledge', auditor)).toEqual([null])
  const near = { username: 'auditor2', role: 'auditor' }
  const { id, client } = await enterPerson(server, admin, near)
  await done(`/v1/people/${id}/posts`, { role: 'leader', regions: ['430503'] })
  expect(await names('alert.acknowledge', client)).toEqual([null])
  await done(`/v1/people/${id}/posts`, { role: 'leader', regions: [] })
  expect(await names('alert.acknowledge', client)).toEqual(['欠薪金额 · 大祥区'])

  const sheet = (query: string) => admin.ask(`/v1/audit?format=csv&action=${query}`)
  const lines = (await sheet('alert.acknowledge&lang=en')).body.trim().split('\r\n')
  expect(lines[0]).toContain('seq,at,whoName,action,subject,subjectName,reason,address')
  expect(lines[1]).toContain(`,alert.acknowledge,${alert.id},Wages owed · Daxiang District,`)
  const whole = (await admin.ask('/v1/audit?limit=500')).body
  for (const text of [JSON.stringify(whole), (await sheet('identity.read')).body])
    for (const secret of [NAME, idNumber(7)]) expect(text).not.toContain(secret)
  // A key may begin with a dash, which a spreadsheet must not take for a formula.
  expect((await sheet('identity.read')).body).toMatch(new RegExp(`,identity\\.read,'?${personKey},,`))
  expect((await admin.ask('/v1/audit?action=audit.export&limit=1')).body.entries).toMatchObject([
    { reason: 'action=identity.read' },
  ])
})
