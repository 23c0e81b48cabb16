import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KINDS } from '#domain/signal.ts'
import { type Ask, askOf } from '../support/ask.ts'
import { FORMS, written } from '../support/forms.ts'
import { post } from '../support/post.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { industry } from '../support/signals.ts'

/** Two counties of one city, the city, and points that one county must not speak of for the other. */
const REGIONS = { a: '430503', b: '430502', city: '4305' }
type Name = keyof typeof REGIONS
let server: TestServer
let ask: Ask
let cookie: string
const keys = {} as Record<Name, string>
const sources = {} as Record<Name, string>

beforeAll(async () => {
  server = await startServer()
  cookie = await server.signIn()
  ask = askOf(server, cookie)
  for (const [name, region] of Object.entries(REGIONS)) {
    const { id, key } = await server.createSource({ kinds: KINDS, region })
    keys[name as Name] = key
    sources[name as Name] = id
  }
})
afterAll(() => server.stop())

let minutes = 0
/** A report of now; each of a test is a little later than the one before. */
const report = (pointId: string, workRegion: string, over: Record<string, unknown> = {}) =>
  industry({
    pointId,
    workRegion,
    headcount: 300,
    observedAt: new Date(Date.now() - 86_400_000 + ++minutes * 1_000).toISOString(),
    ...over,
  })
type Row = Record<string, unknown>
const send = (from: Name, rows: Row[], query = '', headers: Record<string, string> = {}) =>
  post(server, 'industry', keys[from], JSON.stringify(rows), { query, headers })
const countsOf = ({ body }: { body: any }) => [body.accepted, body.unchanged, body.rejected]
const headcounts = async (): Promise<Record<string, number>> => {
  const { rows } = await ask('GET', '/distribution?measure=industry.headcount&by=work.county')
  return Object.fromEntries(rows.map((row: any) => [row['work.county'], row.value]))
}

test('a county cannot speak for a point of another: no figure moves, and it is told what to do and nothing else', async () => {
  expect(countsOf(await send('a', [report('p1', REGIONS.a)]))).toEqual([1, 0, 0])
  const before = await headcounts()
  const theirs = [
    report('p1', REGIONS.b, { headcount: 9_000 }),
    // Of another period, another project, or an event: it is the same point.
    report('p1', REGIONS.b, { period: '2026-09', headcount: 9_000 }),
    report('p1', REGIONS.b, { project: '二期', headcount: 9_000 }),
    report('p1#event', REGIONS.b, { majorEvent: '停工' }),
  ]
  const refused = await send('b', theirs)
  expect(refused.status).toBe(422)
  expect(refused.body).toMatchObject({ received: 4, accepted: 0, rejected: 4 })
  expect(refused.body.errors[0]).toEqual({
    row: 1,
    path: 'pointId',
    code: 'point_elsewhere',
    message: expect.stringMatching(/该监测点属于其他地区.*请核对监测点编号.*上级来源/),
  })
  // The id of the batch is made of random digits.
  const said = refused.text.replace(refused.body.batch, '')
  expect(said).not.toContain(REGIONS.a)
  expect(said).not.toContain('300')
  const inEnglish = await send('b', [report('p1', REGIONS.b)], '', { 'accept-language': 'en' })
  expect(inEnglish.body.errors[0].message).toMatch(/check pointId/)
  expect(await headcounts()).toEqual(before)
  expect(before).toMatchObject({ [REGIONS.a]: 300 })
})

test('its own rows beside are taken, and what was refused waits as it was sent', async () => {
  const rows = [report('p2', REGIONS.b), report('p1', REGIONS.b, { headcount: 77 }), report('p3', REGIONS.b)]
  const reply = await send('b', rows)
  expect(countsOf(reply)).toEqual([2, 0, 1])
  expect(reply.body.errors).toMatchObject([{ row: 2, path: 'pointId', code: 'point_elsewhere' }])
  const { rows: kept } = await ask('GET', `/batches/${reply.body.batch}/errors.json`, undefined, keys.b)
  expect(kept).toMatchObject([{ row: 2, value: rows[1] }])
  const asked = `/quarantine?state=waiting&code=point_elsewhere&batch=${reply.body.batch}`
  expect((await ask('GET', asked)).rows).toMatchObject([{ row: 2, source: sources.b }])
})

