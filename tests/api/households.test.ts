import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppError } from '#domain/error.ts'
import { problem } from '../../api/http.ts'
import { createAuth } from '../../api/identity/auth.ts'
import { createGate } from '../../api/identity/gate.ts'
import { Measures } from '../../api/measures/answers.ts'
import { householdRoutes } from '../../api/routes/households.ts'
import { insideOf } from '../../api/shield/address.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { Sources } from '../../ingestion/sources.ts'
import { commitTo } from '../support/commit.ts'
import { enterWithPost } from '../support/people.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'
import { idNumber, idNumberFor, worker } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'

const SECRET = 'a secret of the households test, long enough'
const V1 = '430522100001'
const V2 = '430522100002'
const at = (day: number) => `2026-06-${String(day).padStart(2, '0')}T09:00:00+08:00`

let server: TestServer
let cookie: string
let stationId: string
const ask = (path: string, headers: Record<string, string> = { cookie }) =>
  fetch(`${server.url}${path}`, { headers })
const WHY = '入户核对务工信息'
const open = (key: string, reason = WHY, headers: Record<string, string> = { cookie }) =>
  fetch(`${server.url}/v1/households/read`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ key, reason }),
  })

/**
 * Household 12 of V1: two persons, one away in Shenzhen, one at work in the home township. Household 13 of V1: one who
 * withdrew and one who returned. Household 12 of V2: one who works somewhere in the home county. One of the township, no village.
 */
beforeAll(async () => {
  server = await startServer({ SECRET })
  cookie = await server.signIn()
  const homestead = await server.createSource({ name: '宅基地台账' })
  const station = await server.createSource({ name: '驻深服务站' })
  stationId = station.id
  const told = (n: number, homeRegion: string, over: object = {}) =>
    worker({
      idNumber: idNumberFor(n),
      homeRegion,
      workRegion: undefined,
      sector: undefined,
      observedAt: at(1),
      ...over,
    })
  await server.send('workers', homestead.key, [
    told(1, V1, { household: '12' }),
    told(2, V1, { household: '12', workRegion: '430522100' }),
    told(3, V1, { household: '13', status: 'withdrawn' }),
    told(4, V1, { household: '13', status: 'returned' }),
    told(5, V2, { household: '12', workRegion: '430522' }),
    told(6, '430522100', { workRegion: '4403' }),
  ])
  // The station knows the county and the job, nothing of the household.
  await server.send('workers', station.key, [
    told(1, '430522', { workRegion: '440306', employer: '甲厂', monthlyWage: '6200.00', observedAt: at(3) }),
  ])
  // The insurance knows the township, in which several villages have a household 12.
  const insurance = await server.createSource({ name: '参保台账' })
  await server.send(
    'workers',
    insurance.key,
    [1, 5].map((n) => told(n, '430522100', { household: '12', insured: true, observedAt: at(2) })),
  )
})
afterAll(() => server.stop())

test('counts households, persons and persons away by village; a village nobody reported is null', async () => {
  const { rows, households } = await server.get('/v1/households?region=430522100', cookie)
  expect(rows.filter((row: any) => row.persons !== null)).toEqual([
    { village: V1, name: '酿溪社区', households: 2, persons: 3, away: 1, hidden: [] },
    { village: V2, name: '大塘社区', households: 1, persons: 1, away: 0, hidden: [] },
    { village: null, name: null, households: 0, persons: 1, away: 1, hidden: [] },
  ])
  expect(rows[2]).toMatchObject({ village: '430522100003', households: null, persons: null, away: null })
  expect(households).toBeNull()
})

test('a village opens into its households and a household into its members, each field with its source', async () => {
  const village = await server.get(`/v1/households?region=${V1}`, cookie)
  expect(village.rows).toEqual([
    { village: V1, name: '酿溪社区', households: 2, persons: 3, away: 1, hidden: [] },
  ])
  const key = deriveKeys(SECRET).householdKey(V1, '12')
  expect(village.households).toEqual([
    { key, persons: 2, away: 1 },
    { key: deriveKeys(SECRET).householdKey(V1, '13'), persons: 1, away: 0 },
  ])
  expect((await open(key, '查')).status).toBe(400)
  const household: any = await (await open(key)).json()
  const { entries } = await server.get('/v1/audit?action=household.read', cookie)
  expect(entries.map((entry: any) => [entry.whoName, entry.subject, entry.reason])).toEqual([
    [ADMIN.username, key, WHY],
  ])
  expect(household.region).toBe(V1)
  expect(household.members).toHaveLength(2)
  const away = household.members.find(
    (one: any) => one.personKey === deriveKeys(SECRET).personKey(idNumberFor(1)),
  )
  const source = (field: string) => household.sources[away.fields[field].source]
  expect([source('homeRegion'), source('household'), source('employer'), source('status')]).toEqual([
    '宅基地台账',
    '宅基地台账',
    '驻深服务站',
    '驻深服务站',
  ])
  expect(away.fields.monthlyWage).toMatchObject({
    value: '6200.00',
    source: stationId,
    observedAt: '2026-06-03T09:00:00.000+08:00',
  })
  expect(JSON.stringify(household)).not.toContain(idNumberFor(1))
})

