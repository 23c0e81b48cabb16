import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Alert } from '#domain/alert.ts'
import { Client } from '../support/client.ts'
import { employerCode } from '../support/employers.ts'
import { LiveClient } from '../support/live.ts'
import { enterAdmin, enterPerson } from '../support/people.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears } from '../support/signals.ts'

/** One employer owes in two counties of a city: who looks after one county, both, or the province, on every way out. */
const VIEWERS = { a: '430503', b: '430502', city: '4305', province: '43', elsewhere: '4301' }
type Name = keyof typeof VIEWERS
let server: TestServer
let admin: Client
let key: string
const people = {} as Record<Name, { client: Client; live: LiveClient }>

beforeAll(async () => {
  server = await startServer({ HOST: '0.0.0.0' })
  admin = await enterAdmin(server)
  key = (await server.createSource()).key
  for (const [name, region] of Object.entries(VIEWERS)) {
    const { id, client } = await enterPerson(server, admin, { username: `viewer.${name}`, role: 'reporter' })
    const post = { role: 'onCall', regions: [region] }
    expect((await admin.ask(`/v1/people/${id}/posts`, post)).status).toBe(201)
    people[name as Name] = { client, live: new LiveClient(server, 0, client.cookie) }
  }
})
afterAll(async () => {
  for (const { live } of Object.values(people)) live.close()
  await server.stop()
})

const owing = (caseId: string, workRegion: string, owed: string, status = 'reported') =>
  arrears({
    caseId,
    workRegion,
    owed,
    status,
    employerCode: employerCode(1),
    workers: 5,
    // By home their county sees every case, and not the sum of several counties.
    homeRegions: [{ region: '430522', workers: 5 }],
    observedAt: new Date(Date.now() - 60_000 + (status === 'settled' ? 30_000 : 0)).toISOString(),
  })
const briefly = (alerts: Iterable<Alert>) =>
  [...alerts].map(({ region, value }) => `${region} ${value}`).sort()

async function evidence(client: Client, id: string): Promise<{ status: number; cases: string[] }> {
  const { status, body } = await client.ask(`/v1/alerts/${id}/evidence`)
  return { status, cases: (body.rows ?? []).map((row: { caseId: string }) => row.caseId).sort() }
}

const SUMS = {
  a: ['430503 120000.00'],
  b: ['430502 90000.00'],
  city: ['4305 210000.00', '430502 90000.00', '430503 120000.00'],
  province: ['4305 210000.00', '430502 90000.00', '430503 120000.00'],
  elsewhere: [],
} satisfies Record<Name, string[]>

test('everybody sees the sums of their own counties, by the list, the log and the socket', async () => {
  const rows = [
    owing('a1', '430503', '70000'),
    owing('a2', '430503', '50000'),
    owing('b1', '430502', '90000'),
  ]
  expect((await server.send('arrears', key, rows)).body).toMatchObject({ accepted: 3 })
  await waitFor(async () => (await admin.ask('/v1/alerts')).body.alerts.length === 3)
  for (const [name, sums] of Object.entries(SUMS)) {
    const { client, live } = people[name as Name]
    expect(briefly((await client.ask('/v1/alerts')).body.alerts), name).toEqual(sums)
    await waitFor(() => live.entries.length === sums.length)
    expect(briefly(live.shown.values()), name).toEqual(sums)
    const { entries } = (await client.ask('/v1/alerts/log')).body
    expect(briefly(entries.map((entry: { alert: Alert }) => entry.alert)), name).toEqual(sums)
  }
})

test('what proves an alert is of its counties only, and what one may not see is not there', async () => {
  const all: Alert[] = (await admin.ask('/v1/alerts')).body.alerts
  const of = (region: string) => all.find((alert) => alert.region === region)?.id ?? ''
  const seen = async (name: Name) =>
    Promise.all(['430503', '430502', '4305'].map((region) => evidence(people[name].client, of(region))))
  const none = { status: 404, cases: [] }
  const A = { status: 200, cases: ['a1', 'a2'] }
  const B = { status: 200, cases: ['b1'] }
  const both = { status: 200, cases: ['a1', 'a2', 'b1'] }
  expect(await seen('a')).toEqual([A, none, none])
  expect(await seen('b')).toEqual([none, B, none])
  expect(await seen('city')).toEqual([A, B, both])
  expect(await seen('province')).toEqual([A, B, both])
  expect(await seen('elsewhere')).toEqual([none, none, none])
  const single = async (name: Name, region: string) =>
    (await people[name].client.ask(`/v1/alerts/${of(region)}`)).status
  expect([await single('a', '4305'), await single('a', '430502'), await single('province', '4305')]).toEqual([
    404, 404, 200,
  ])
})

test('a screen shows what lies in its region; by home nobody sees the sum of several counties', async () => {
  const shownOn = async (terms: object) => {
    const screen = new Client(server)
    const { code } = (await screen.ask('/v1/walls/pairings', {})).body
    expect((await admin.ask('/v1/walls', { code, name: '大厅', ...terms })).status).toBe(201)
    await screen.ask('/v1/walls/pairings', {})
    const live = new LiveClient(server, null, screen.cookie)
    await waitFor(() => live.snapshots.length > 0)
    live.close()
    const listed = briefly((await screen.ask('/v1/alerts')).body.alerts)
    expect(briefly(live.shown.values())).toEqual(listed)
    return listed
  }
  expect(await shownOn({ region: '430503', side: 'work' })).toEqual(SUMS.a)
  expect(await shownOn({ region: '4305', side: 'work' })).toEqual(SUMS.city)
  expect(await shownOn({ region: '430522', side: 'home' })).toEqual(['430502 null', '430503 null'])
})

test('settled cases resolve the alerts of both counties and the common one, for everybody who saw them', async () => {
  const rows = [
    owing('a1', '430503', '0', 'settled'),
    owing('a2', '430503', '0', 'settled'),
    owing('b1', '430502', '0', 'settled'),
  ]
  expect((await server.send('arrears', key, rows)).body).toMatchObject({ accepted: 3 })
  await waitFor(async () => (await admin.ask('/v1/alerts')).body.alerts.length === 0)
  for (const [name, sums] of Object.entries(SUMS)) {
    const { client, live } = people[name as Name]
    expect((await client.ask('/v1/alerts')).body.alerts).toEqual([])
    await waitFor(() => [...live.shown.values()].every(({ state }) => state === 'resolved'))
    expect(live.entries.filter(({ change }) => change === 'resolved').length, name).toBe(sums.length)
  }
})