test('a trial and a preview say so and claim nothing', async () => {
  const mixed = [report('p1', REGIONS.b), report('untold', REGIONS.b)]
  const trial = await send('b', mixed, '?mode=validate')
  expect(countsOf(trial)).toEqual([1, 0, 1])
  expect(trial.body.errors).toMatchObject([{ row: 1, code: 'point_elsewhere' }])
  const preview = await fetch(`${server.url}/v1/signals/industry/preview`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.b}`, 'content-type': 'application/json' },
    body: JSON.stringify(mixed),
  })
  const { rows } = (await preview.json()) as any
  expect(rows.map((row: any) => row.faults.map((fault: any) => fault.code))).toEqual([
    ['point_elsewhere'],
    [],
  ])
  expect(countsOf(await send('a', [report('untold', REGIONS.a)]))).toEqual([1, 0, 0])
})

describe.each(FORMS)('in %s', (form) => {
  const headers = { 'content-type': form }
  const rows = (name: string) => [
    report(`${name}-own`, REGIONS.b),
    report('p1', REGIONS.b, { headcount: 9_000 }),
    report(`${name}-other`, REGIONS.b),
  ]
  const later = async (reply: { body: any }): Promise<any> => {
    await waitFor(async () => ['done', 'failed'].includes((await look(reply)).state))
    return await look(reply)
  }
  const look = (reply: { body: any }) => ask('GET', `/batches/${reply.body.batch}`)

  test.each([false, true])('taken row by row, as a file %s', async (isAsync) => {
    const name = `${form}-${isAsync}`
    const reply = await post(server, 'industry', keys.b, written('industry', rows(name), form), {
      headers: { ...headers, ...(isAsync && { prefer: 'respond-async' }) },
    })
    expect(await later(reply)).toMatchObject({ received: 3, accepted: 2, unchanged: 0, rejected: 1 })
    const { rows: kept } = await ask('GET', `/batches/${reply.body.batch}/errors.json`, undefined, keys.b)
    expect(kept).toMatchObject([
      { row: 2, value: { pointId: 'p1' }, errors: [{ path: 'pointId', code: 'point_elsewhere' }] },
    ])
  })

  test.each([false, true])('taken all or none, as a file %s', async (isAsync) => {
    const name = `whole-${form}-${isAsync}`
    const before = await headcounts()
    const body = written('industry', rows(name), form)
    const reply = await post(server, 'industry', keys.b, body, {
      query: '?atomic=all',
      headers: { ...headers, ...(isAsync && { prefer: 'respond-async' }) },
    })
    expect(reply.status).toBe(isAsync ? 202 : 422)
    expect(await later(reply)).toMatchObject({ received: 3, accepted: 0, rejected: 1 })
    expect(await headcounts()).toEqual(before)
    // It claimed nothing: the other county may have the point.
    expect(countsOf(await send('a', [report(`${name}-own`, REGIONS.a)]))).toEqual([1, 0, 0])
  })
})

test('a large body, which another thread goes through, keeps the rows that are refused', async () => {
  const rows = Array.from({ length: 900 }, (_, i) =>
    report(i % 3 === 1 ? 'p1' : `large-${i}`, REGIONS.b, { headcount: i }),
  )
  const reply = await send('b', rows)
  expect(countsOf(reply)).toEqual([600, 0, 300])
  const { rows: kept } = await ask('GET', `/batches/${reply.body.batch}/errors.json`, undefined, keys.b)
  expect(kept.map(({ row, value }: any) => [row, value])).toEqual(
    rows.flatMap((row, i) => (i % 3 === 1 ? [[i + 1, row]] : [])),
  )
})

test('who may speak for both moves a point; then the other county speaks for it, also what waited', async () => {
  await send('a', [report('moving', REGIONS.a)])
  const early = await send('b', [report('moving', REGIONS.b, { headcount: 500 })])
  expect(early.status).toBe(422)
  expect(countsOf(await send('city', [report('moving', REGIONS.b)]))).toEqual([1, 0, 0])
  expect((await send('a', [report('moving', REGIONS.a)])).status).toBe(422)
  expect(countsOf(await send('b', [report('moving', REGIONS.b)]))).toEqual([1, 0, 0])
  const left = () => ask('GET', `/quarantine?state=waiting&batch=${early.body.batch}`)
  expect((await left()).rows).toHaveLength(1)
  const done = await ask('POST', '/quarantine/replay', { batch: early.body.batch }, keys.b)
  expect(done).toEqual({ judged: 1, replayed: 1, next: null })
  expect((await left()).rows).toEqual([])
})

test('a replay and a correction are judged alike', async () => {
  const { batch } = (await send('b', [report('p1', REGIONS.b)])).body
  expect(await ask('POST', '/quarantine/replay', { batch }, keys.b)).toEqual({
    judged: 1,
    replayed: 0,
    next: null,
  })
  const correct = async (value: Row) => {
    const response = await fetch(`${server.url}/v1/quarantine/${batch}/1/correct`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.b}`, 'content-type': 'application/json' },
      body: JSON.stringify({ value }),
    })
    return { status: response.status, body: (await response.json()) as any }
  }
  expect(await correct(report('p1', REGIONS.b))).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'pointId', code: 'point_elsewhere' }] },
  })
  expect(await correct(report('p1-b', REGIONS.b))).toMatchObject({ status: 200 })
})

