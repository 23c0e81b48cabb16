import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Dimension, MeasureId } from '#domain/measure.ts'
import { everythingFor } from '#domain/scope.ts'
import { KINDS, type Kind } from '#domain/signal.ts'
import { DAY_MS, periodStart } from '#domain/time.ts'
import { Measures } from '../../api/measures/answers.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { type Committers, createCommitters } from '../../ingestion/commit.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { type Query, type Received, recount } from '../support/recount.ts'
import { arrears, idNumber, industry, worker } from '../support/signals.ts'
import { emptyStores, openTestStores } from '../support/stores.ts'

/**
 * Random histories through the real steps and the real engine, against a recount that shares no code with it:
 * invariants 2 to 5 of the design. RUNS can be raised by the environment for a longer search.
 */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 8)
const keys = deriveKeys('a secret of the property tests, long enough')

let stores: Awaited<ReturnType<typeof openTestStores>>
let committers: Committers
let measures: Measures

beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

const NOW = Date.now()
/** Few instants, so that ties, gaps and month borders all happen. */
const INSTANTS = Array.from(
  { length: 14 },
  (_, i) => Math.floor((NOW - DAY_MS - i * 9.7 * DAY_MS) / 1000) * 1000,
)
const HOMES = ['430522', '430121', '430503', '520102']
/** Counties, a township and villages of one county, so that coarser ledgers meet finer ones and people move. */
const PERSON_HOMES = ['430522', '430522100', '430522100001', '430522103001', '430121']
const WORKS = ['430503', '430121', '4403', '44', '440106', '430503001']
const iso = (ms: number) => new Date(ms).toISOString()
const instant = fc.constantFrom(...INSTANTS).map(iso)
const yuan = fc.integer({ min: 0, max: 500_000_00 }).map((fen) => (fen / 100).toFixed(2))
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 })

/** Left out of most observations, as by a ledger that knows only a part. */
const unsaid = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 2 }, { arbitrary, weight: 1 })

const workerSignal = fc
  .record({
    idNumber: fc.integer({ min: 0, max: 4 }).map((n) => idNumber(n)),
    observedAt: instant,
    homeRegion: fc.constantFrom(...PERSON_HOMES),
    household: optional(fc.constantFrom('12', '13')),
    workRegion: unsaid(fc.constantFrom(...WORKS)),
    sector: unsaid(fc.constantFrom('C', 'E')),
    status: fc.constantFrom('employed', 'seeking', 'returned', 'withdrawn'),
    employer: unsaid(fc.constantFrom('甲厂', '乙厂')),
  })
  .map(({ household, ...over }) =>
    clean(worker({ ...over, household: over.homeRegion.length > 6 ? household : undefined })),
  )

const arrearsSignal = fc
  .record({
    caseId: fc.constantFrom('c1', 'c2', 'c3', 'c4'),
    observedAt: instant,
    workRegion: fc.constantFrom(...WORKS),
    sector: fc.constantFrom('C', 'E'),
    channel: fc.constantFrom('hotline12345', 'station'),
    status: fc.constantFrom('reported', 'verified', 'settled', 'dismissed'),
    workers: fc.integer({ min: 20, max: 40 }),
    owed: yuan,
    paid: optional(yuan),
    gathering: optional(fc.integer({ min: 0, max: 40 })),
    homeRegions: optional(
      fc.array(fc.record({ region: fc.constantFrom(...HOMES), workers: fc.integer({ min: 0, max: 10 }) }), {
        maxLength: 2,
      }),
    ),
    project: optional(fc.constantFrom('一期', '二期')),
  })
  .map((over) => clean(arrears(over)))

const industrySignal = fc
  .record({
    pointId: fc.constantFrom('p1', 'p2'),
    period: fc.constantFrom('2026-08', '2026-09', '2026-10', '2026-09-15', '2026-06'),
    observedAt: instant,
    workRegion: fc.constantFrom('430121', '430503'),
    project: optional(fc.constant('甲')),
    headcount: optional(fc.integer({ min: 0, max: 900 })),
    vacancies: optional(fc.integer({ min: 0, max: 90 })),
    hires: optional(fc.integer({ min: 0, max: 90 })),
    departures: optional(fc.integer({ min: 0, max: 90 })),
    averageWage: optional(yuan),
    wageBill: optional(yuan),
    wagePaid: optional(yuan),
    accountBalance: optional(yuan),
  })
  .map((over) => clean(industry(over)))

const clean = (row: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))

type Step = { kind: Kind; source: string; rows: Record<string, unknown>[] }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('workers' as const),
    source: fc.constantFrom('s1', 's2'),
    rows: fc.array(workerSignal, { minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    kind: fc.constant('arrears' as const),
    source: fc.constantFrom('s1', 's2'),
    rows: fc.array(arrearsSignal, { minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    kind: fc.constant('industry' as const),
    source: fc.constantFrom('s1', 's2'),
    rows: fc.array(industrySignal, { minLength: 1, maxLength: 8 }),
  }),
)
/** Steps, and which earlier ones are sent again word for word at the end. */
const history = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 14 }),
  resend: fc.array(fc.nat(), { maxLength: 4 }),
})

/** Sends through accept and commit as the route does; answers the receipt of the commit in ms. */
async function send({
  kind,
  source,
  rows,
}: Step): Promise<{ accepted: number; unchanged: number; rejected: number }> {
  const scope = { id: source, kinds: KINDS, region: '' }
  const { drafts, rejected } = acceptRows(
    kind,
    rows.map((value, i) => ({ row: i + 1, value, fault: null })),
    scope,
    { source, batch: 'b', keys, sealer: null },
  )
  const [verdict] = await committers[kind].commit([drafts as never]).counted
  return { accepted: 0, unchanged: 0, ...verdict, rejected: rejected.length }
}

