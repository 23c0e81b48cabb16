import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnswerRow } from '#domain/measure.ts'
import type { Client } from '../support/client.ts'
import { enterAdmin, enterPerson } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { industry } from '../support/signals.ts'
import {
  makeScreen,
  makeThings,
  OWED,
  REGIONS,
  RELATIONS,
  type Relation,
  strangersIn,
  type Things,
} from './matrix-things.ts'
import { addressed, place, places, question } from './scope-questions.ts'

/** With `SEED` and `RUNS` of the environment others than these. */
const TRIES = { seed: Number(process.env.SEED ?? 20_261_124), numRuns: Number(process.env.RUNS ?? 400) }
const FEWER = { ...TRIES, numRuns: Math.ceil(TRIES.numRuns / 3) }

let server: TestServer
let owner: Client
const things = {} as Record<Relation, Things>
const cookies: Record<string, string> = {}

beforeAll(async () => {
  server = await startServer()
  owner = await enterAdmin(server)
  for (const relation of RELATIONS) things[relation] = await makeThings(server, owner, relation)
  const enter = async (username: string, post: object) =>
    (await enterPerson(server, owner, { username, role: 'onCall', regions: [REGIONS.own], ...post })).client
      .cookie
  cookies.administrator = await enter('county', { role: 'administrator' })
  cookies.byWork = await enter('bywork', { side: 'work' })
  cookies.byHome = await enter('byhome', { side: 'home' })
  cookies.screen = (await makeScreen(server, owner, 'parent')).cookie
})
afterAll(() => server.stop())

/** Asks as somebody: whatever is asked, the server does not fail, and tells of nothing but what is seen. */
async function ask(
  who: string,
  path: string,
  sent?: { method: string; body: object },
  seen: Relation[] = ['own'],
) {
  const body = sent && JSON.stringify(sent.body)
  const response = await fetch(server.url + path, {
    method: sent?.method ?? 'GET',
    headers: {
      ...{ cookie: cookies[who] ?? '', origin: server.url, 'x-forwarded-for': '192.0.2.1' },
      ...(sent && { 'content-type': 'application/json' }),
    },
    ...(body && { body }),
  })
  const text = await response.text()
  expect([response.status < 500, strangersIn(things, text, body, seen)], `${path} ${body} ${text}`).toEqual([
    true,
    [],
  ])
  const isFigures = response.ok && /^\{"measure":/.test(text)
  const figures = isFigures ? (JSON.parse(text) as { measure: string; rows: AnswerRow[] }) : null
  return { isOk: response.ok, figures }
}

/** The most that is true of the own county, worked out by hand from what was sent: any more is of elsewhere. */
const MOST: Record<string, number> = {
  'workers.count': 60,
  'workers.outOfProvince': 60,
  'arrears.openCases': 1,
  'arrears.newCases': 1,
  'arrears.workers': 60,
  'arrears.owed': OWED.own,
  'industry.headcount': 1_000,
  'industry.wagePaidShare': 0.98,
  // Both of its sources, as of an instant to come.
  'sources.silent': 2,
}
/** Where rows of the own county are: in it, and where its people work. */
const PLACES = /^(43(05(02(\d{3}){0,2})?)?|44(03(00)?)?|unknown)$/

describe('a person of one county', () => {
  test.each(['administrator', 'byWork', 'byHome'])('finds nothing from outside: %s', async (who) => {
    let answered = 0
    let rows = 0
    await fc.assert(
      fc.asyncProperty(question, async (path) => {
        const { isOk, figures } = await ask(who, path)
        answered += isOk ? 1 : 0
        for (const { value, t: _, ...dims } of figures?.rows ?? []) {
          rows++
          for (const [name, code] of Object.entries(dims))
            if (/^(home|work)/.test(name)) expect(code, path).toMatch(PLACES)
          expect(Number(value), path).toBeLessThanOrEqual(MOST[figures?.measure ?? ''] ?? 0)
        }
      }),
      TRIES,
    )
    // Else all was refused, or empty, and nothing was tried.
    expect(
      [answered > TRIES.numRuns / 4, rows > TRIES.numRuns / 50],
      `${answered} answered, ${rows} rows`,
    ).toEqual([true, true])
  })

  test('finds nothing, and breaks nothing, by anything in place of an id', async () => {
    await fc.assert(
      fc.asyncProperty(addressed, async (path) => {
        await ask('administrator', path)
      }),
      FEWER,
    )
  })

  let serial = 0
  /** What takes a region in a body. */
  const MAKES: Record<string, (region: unknown, regions: unknown) => object> = {
    '/v1/units': (region) => ({ kind: 'park', rank: 'national', name: `fuzz${++serial}`, region }),
    '/v1/sources': (region) => ({ name: `fuzz${++serial}`, kinds: ['arrears'], region }),
    '/v1/people': (_, regions) => ({ username: `fuzz${++serial}`, role: 'leader', regions }),
    '/v1/locks': (region) => ({ kind: 'industry', region, before: '2000-01-01', reason: 'fuzz' }),
    '/v1/walls': (region) => ({ code: 'ACDE-3479', name: `fuzz${++serial}`, region }),
    '/v1/quarantine/replay': (region, regions) => ({ source: region, batch: regions }),
    '/v1/identities/search': (region) => ({ idNumber: region, reason: '试试能不能' }),
    '/v1/identities/read': (region) => ({ personKey: region, reason: '试试能不能' }),
  }

  test('makes nothing outside, whatever is sent as its place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(MAKES)),
        place,
        places,
        async (path, region, regions) => {
          const body = MAKES[path]?.(region, regions) ?? {}
          await ask('administrator', path, { method: path === '/v1/locks' ? 'PUT' : 'POST', body })
        },
      ),
      FEWER,
    )
    // Of what was made elsewhere, who sees everything would see more than who made it.
    for (const path of ['/v1/units', '/v1/sources', '/v1/people?search=fuzz', '/v1/locks', '/v1/walls']) {
      const madeSeenBy = async (cookie: string | undefined) =>
        JSON.stringify(await server.get(path, cookie))
          .match(/"(name|username|reason)":"fuzz\d*"/g)
          ?.sort()
      const made = await madeSeenBy(owner.cookie)
      expect([path, await madeSeenBy(cookies.administrator)]).toEqual([path, made])
      if (path !== '/v1/walls') expect(made, path).not.toBeUndefined()
    }
  })
})

