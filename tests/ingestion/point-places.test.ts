import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { KINDS } from '#domain/signal.ts'
import { DAY_MS } from '#domain/time.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { createCommitters } from '../../ingestion/commit.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { industry } from '../support/signals.ts'
import { emptyStores, openTestStores } from '../support/stores.ts'

/**
 * Who may speak for a point, over mixed histories: requests of sources of all ranks, several in one commit, late and tied
 * rows, repeats, replays, other projects and instant reports, withdrawals, restarts, points that a unit is registered for. Against a
 * model that keeps the rows that stand in a list and looks through all of it for every row.
 */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 25)
let stores: Awaited<ReturnType<typeof openTestStores>>
const keys = deriveKeys('a secret of the point-places tests, long enough')
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())
beforeEach(() => emptyStores(stores))

const NOW = Math.floor(Date.now() / 1000) * 1000
const COUNTIES = ['430503', '430502', '430121']
type Row = { point: string; line: string; workRegion: string; observedAt: number; headcount: number }
/** `saidMs`: a replay, of what was told then. */
type Request = { region: string; rows: Row[]; isWhole: boolean; saidMs: number | null }
type Step =
  | { do: 'commit'; requests: Request[] }
  | { do: 'withdraw'; n: number }
  | { do: 'restart' }
  | { do: 'register'; point: string; region: string }

