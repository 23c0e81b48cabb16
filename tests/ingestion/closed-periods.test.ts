import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { scopeOf } from '#domain/scope.ts'
import { KINDS, type Kind } from '#domain/signal.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { createCommitters } from '../../ingestion/commit.ts'
import { readIntakeRules } from '../../ingestion/intake-rules.ts'
import { intakeRulesRoutes } from '../../ingestion/intake-rules-routes.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { withdrawBatch } from '../../ingestion/withdrawals.ts'
import { arrears, idNumberFor, industry, worker } from '../support/signals.ts'
import { emptyStores, openTestStores } from '../support/stores.ts'

/**
 * What is closed stays as it was: random rows and withdrawals of a source without an exception, by the real steps, and the
 * figures of the closed region and time read from the signed rows before and after.
 */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 40)
const keys = deriveKeys('a secret of the closed-periods tests, long enough')
let stores: Awaited<ReturnType<typeof openTestStores>>
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())
beforeEach(() => emptyStores(stores))

const LOCKED = { workers: '430503', arrears: '430503', industry: '430503' }
const BEFORE = '2026-10-01T00:00:00+08:00'
const day = fc
  .constantFrom('2026-09-01', '2026-09-10', '2026-09-20', '2026-10-05')
  .map((one) => `${one}T08:00:00+08:00`)
const work = fc.constantFrom('430503', '430522', '440300')
const who = fc.integer({ min: 1, max: 2 })
const made: { [K in Kind]: fc.Arbitrary<object> } = {
  workers: fc
    .record({
      who,
      workRegion: fc.option(work, { nil: undefined }),
      homeRegion: fc.constantFrom('430503', '430522'),
      observedAt: day,
      status: fc.constantFrom('working', 'returned'),
    })
    .map(({ who, ...row }) => worker({ idNumber: idNumberFor(who), ...row })),
  arrears: fc
    .record({
      who,
      workRegion: work,
      observedAt: day,
      status: fc.constantFrom('reported', 'closed'),
      paid: fc.constantFrom(0, 100),
    })
    .map(({ who, ...row }) => arrears({ caseId: `case ${who}`, ...row })),
  industry: fc
    .record({
      who,
      workRegion: work,
      observedAt: day,
      period: fc.constantFrom('2026-07', '2026-08', '2026-09'),
      hires: fc.constantFrom(1, 2),
    })
    .map(({ who, ...row }) => industry({ pointId: `point ${who}`, ...row })),
}

it('what a period closed for its sender holds is changed by nothing that it sends or withdraws', async () => {
  const { engine, postgres } = stores
  await postgres.query(
    `INSERT INTO sources (id, name, kinds, region) VALUES ('s', '示例站', '{workers,arrears,industry}', '') ON CONFLICT DO NOTHING`,
  )
  const seen = { refusedByStore: 0, refusedWithdrawals: 0, withdrawn: 0, accepted: 0 }
  let n = 0
  const steps = fc.constantFrom(...KINDS).chain((kind) => {
    const batch = fc.array(made[kind], { minLength: 1, maxLength: 3 })
    return fc.tuple(
      fc.constant(kind),
      fc.array(batch, { minLength: 1, maxLength: 3 }),
      fc.array(fc.oneof(batch, fc.nat(2)), { minLength: 1, maxLength: 4 }),
    )
  })
  await fc.assert(
    fc.asyncProperty(steps, async ([kind, before, after]) => {
      await emptyStores(stores)
      await postgres.query('DELETE FROM locks')
      const committers = createCommitters(engine, postgres, false)
      const batches: string[] = []
      const send = async (rows: object[]) => {
        const batch = `bat_${++n}`
        const drafts = await draftsOf(kind, rows, batch)
        const [verdict] = await committers[kind].commit([drafts as never]).counted
        seen.accepted += verdict?.accepted ?? 0
        seen.refusedByStore += verdict?.refused?.size ?? 0
        for (const fault of verdict?.refused?.values() ?? [])
          expect(fault).toMatchObject({ code: 'period_locked', detail: '430503 < 2026-10-01T00:00' })
        await postgres.query(
          `INSERT INTO batches (id, source, kind, mode, "receivedAt", received, accepted, unchanged, rejected) VALUES ($1, 's', $2, 'commit', now(), 1, 1, 0, 0)`,
          [batch, kind],
        )
        batches.push(batch)
      }
      for (const rows of before) await send(rows)
      await postgres.query(
        `INSERT INTO locks (kind, region, "before", reason, "by") VALUES ($1, $2, $3, '已定', 'a test')`,
        [kind, LOCKED[kind], BEFORE],
      )
      const closed = () => figures(kind)
      const asClosed = await closed()
      for (const step of after)
        if (typeof step !== 'number') await send(step)
        else if (batches[step] !== undefined)
          await withdrawBatch({ engine, postgres, committers }, batches[step], 's', {
            reason: '误报',
            by: 'a test',
          }).then(
            () => seen.withdrawn++,
            (error) => {
              expect(error).toMatchObject({ code: 'period_locked' })
              seen.refusedWithdrawals++
            },
          )
      expect(await closed()).toEqual(asClosed)
    }),
    { numRuns: RUNS, seed: 29 },
  )
  // What was looked for came about.
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0)
  await postgres.query('DELETE FROM locks')
})