test('a source of one county moves no figure of another by its point, however that is told of', async () => {
  const told = fc.record({
    relation: fc.constantFrom('parent', 'sibling', 'foreign'),
    ending: fc.constantFrom('', ' ', '#event', '|一期', '#event|一期'),
    over: fc.record(
      {
        project: fc.constantFrom('一期', '|'),
        period: fc.constantFrom('2026-10', '2026-11-20'),
        headcount: fc.integer({ min: 0, max: 1e6 }),
        majorEvent: fc.constant('停工'),
      },
      { requiredKeys: ['period', 'headcount'] },
    ),
    minutesAgo: fc.integer({ min: 1, max: 30 * 1_440 }),
    query: fc.constantFrom('', '?mode=validate', '?atomic=all'),
  })
  const figures = async () => {
    const asked = (measure: string) => owner.ask(`/v1/distribution?measure=${measure}&by=work.county`)
    return JSON.stringify([
      (await asked('industry.headcount')).body.rows,
      (await asked('industry.wagePaidShare')).body.rows,
    ])
  }
  const before = await figures()
  await fc.assert(
    fc.asyncProperty(told, async ({ relation, ending, over, minutesAgo, query }) => {
      const observedAt = new Date(Date.now() - minutesAgo * 60_000).toISOString()
      const pointId = things[relation].pointId + ending
      const body = [industry({ ...over, pointId, observedAt, workRegion: REGIONS.own })]
      const path = `/v1/sources/${things.own.source}/signals/industry${query}`
      const { isOk } = await ask('administrator', path, { method: 'POST', body })
      expect(isOk, JSON.stringify(body)).toBe(false)
    }),
    FEWER,
  )
  expect(await figures()).toBe(before)
  expect(before).toContain(REGIONS.sibling)
})

test('a screen of a city finds nothing beyond it, and nothing but what a wall shows', async () => {
  let answered = 0
  await fc.assert(
    fc.asyncProperty(question, async (path) => {
      const { isOk, figures } = await ask('screen', path, undefined, ['own', 'parent', 'sibling'])
      answered += isOk ? 1 : 0
      if (isOk) expect(path).toMatch(/^\/v1\/(distribution|series|flows|alerts|alerts\/log)\?/)
      // One case of elsewhere owes more than the whole city, however that is blurred.
      if (figures?.measure === 'arrears.owed')
        for (const { value } of figures.rows) expect(Number(value), path).toBeLessThan(OWED.foreign / 2)
    }),
    TRIES,
  )
  expect(answered).toBeGreaterThan(TRIES.numRuns / 8)
})
