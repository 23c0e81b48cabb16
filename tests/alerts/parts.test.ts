import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Alert } from '#domain/alert.ts'
import type { Client } from '../support/client.ts'
import { LiveClient } from '../support/live.ts'
import { enterAdmin, enterPerson } from '../support/people.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears } from '../support/signals.ts'

/** One site whose cases lie in two townships of a county, in two sectors, with workers of two counties. */
const POSTS = {
  county: { regions: ['430503'], side: 'work' },
  township: { regions: ['430503001'], side: 'work' },
  neighbour: { regions: ['430503002'], side: 'work' },
  sector: { regions: ['430503'], sectors: ['C'] },
  /** The township of one case and the sector of the other. */
  crossed: { regions: ['430503003'], sectors: ['C'] },
  home: { regions: ['430522'], side: 'home' },
} as const
type Name = keyof typeof POSTS
const NAMES = Object.keys(POSTS) as Name[]
let server: TestServer
let key: string
let admin: Client
const people = {} as Record<Name, { client: Client; live: LiveClient }>

beforeAll(async () => {
  server = await startServer({ HOST: '0.0.0.0' })
  admin = await enterAdmin(server)
  key = (await server.createSource()).key
  for (const name of NAMES) {
    const { id, client } = await enterPerson(server, admin, { username: `of.${name}`, role: 'reporter' })
    const given = await admin.ask(`/v1/people/${id}/posts`, { role: 'onCall', ...POSTS[name] })
    expect(given.status).toBe(201)
    people[name] = { client, live: new LiveClient(server, null, client.cookie) }
  }
  await waitFor(() => NAMES.every((name) => people[name].live.snapshots.length === 1))
})
afterAll(async () => {
  for (const { live } of Object.values(people)) live.close()
  await server.stop()
})

let minutes = 0
const send = async (caseId: string, owed: string, over: object) => {
  const observedAt = new Date(Date.now() - 3_600_000 + ++minutes * 60_000).toISOString()
  const row = arrears({ caseId, owed, project: '安置房', workers: 4, observedAt, ...over })
  expect((await server.send('arrears', key, [row])).body).toMatchObject({ accepted: 1 })
}
const BIG = {
  workRegion: '430503003',
  sector: 'E',
  homeRegions: [{ region: '430121', workers: 4 }],
}
const SMALL = {
  workRegion: '430503001',
  sector: 'C',
  homeRegions: [{ region: '430522', workers: 4 }],
}
const figuresOf = ({ value, cases, workers, owed, isPart }: Alert) => [value, cases, workers, owed, isPart]
const HIDDEN = [null, null, null, null, true]
const WHOLE = ['70000.00', 2, 8, '70000.00', false]
const SEEN = {
  county: [WHOLE],
  township: [HIDDEN],
  neighbour: [],
  sector: [HIDDEN],
  crossed: [],
  home: [HIDDEN],
}

test('a township, a sector and a home are told of an alert of which a part is theirs, without its figures', async () => {
  await send('big', '60000', BIG)
  await waitFor(() => people.county.live.entries.length === 1)
  await send('small', '10000', SMALL)
  await waitFor(() => NAMES.every((name) => people[name].live.shown.size === SEEN[name].length))
  await waitFor(() => people.county.live.entries.length === 2)
  for (const name of NAMES) {
    const { client, live } = people[name]
    expect([name, [...live.shown.values()].map(figuresOf)]).toEqual([name, SEEN[name]])
    const { alerts } = (await client.ask('/v1/alerts')).body
    expect([name, alerts.map(figuresOf)]).toEqual([name, SEEN[name]])
    const { entries } = (await client.ask('/v1/alerts/log')).body
    expect([name, figuresOf(entries.at(-1)?.alert ?? {})]).toEqual([
      name,
      SEEN[name][0] ?? figuresOf({} as Alert),
    ])
    // Who begins now is told by the snapshot what the others were told by the log.
    const late = new LiveClient(server, null, client.cookie)
    await waitFor(() => late.snapshots.length === 1)
    expect([name, late.snapshots[0]?.alerts.map(figuresOf)]).toEqual([name, SEEN[name]])
    late.close()
  }
})

test('one alert, what proves it and what is done with it show no more than the list', async () => {
  const { id } = (await people.county.client.ask('/v1/alerts')).body.alerts[0]
  const cases = async (name: Name) => {
    const { status, body } = await people[name].client.ask(`/v1/alerts/${id}/evidence`)
    return [status, (body.rows ?? []).map((row: { caseId: string }) => row.caseId)]
  }
  expect(Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, await cases(name)])))).toEqual(
    {
      county: [200, ['big', 'small']],
      township: [200, ['small']],
      neighbour: [404, []],
      sector: [200, ['small']],
      crossed: [404, []],
      home: [200, ['small']],
    },
  )
  const { body } = await people.township.client.ask(`/v1/alerts/${id}`)
  expect(figuresOf(body)).toEqual(HIDDEN)
  // Of the case that owes most, which lies elsewhere, neither place, sector nor employer.
  expect(body).toMatchObject({ region: '430503001', sector: 'C', employer: '', project: '安置房' })
  expect(body).toMatchObject({ workRegions: ['430503001'], sectors: ['C'], bySector: [], tier: 'yellow' })
  const acknowledge = { action: 'acknowledge' }
  const done = await people.sector.client.ask(`/v1/alerts/${id}/actions`, acknowledge)
  expect([done.status, done.body.state, ...figuresOf(done.body)]).toEqual([200, 'acknowledged', ...HIDDEN])
  // What is written down is whole: nobody else loses a figure by who acted.
  await waitFor(() => people.county.live.entries.at(-1)?.change === 'acknowledged')
  expect([...people.county.live.shown.values()].map(figuresOf)).toEqual([WHOLE])
})

test('a region asked for finds the alert by the places that are theirs, and tells of no others', async () => {
  const found = async (client: Client, region: string) =>
    (await client.ask(`/v1/alerts?region=${region}`)).body.alerts.length
  const asked = ['430503', '430503001', '430503003', '430503002']
  const counts = (client: Client) => Promise.all(asked.map((region) => found(client, region)))
  expect(await counts(people.county.client)).toEqual([1, 1, 1, 0])
  expect(await counts(people.township.client)).toEqual([1, 1, 0, 0])
  expect(await counts(people.home.client)).toEqual([1, 0, 0, 0])
})

test('an alert that is theirs no longer leaves the open page, whatever becomes of it', async () => {
  await send('small', '0', { ...SMALL, status: 'settled' })
  for (const name of ['township', 'sector', 'home'] as const) {
    await waitFor(() => people[name].live.shown.size === 0)
    expect((await people[name].client.ask('/v1/alerts')).body.alerts).toEqual([])
  }
  await waitFor(() => people.county.live.entries.length === 4)
  expect([...people.county.live.shown.values()].map(figuresOf)).toEqual([
    ['60000.00', 1, 4, '60000.00', false],
  ])
  // Of no other alert and to nobody else was a snapshot due.
  expect(NAMES.map((name) => people[name].live.snapshots.length)).toEqual([1, 2, 1, 2, 1, 2])
})