test('who is not logged in sees neither counts nor members', async () => {
  const key = deriveKeys(SECRET).householdKey(V1, '12')
  expect((await ask('/v1/households?region=430522100', {})).status).toBe(401)
  expect((await ask('/v1/households?region=430522100')).status).toBe(200)
  expect([(await open(key, WHY, {})).status, (await open(key)).status]).toEqual([401, 200])
})

test('an analyst sees the counts of a village blurred, not its households, and no members; a reporter sees nothing', async () => {
  const stores = await openTestStores()
  try {
    const auth = createAuth(stores.postgres, SECRET, () => undefined)
    await auth.createPerson('clerk', ADMIN.password, 'reporter')
    const gate = createGate(auth, stores.postgres, false)
    const routes = new Hono()
      .onError((error, c) => (error instanceof AppError ? problem(c, error) : c.text(String(error), 500)))
      .route(
        '/',
        householdRoutes({
          ...stores,
          gate,
          measures: new Measures(stores.engine, stores.postgres, 'a key of the test'),
          sources: new Sources(stores.postgres, insideOf),
        }),
      )
    const signedIn = await auth.handler(
      new Request('http://localhost/v1/auth/sign-in/username', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'clerk', password: ADMIN.password }),
      }),
    )
    const headers = { cookie: (signedIn.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '' }
    await commitTo(stores)('workers', [worker({ homeRegion: V1, household: '12' })])
    expect((await routes.request(`/households?region=${V1}`, { headers })).status).toBe(403)
    await stores.postgres.query(`UPDATE posts SET role = 'analyst'`)
    const counts = await routes.request(`/households?region=${V1}`, { headers })
    expect(await counts.json()).toMatchObject({
      rows: [{ households: null, persons: null, away: null, hidden: ['households', 'persons', 'away'] }],
      hidesBelow: 5,
      households: null,
    })
    const key = deriveKeys(SECRET).householdKey(V1, '12')
    expect(
      (
        await routes.request('/households/read', {
          method: 'POST',
          headers,
          body: JSON.stringify({ key, reason: WHY }),
        })
      ).status,
    ).toBe(403)
  } finally {
    await stores.close()
  }
})

test('who may not see individuals cannot take a hidden village apart by asking otherwise', async () => {
  const { key } = await server.createSource({ name: '大村' })
  const many = Array.from({ length: 23 }, (_, n) =>
    worker({
      idNumber: idNumberFor(100 + n),
      homeRegion: '430522101004',
      workRegion: '4403',
      observedAt: at(1),
    }),
  )
  const few = [1, 2, 3].map((n) =>
    worker({
      idNumber: idNumberFor(200 + n),
      homeRegion: '430522101003',
      workRegion: undefined,
      observedAt: at(1),
    }),
  )
  await server.send('workers', key, [...many, ...few])
  const analyst = await enterWithPost(server, { role: 'analyst', regions: ['4305'] })
  const rowOf = (answer: any, village: string) => answer.rows.find((row: any) => row.village === village)
  const township = await server.get('/v1/households?region=430522101', analyst)
  const [small, large] = [rowOf(township, '430522101003'), rowOf(township, '430522101004')]
  // Nobody is known to be away, and nobody has a household: 0 is told as it is.
  expect(small).toMatchObject({ households: 0, persons: null, away: 0, hidden: ['persons'] })
  expect(rowOf(township, '430522101202')).toMatchObject({ persons: null, hidden: [] })
  // By the village or by the township the same is drawn: asking again is no second chance.
  for (const row of [small, large])
    expect((await server.get(`/v1/households?region=${row.village}`, analyst)).rows).toEqual([row])
  // The township as a measure tells it, less the villages that are shown, is a multiple of k, as each of them is.
  const path = '/v1/distribution?measure=workers.count&by=home.township&region=430522101'
  const { rows, hidesBelow } = await server.get(path, analyst)
  expect([hidesBelow, township.hidesBelow, rows[0].value % 5, large.persons % 5]).toEqual([5, 5, 0, 0])
  expect(large.persons).toBeGreaterThanOrEqual(5)
  const exact = await server.get('/v1/households?region=430522101', cookie)
  expect([exact.hidesBelow, rowOf(exact, '430522101003').persons]).toEqual([null, 3])
})

test('what has no villages is refused, and what does not exist is not found', async () => {
  const status = async (path: string) => (await ask(path)).status
  expect(await status('/v1/households')).toBe(400)
  expect(await status('/v1/households?region=430522')).toBe(400)
  expect(await status('/v1/households?region=430522100999')).toBe(404)
  expect((await open('AAAAAAAAAAAAAAAAAAAAAA')).status).toBe(404)
})

test('a person can be asked down to the township, and a village that does not exist is refused', async () => {
  const { rows } = await server.get('/v1/distribution?measure=workers.count&by=home.township&region=430522')
  expect(rows[0]).toEqual({ 'home.township': '430522100', value: 5 })
  const { key } = await server.createSource()
  const { body } = await server.send('workers', key, [
    worker({ idNumber: idNumber(9), homeRegion: '430522100999' }),
  ])
  expect(body.errors).toMatchObject([{ row: 1, path: 'homeRegion', code: 'unknown_region' }])
})