const PLACES: Record<string, Dimension[][]> = {
  workers: [
    [],
    ['home.county'],
    ['home.township'],
    ['work.city', 'status'],
    ['sector'],
    ['home.city', 'work.province'],
    ['employer', 'source'],
    ['work.county'],
  ],
  arrears: [
    [],
    ['work.county'],
    ['work.city', 'sector'],
    ['status', 'channel'],
    ['source'],
    ['work.township'],
  ],
  industry: [[], ['work.county', 'sector'], ['source']],
}
const MEASURED: MeasureId[] = [
  'workers.count',
  'workers.outOfProvince',
  'arrears.openCases',
  'arrears.owed',
  'arrears.workers',
  'arrears.newCases',
  'arrears.recovered',
  'arrears.settledShare',
  'industry.headcount',
  'industry.vacancies',
  'industry.hires',
  'industry.departures',
  'industry.averageWage',
  'industry.wagePaidShare',
  'industry.accountCover',
]

/** Compares every measure by some dimensions at some instants with the recount. */
async function compare(received: Received[], at: number[], knownAtMs: number | null): Promise<void> {
  for (const measure of MEASURED) {
    const splits = [
      ...(PLACES[measure.split('.')[0] ?? ''] ?? []),
      ...(measure === 'arrears.workers' ? [['home.county'] as Dimension[]] : []),
    ]
    for (const [i, by] of splits.entries()) {
      const atMs = at[i % at.length] ?? NOW
      const query: Query = { measure, by, atMs, fromMs: atMs - 61 * DAY_MS, toMs: atMs }
      const answer = await measures.distribution(everythingFor('a test'), {
        ...query,
        measure,
        by,
        region: null,
        role: null,
        sector: null,
        knownAtMs,
      })
      const got = new Map(
        answer.rows.map((row) => [by.map((dimension) => row[dimension]).join(' '), row.value]),
      )
      expect(Object.fromEntries([...got].sort()), `${measure} by ${by} at ${iso(atMs)}`).toEqual(
        Object.fromEntries([...recount(received, query)].sort()),
      )
    }
  }
}

describe('random histories', () => {
  it('count the same as a plain recount, whatever the order, the repeats and the senders, at every instant and as known at every instant', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.constantFrom(...INSTANTS, NOW), { minLength: 3, maxLength: 3 }),
        async ({ steps, resend }, at) => {
          await emptyStores(stores)
          committers = createCommitters(stores.engine, stores.postgres, false)
          measures = new Measures(stores.engine, stores.postgres, 'blur')
          const received: Received[] = []
          const take = (one: Step) => {
            for (const signal of one.rows)
              received.push({
                kind: one.kind,
                source: one.source,
                ms: Date.parse(String(signal.observedAt)),
                order: received.length,
                signal,
              })
          }
          let middle: { knownAtMs: number; count: number } | null = null
          for (const [i, one] of steps.entries()) {
            await send(one)
            take(one)
            if (i === Math.floor(steps.length / 2)) {
              middle = { knownAtMs: Date.now(), count: received.length }
              await new Promise((resolve) => setTimeout(resolve, 2))
            }
          }
          await compare(received, at, null)
          if (middle) await compare(received.slice(0, middle.count), at, middle.knownAtMs)
          for (const n of resend) {
            const again = steps[n % steps.length]
            if (!again) continue
            const answer = await send(again)
            expect(answer).toEqual({ accepted: 0, unchanged: again.rows.length, rejected: 0 })
          }
          await compare(received, at, null)
        },
      ),
      { numRuns: RUNS, seed: 20261124, endOnFailure: true },
    )
  }, 600_000)

  it('give the same numbers in whatever order the batches arrive, where no two observations of a subject tie', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 3, maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        async (steps, random) => {
          const taken = new Set<string>()
          const untied = steps
            .map((one) => ({
              ...one,
              rows: one.rows.filter((row) => {
                const subject = `${one.kind} ${one.kind === 'workers' ? row.idNumber : one.kind === 'arrears' ? `${one.source}${row.caseId}` : `${row.pointId}${row.project}`} ${row.observedAt}`
                return taken.has(subject) ? false : taken.add(subject)
              }),
            }))
            .filter((one) => one.rows.length > 0)
          const shuffled = untied
            .map((one) => ({ one, rank: random.next().value }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ one }) => one)
          const answers: unknown[] = []
          for (const order of [untied, shuffled]) {
            await emptyStores(stores)
            committers = createCommitters(stores.engine, stores.postgres, false)
            measures = new Measures(stores.engine, stores.postgres, 'blur')
            for (const one of order) await send(one)
            const rows = []
            for (const measure of MEASURED) {
              const ask = {
                measure,
                by: [],
                region: null,
                role: null,
                sector: null,
                atMs: NOW,
                fromMs: periodStart('2026-06'),
                toMs: NOW,
                knownAtMs: null,
              }
              rows.push(
                (await measures.distribution(everythingFor('a test'), ask)).rows,
                (await measures.series(everythingFor('a test'), ask, 'week')).rows,
              )
            }
            answers.push(rows)
          }
          expect(answers[1]).toEqual(answers[0])
        },
      ),
      { numRuns: Math.ceil(RUNS / 2), seed: 20261125, endOnFailure: true },
    )
  }, 600_000)
})