const point = fc.constantFrom('p1', 'p2', 'p3')
const request = fc.constantFrom('43', '4305', ...COUNTIES).chain((region) =>
  fc.record({
    region: fc.constant(region),
    isWhole: fc.boolean(),
    saidMs: fc.option(fc.constantFrom(NOW - 3_600_000, NOW - 7_200_000), { nil: null, freq: 3 }),
    rows: fc.array(
      fc.record({
        point,
        // A project's line of the point, and that of its instant reports, are the point's.
        line: fc.constantFrom('|', '|一期', '#event|'),
        workRegion: fc.constantFrom(...COUNTIES.filter((county) => county.startsWith(region))),
        observedAt: fc.integer({ min: 1, max: 4 }).map((days) => NOW - days * DAY_MS),
        headcount: fc.constantFrom(100, 200),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('commit' as const),
        requests: fc.array(request, { minLength: 1, maxLength: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('withdraw' as const), n: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('register' as const),
        point,
        region: fc.constantFrom(...COUNTIES),
      }),
    },
  ),
  { minLength: 4, maxLength: 14 },
)

class Model {
  #received = 0
  readonly registered = new Map<string, string>()
  standing: (Row & { batch: string; said: number })[] = []

  commit(requests: readonly (Request & { batch: string })[]) {
    const before = [...this.standing]
    const isSame = (a: Row, b: Row) =>
      (Object.keys(b) as (keyof Row)[]).every((field) => a[field] === b[field])
    return requests.map(({ region, rows, isWhole, saidMs, batch }) => {
      const kept = [...this.standing]
      const refused = new Map<number, unknown>()
      let accepted = 0
      for (const [i, row] of rows.entries()) {
        const told = this.standing.filter((one) => one.point === row.point)
        const isLater = (a: (typeof told)[0], b: (typeof told)[0]) =>
          a.observedAt > b.observedAt || (a.observedAt === b.observedAt && a.said > b.said)
        const latest = told.reduce<(typeof told)[0] | null>((a, b) => (a && isLater(a, b) ? a : b), null)
        const place = latest?.workRegion ?? this.registered.get(row.point)
        if (place !== undefined && !place.startsWith(region)) {
          if (!before.some((one) => isSame(one, row)))
            refused.set(i, { path: 'pointId', code: 'point_elsewhere' })
        } else if (!this.standing.some((one) => isSame(one, row))) {
          // What is no replay is said as it is received, which is later than all before.
          this.standing.push({ ...row, batch, said: saidMs ?? NOW + ++this.#received })
          accepted++
        }
      }
      if (isWhole && refused.size > 0) {
        this.standing = kept
        return { accepted: 0, unchanged: 0, refused }
      }
      const unchanged = rows.length - accepted - refused.size
      return { accepted, unchanged, ...(refused.size > 0 && { refused }) }
    })
  }
}

it('a point is spoken for by sources whose region holds it, wherever it was told of first and last', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(steps, async (todo) => {
      run++
      const open = () => createCommitters(stores.engine, stores.postgres, run % 2 === 0).industry
      let committer = open()
      const model = new Model()
      const batches: string[] = []
      const nameOf = ({ point: p }: { point: string }) => `${p}-${run}`
      for (const step of todo) {
        if (step.do === 'restart') committer = open()
        if (step.do === 'register' && !model.registered.has(step.point)) {
          model.registered.set(step.point, step.region)
          await stores.postgres.query(
            `INSERT INTO units (id, kind, rank, name, region, "pointId") VALUES ($1, 'park', 'county', '示例园区', $2, $1)`,
            [nameOf(step), step.region],
          )
        }
        const withdrawn = step.do === 'withdraw' ? batches[step.n % Math.max(1, batches.length)] : undefined
        if (withdrawn !== undefined) {
          await committer.withdraw(withdrawn, 'src')
          model.standing = model.standing.filter(({ batch }) => batch !== withdrawn)
        }
        if (step.do !== 'commit') continue
        const requests = step.requests.map((one, i) => ({
          ...one,
          batch: `bat_${run}_${batches.length + i}`,
        }))
        const drafts = requests.map(({ region, rows, saidMs, batch }) => {
          const raw = rows.map(({ line, observedAt, workRegion, headcount, ...row }, i) => {
            const [suffix = '', project = ''] = line.split('|')
            const value = industry({
              pointId: nameOf(row) + suffix,
              ...(project && { project }),
              workRegion,
              headcount,
              observedAt: new Date(observedAt).toISOString(),
            })
            return { row: i + 1, value, fault: null }
          })
          const sender = { source: 'src', batch, keys, sealer: null }
          const { drafts } = acceptRows('industry', raw, { id: 'src', kinds: KINDS, region }, sender)
          for (const draft of drafts) draft.saidAt = saidMs && saidMs * 1_000
          return drafts
        })
        batches.push(...requests.map(({ batch }) => batch))
        const whole = new Set(requests.flatMap(({ isWhole }, i) => (isWhole ? i : [])))
        const [first] = requests
        if (first && drafts[0]) {
          // What is judged before claims nothing and says the same.
          const alone = structuredClone(model.standing)
          expect(await committer.judge(drafts[0], first.isWhole)).toEqual(model.commit([first])[0])
          model.standing = alone
        }
        expect(await committer.commit(drafts, whole).counted).toEqual(model.commit(requests))
      }
      const stored = await stores.engine.query({
        name: 'standing',
        sql: `SELECT batch, historyKey, workRegion FROM industry_observations_v1
          WHERE batch NOT IN (SELECT batch FROM withdrawn_batches_v1) AND startsWith(batch, 'bat_${run}_')
          ORDER BY batch, historyKey, workRegion`,
        row: z.object({ batch: z.string(), historyKey: z.string(), workRegion: z.string() }),
        unscoped: 'a test',
      })
      const lines = (rows: { batch: string; workRegion: string }[], keyOf: (row: any) => string) =>
        rows.map((row) => `${row.batch} ${keyOf(row)} ${row.workRegion}`).sort()
      expect(lines(stored, (row) => row.historyKey)).toEqual(
        lines(model.standing, (row) => `${nameOf(row)}${row.line}`),
      )
    }),
    { numRuns: RUNS, seed: 20261128, endOnFailure: true },
  )
}, 600_000)

it('a request that must be taken whole and is not claims nothing for what else it tells of', async () => {
  const committer = createCommitters(stores.engine, stores.postgres, false).industry
  const draftsOf = (region: string, ...points: string[]) => {
    const raw = points.map((pointId, i) => ({
      row: i + 1,
      value: industry({ pointId, workRegion: region }),
      fault: null,
    }))
    const sender = { source: 'src', batch: `bat_${region}`, keys, sealer: null }
    return acceptRows('industry', raw, { id: 'src', kinds: KINDS, region }, sender).drafts
  }
  await committer.commit([draftsOf('430502', 'theirs')]).counted
  const asked = [draftsOf('430503', 'theirs', 'new'), draftsOf('430502', 'new')]
  expect(await committer.commit(asked, new Set([0])).counted).toEqual([
    { accepted: 0, unchanged: 0, refused: new Map([[0, { path: 'pointId', code: 'point_elsewhere' }]]) },
    { accepted: 1, unchanged: 0 },
  ])
})