test('a key that is narrowed to a county speaks for that county only', async () => {
  const { key } = await ask('POST', `/sources/${sources.city}/keys`, { region: REGIONS.b })
  const reply = await post(server, 'industry', key, JSON.stringify([report('p1', REGIONS.b)]))
  expect(reply.body.errors).toMatchObject([{ code: 'point_elsewhere' }])
})

test('a unit says where its point lies before anything is told of it, and no more afterwards', async () => {
  const unit = { kind: 'park', rank: 'national', name: '示例园区', region: REGIONS.a, pointId: 'registered' }
  await ask('POST', '/units', unit)
  expect((await send('b', [report('registered', REGIONS.b)])).status).toBe(422)
  expect(countsOf(await send('city', [report('registered', REGIONS.b)]))).toEqual([1, 0, 0])
  expect(countsOf(await send('b', [report('registered', REGIONS.b)]))).toEqual([1, 0, 0])
})

test('of two counties that tell of new points at once, each point is of one', async () => {
  const points = Array.from({ length: 60 }, (_, i) => `race-${i}`)
  const told = await Promise.all(
    points.flatMap((point) =>
      (['a', 'b'] as const).map(async (from) => (await send(from, [report(point, REGIONS[from])])).status),
    ),
  )
  const pairs = points.map((_, i) => [told[2 * i], told[2 * i + 1]].sort())
  expect(pairs).toEqual(points.map(() => [200, 422]))
})

test('it holds after a kill, and a point whose first telling was withdrawn is free again', async () => {
  const { batch } = (await send('a', [report('freed', REGIONS.a)])).body
  await server.killAndRestart()
  expect((await send('b', [report('p1', REGIONS.b)])).status).toBe(422)
  expect((await send('b', [report('freed', REGIONS.b)])).status).toBe(422)
  // Still told by another batch: it stays where it is.
  const second = (await send('a', [report('freed', REGIONS.a)])).body
  await ask('POST', `/batches/${batch}/withdraw`, { reason: '误报' })
  expect((await send('b', [report('freed', REGIONS.b)])).status).toBe(422)
  await ask('POST', `/batches/${second.batch}/withdraw`, { reason: '误报' })
  expect(countsOf(await send('b', [report('freed', REGIONS.b)]))).toEqual([1, 0, 0])
  expect((await send('a', [report('freed', REGIONS.a)])).status).toBe(422)
})