it('refuses together what a column that is misread as the case number brings of one case', async () => {
  const { engine, postgres } = stores
  await postgres.query(
    `INSERT INTO sources (id, name, kinds, region) VALUES ('s', '示例站', '{workers,arrears,industry}', '') ON CONFLICT DO NOTHING`,
  )
  const committer = createCommitters(engine, postgres, false).arrears
  const send = async (rows: object[]) => {
    const drafts = await draftsOf('arrears', rows, `bat_many${rows.length}`)
    return (await committer.commit([drafts as never]).counted)[0]
  }
  const of = (caseId: string, count: number) =>
    Array.from({ length: count }, (_, i) =>
      arrears({ caseId, workRegion: '430522', observedAt: '2026-09-10T08:00:00+08:00', workers: 1 + i }),
    )
  await send([arrears({ caseId: 'closed', workRegion: '430503', observedAt: '2026-09-01T08:00:00+08:00' })])
  await postgres.query(
    `INSERT INTO locks (kind, region, "before", reason, "by") VALUES ('arrears', '430503', $1, '已定', 'a test')`,
    [BEFORE],
  )
  const asClosed = await figures('arrears')
  expect(asClosed).toHaveLength(1)
  const verdict = await send([...of('closed', 60), ...of('open', 70)])
  expect([verdict?.accepted, verdict?.refused?.size]).toEqual([70, 60])
  expect(await figures('arrears')).toEqual(asClosed)
  await postgres.query('DELETE FROM locks')
})

async function draftsOf(kind: Kind, rows: object[], batch: string) {
  const rules = await readIntakeRules(stores.postgres, 's')
  const raw = rows.map((value, row) => ({ row, value, fault: null }))
  const source = { id: 's', kinds: KINDS, region: '', rules }
  return acceptRows(kind, raw, source, { source: 's', batch, keys, sealer: null }).drafts
}

/** The net rows of the closed region before the closing instant. */
async function figures(kind: Kind) {
  const places =
    kind === 'workers'
      ? '(home LIKE {region:String} OR work LIKE {region:String})'
      : 'work LIKE {region:String}'
  const dims = kind === 'workers' ? 'home, work, status' : kind === 'arrears' ? 'work, status' : 'work'
  const deltas = {
    workers: ['people'],
    arrears: ['cases', 'owedFen', 'births', 'recoveredFen'],
    industry: ['points', 'hires', 'headcount'],
  }[kind]
  const sums = deltas.map((delta) => `sum(${delta})`)
  return await stores.engine.query(
    {
      name: 'closed-figures',
      sql: `SELECT toString(tuple(at, ${dims}, ${sums.join(', ')})) AS line FROM ${kind}_changes_v1
          WHERE ${places} AND at < parseDateTime64BestEffort({before:String}, 3)
          GROUP BY at, ${dims} HAVING ${sums.map((sum) => `${sum} != 0`).join(' OR ')} ORDER BY line`,
      row: z.object({ line: z.string() }),
      unscoped: 'the test looks at all there is',
    },
    { region: `${LOCKED[kind]}%`, before: BEFORE },
  )
}

it('is closed or opened together with its line in the audit log, or not at all', async () => {
  const { postgres } = stores
  const scope = scopeOf([{ regions: [], side: 'both', sectors: [] }], true)
  const routes = intakeRulesRoutes({
    postgres,
    sources: { forget: () => undefined },
    allow: async () => ({ person: { id: 'p', username: 'li.si' }, scope }),
    audited: () => Promise.reject(new Error('the audit log is away')),
  } as never).onError((error, c) => c.text(error.message, 500))
  const said = async (method: string, path: string, body: object) =>
    await (await routes.request(path, { method, body: JSON.stringify(body) })).text()
  const period = { kind: 'arrears', region: '430503', reason: '三季度已定' }
  const closed = async () => (await postgres.query('SELECT kind FROM locks')).length
  expect(await said('PUT', '/locks', { ...period, before: BEFORE })).toBe('the audit log is away')
  expect(await closed()).toBe(0)
  await postgres.query(
    `INSERT INTO locks (kind, region, "before", reason, "by") VALUES ('arrears', '430503', $1, '三季度已定', 'li.si')`,
    [BEFORE],
  )
  expect(await said('POST', '/locks/open', period)).toBe('the audit log is away')
  expect(await closed()).toBe(1)
})
