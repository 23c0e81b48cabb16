import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import type { MeasureId } from '#domain/measure.ts'
import { everythingFor } from '#domain/scope.ts'
import { KINDS, type Kind } from '#domain/signal.ts'
import type { Engine } from '#sql/engine.ts'
import type { Sql } from '#sql/postgres.ts'
import { batchPlacesFor } from '#sql/queries/batch-places.ts'
import { CASE_EVIDENCE } from '#sql/queries/case-evidence.ts'
import { SOURCE_RECEIPTS } from '#sql/queries/source-receipts.ts'
import { within } from '#sql/within.ts'
import { Dispatcher } from '../../api/alerts/dispatch.ts'
import { readOpenAlerts } from '../../api/alerts/log.ts'
import { openByCase } from '../../api/alerts/open.ts'
import { Measures } from '../../api/measures/answers.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { type Committers, createCommitters } from '../../ingestion/commit.ts'
import { type Lock, lockDetail, lockedIn } from '../../ingestion/locks.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { withdrawBatch } from '../../ingestion/withdrawals.ts'
import { arrears, idNumber, idNumberFor, industry, worker } from '../support/signals.ts'
import { emptyStores, openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
const keys = deriveKeys('a secret of the withdrawal tests, long enough')
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())
beforeEach(() => emptyStores(stores))

const committersOn = (engine: Engine) => createCommitters(engine, stores.postgres, false)
const day = (n: number) => `2026-10-${String(n).padStart(2, '0')}T08:00:00+08:00`

async function send(to: Committers, kind: Kind, batch: string, rows: unknown[], source = 's') {
  const raw = rows.map((value, i) => ({ row: i + 1, value, fault: null }))
  const scope = { id: source, kinds: KINDS, region: '' }
  const { drafts, rejected } = acceptRows(kind, raw, scope, { source, batch, keys, sealer: null })
  if (rejected.length > 0) throw new Error(JSON.stringify(rejected.map((row) => row.faults)))
  const [verdict] = await to[kind].commit([drafts as never]).counted
  return verdict
}

/** Everything that is counted, by roll-up and by row, now or as it was known. */
async function numbers(knownAtMs: number | null = null, kinds: readonly Kind[] = KINDS): Promise<unknown> {
  const measures = new Measures(stores.engine, stores.postgres, 'blur')
  const ask = {
    region: null,
    role: null,
    sector: null,
    atMs: Date.now(),
    fromMs: 0,
    toMs: Date.now(),
    knownAtMs,
  }
  const answers: unknown[] = []
  const asked: [MeasureId, string][] = [
    ['workers.count', 'home.county,status'],
    ['workers.count', 'work.county,source'],
    ['arrears.owed', 'work.county,status'],
    ['arrears.newCases', 'source'],
    ['arrears.recovered', 'work.city'],
    ['industry.headcount', 'work.county'],
    ['industry.wagePaidShare', 'sector'],
  ]
  for (const [measure, by] of asked) {
    if (!kinds.some((kind) => measure.startsWith(kind))) continue
    const dims = by.split(',') as never
    answers.push([
      measure,
      (await measures.distribution(everythingFor('a test'), { ...ask, measure, by: dims })).rows,
    ])
    const span = { ...ask, fromMs: Date.parse(day(1)), toMs: Date.parse(day(28)) }
    if (knownAtMs === null)
      answers.push((await measures.series(everythingFor('a test'), { ...span, measure, by: [] }, 'day')).rows)
  }
  return answers
}

const STAYS: [Kind, unknown[]][] = [
  ['workers', [worker({ observedAt: day(1) }), worker({ idNumber: idNumber(2), observedAt: day(9) })]],
  ['arrears', [arrears({ observedAt: day(2), project: '甲' })]],
  ['industry', [industry({ period: '2026-09', observedAt: day(3) })]],
]
/** Late ones, ties, new subjects and later ones: everything that makes a history differ. */
const GOES: [Kind, unknown[]][] = [
  [
    'workers',
    [
      worker({ observedAt: day(1), workRegion: '330106' }),
      worker({ idNumber: idNumber(2), observedAt: day(5), status: 'seeking' }),
      worker({ idNumber: idNumber(2), observedAt: day(12), status: 'withdrawn' }),
      worker({ idNumber: idNumber(3), observedAt: day(6) }),
    ],
  ],
  [
    'arrears',
    [
      arrears({ observedAt: day(1), project: '乙', owed: '999.00' }),
      arrears({ observedAt: day(8), project: '甲', paid: '1000.00', status: 'settled' }),
      arrears({ caseId: 'case-2', observedAt: day(4), owed: '700000.00' }),
    ],
  ],
  ['industry', [industry({ period: '2026-10', observedAt: day(4), headcount: 7, wagePaid: '1.00' })]],
]
const sendAll = async (to: Committers, batch: string, rows: [Kind, unknown[]][]) => {
  for (const [kind, some] of rows) await send(to, kind, `${batch}-${kind}`, some)
}

it('a withdrawn batch counts as if it had never come, and what was known before is still answered', async () => {
  const committers = committersOn(stores.engine)
  await sendAll(committers, 'stays', STAYS)
  const without = await numbers()
  const receiptsWithout = await stores.engine.query(SOURCE_RECEIPTS, { until: 9e15 })
  await sendAll(committers, 'goes', GOES)
  await new Promise((resolve) => setTimeout(resolve, 2))
  const knownAtMs = Date.now()
  const known = await numbers(knownAtMs)
  const all = await numbers()
  expect(all).not.toEqual(without)
  await new Promise((resolve) => setTimeout(resolve, 2))

  const [received] = await stores.engine.query(SOURCE_RECEIPTS, { until: 9e15 })
  const touched = []
  for (const kind of KINDS) touched.push((await committers[kind].withdraw(`goes-${kind}`, 's')).histories)
  expect(touched).toEqual([3, 2, 1])
  expect(await numbers()).toEqual(without)
  expect(await numbers(knownAtMs)).toEqual(known)
  const receipts = await stores.engine.query(SOURCE_RECEIPTS, { until: 9e15 })
  expect(receipts.map((one) => one.newestMs)).toEqual(receiptsWithout.map((one) => one.newestMs))
  // Nothing came by it.
  expect(receipts[0]?.receivedMs).toBe(received?.receivedMs)
  const evidence = await stores.engine.query(within(CASE_EVIDENCE, everythingFor('a test')), {
    cases: ['s/case-1', 's/case-2'],
    offset: 0,
    limit: 1_000,
  })
  expect(evidence.map((row) => [row.caseId, row.observedMs])).toEqual([['case-1', Date.parse(day(2))]])

  // Again changes nothing; sent again it counts as new, exactly as before.
  const again = await committers.workers.withdraw('goes-workers', 's')
  expect(again.histories).toBe(3)
  expect(await numbers()).toEqual(without)
  for (const [kind, rows] of GOES)
    expect(await send(committers, kind, `back-${kind}`, rows)).toEqual({
      accepted: rows.length,
      unchanged: 0,
    })
  expect(await numbers()).toEqual(all)
})

it('a row that another batch only repeated goes with the batch that told it first', async () => {
  const committers = committersOn(stores.engine)
  const rows = [worker({ observedAt: day(1) })]
  await send(committers, 'workers', 'first', rows, 'a')
  expect(await send(committers, 'workers', 'repeat', rows, 'b')).toEqual({ accepted: 0, unchanged: 1 })
  await committers.workers.withdraw('repeat', 'b')
  const [, rowsOfRepeat] = ((await numbers()) as [unknown, unknown[]][])[0] ?? []
  expect(rowsOfRepeat).toHaveLength(1)
  await committers.workers.withdraw('first', 'a')
  expect(await send(committers, 'workers', 'again', rows, 'b')).toEqual({ accepted: 1, unchanged: 0 })
})

it('withdraws histories by the thousand, in more than one chunk, between commits that wait their turn', async () => {
  const committers = committersOn(stores.engine)
  const many = Array.from({ length: 10_500 }, (_, i) =>
    worker({ idNumber: idNumberFor(i), observedAt: day(2) }),
  )
  await send(
    committers,
    'workers',
    'stays',
    many.slice(0, 300).map((row) => ({ ...row, observedAt: day(1) })),
  )
  const without = await numbers()
  await send(committers, 'workers', 'goes', many)
  const late = [worker({ observedAt: day(20), idNumber: idNumberFor(20_000) })]
  const [withdrawn, verdict] = await Promise.all([
    committers.workers.withdraw('goes', 's'),
    send(committers, 'workers', 'late', late),
  ])
  expect(withdrawn.histories).toBe(10_500)
  expect(verdict).toEqual({ accepted: 1, unchanged: 0 })
  await committers.workers.withdraw('late', 's')
  expect(await numbers()).toEqual(without)
})

it('a withdrawal that breaks off after any write is counted once by the next process', async () => {
  // Workers have one part of changes and four roll-ups, reports two parts and one.
  for (const kind of ['workers', 'industry'] as const) {
    const stays = STAYS.filter(([one]) => one === kind)
    const goes = GOES.filter(([one]) => one === kind)
    await emptyStores(stores)
    await sendAll(committersOn(stores.engine), 'stays', stays)
    const without = await numbers(null, [kind])
    let broken = 0
    for (let writes = 0; ; writes++) {
      await emptyStores(stores)
      await sendAll(committersOn(stores.engine), 'stays', stays)
      await sendAll(committersOn(stores.engine), 'goes', goes)
      const dying = committersOn(failingAfter(writes))
      const isThrough = await dying[kind].withdraw(`goes-${kind}`, 's').then(
        () => true,
        () => false,
      )
      const next = committersOn(stores.engine)
      await next[kind].recover()
      if (writes === 0) await next[kind].withdraw(`goes-${kind}`, 's')
      expect(await numbers(null, [kind]), `${kind} after ${writes} writes`).toEqual(without)
      const [{ n } = { n: 0 }] = await stores.engine.query({
        name: 'marks',
        sql: 'SELECT toUInt32(count()) AS n FROM withdrawn_batches_v1',
        row: z.object({ n: z.number() }),
        unscoped: 'a test',
      })
      expect(n).toBe(1)
      if (isThrough) break
      broken++
    }
    expect(broken).toBeGreaterThanOrEqual(4)
  }
})

it('the same process counts a withdrawal that broke off before it stores anything else', async () => {
  let isFull = false
  const committers = committersOn({
    ...stores.engine,
    insert: async (insert) => {
      if (isFull && insert.table === 'source_receipts_v1')
        throw new AppError('store_away', 'the disk is full')
      await stores.engine.insert(insert)
    },
  })
  await sendAll(committers, 'stays', STAYS)
  const without = await numbers()
  await sendAll(committers, 'goes', GOES)
  isFull = true
  await expect(committers.workers.withdraw('goes-workers', 's')).rejects.toMatchObject({ code: 'store_away' })
  await expect(send(committers, 'workers', 'next', [worker({ observedAt: day(2) })])).rejects.toMatchObject({
    code: 'store_away',
  })
  isFull = false
  for (const kind of KINDS) await committers[kind].withdraw(`goes-${kind}`, 's')
  expect(await numbers()).toEqual(without)
})

it('alerts are judged anew: one that rested on the withdrawn batch is over, one that it had settled is open again', async () => {
  const committers = committersOn(stores.engine)
  const dispatcher = new Dispatcher({
    ...stores,
    counted: () => undefined,
    failed: (error) => {
      throw error
    },
  })
  const owing = (over: Record<string, unknown>) =>
    arrears({ observedAt: day(1), project: '甲', owed: '600000.00', workers: 10, ...over })
  await send(committers, 'arrears', 'truth', [owing({})])
  await send(committers, 'arrears', 'wrong', [
    owing({ observedAt: day(2), status: 'settled', owed: '0' }),
    owing({ caseId: 'case-9', project: '丙' }),
  ])
  await dispatcher.round(Date.now())
  const groups = async () =>
    (await readOpenAlerts(stores.postgres, everythingFor('a test'))).alerts.map((alert) => alert.group)
  expect(await groups()).toEqual(['project:430503:丙'])
  await committers.arrears.withdraw('wrong', 's')
  await dispatcher.round(Date.now())
  const open = await openByCase(stores.engine, {
    sites: ['project:430503:甲', 'project:430503:丙'],
    keys: [],
    gathering: 0,
    workers: 0,
    owed: 0,
  })
  expect(open.map((one) => [one.caseKey, one.observedMs])).toEqual([['s/case-1', Date.parse(day(1))]])
  expect(await groups()).toEqual(['project:430503:甲'])
})

const homes = fc.constantFrom('430522', '430522100001', '430121', '520102')
const works = fc.constantFrom('430503', '430121', '4403', '44', '430503001')
const when = fc.constantFrom(
  ...['2026-08-31T23:59:59.999', '2026-09-01T00:00:00', '2026-09-30T23:59:59', '2026-10-01T00:00:00'].map(
    (at) => `${at}+08:00`,
  ),
)
const told = {
  workers: fc
    .record({ homeRegion: homes, workRegion: fc.option(works, { nil: undefined }), observedAt: when })
    .map(worker),
  arrears: fc.record({ workRegion: works, observedAt: when }).map(arrears),
  industry: fc
    .record({
      workRegion: works,
      observedAt: when,
      period: fc.constantFrom('2026-08', '2026-09', '2026-10', '2026-08-31', '2026-09-01'),
    })
    .map(industry),
}
const closed = fc.record({
  kind: fc.constantFrom(...KINDS),
  region: fc.constantFrom('43', '4305', '430503', '430522100', '44', '52'),
  beforeMs: fc.constantFrom(Date.parse('2026-09-01T00:00:00+08:00'), Date.parse('2026-10-01T00:00:00+08:00')),
})

it('a batch speaks of exactly the closed periods that would refuse one of its rows', async () => {
  const committers = committersOn(stores.engine)
  const batch = fc
    .constantFrom(...KINDS)
    .chain((kind) => fc.tuple(fc.constant(kind), fc.array(told[kind], { minLength: 1, maxLength: 4 })))
  let n = 0
  await fc.assert(
    fc.asyncProperty(batch, fc.array(closed, { maxLength: 3 }), async ([kind, signals], locks) => {
      n++
      const names = { workers: 'idNumber', arrears: 'caseId', industry: 'pointId' } as const
      const rows = signals.map((row, i) => ({
        ...row,
        [names[kind]]: kind === 'workers' ? idNumberFor(n * 10 + i) : `${n} ${i}`,
      }))
      await send(committers, kind, `bat_${n}`, rows)
      const refuses = (lock: Lock) => {
        const scope = { id: 's', kinds: KINDS, region: '', rules: { mappings: null, locks: [lock] } }
        const raw = rows.map((value, row) => ({ row, value, fault: null }))
        return acceptRows(kind, raw, scope, { source: 's', batch: 'x', keys, sealer: null }).rejected[0]
      }
      const places = await stores.engine.query(batchPlacesFor(kind), { batch: `bat_${n}` })
      expect(lockedIn(kind, places, locks).map(lockDetail)).toEqual(
        locks.flatMap((lock) => refuses(lock)?.faults.map((fault) => fault.detail) ?? []),
      )
    }),
    { numRuns: 30 },
  )
})

it('a withdrawal that broke off before its period was closed is finished where it was committed, and forgotten where not', async () => {
  const { postgres } = stores
  await postgres.query(
    `INSERT INTO sources (id, name, kinds, region) VALUES ('s', '示例站', '{workers}', '43')`,
  )
  const withdrawals = () =>
    postgres.query('SELECT reason, "withdrawnAt" IS NOT NULL AS "isDone" FROM withdrawals')
  // The first write is the mark, which commits it.
  for (const writes of [1, 0]) {
    await emptyStores(stores)
    await send(committersOn(stores.engine), 'workers', 'goes', [worker({ observedAt: day(1) })])
    await postgres.query(
      `INSERT INTO batches (id, source, kind, mode, "receivedAt", received, accepted, unchanged, rejected)
       VALUES ('goes', 's', 'workers', 'commit', now(), 1, 1, 0, 0)`,
    )
    await postgres.query(`INSERT INTO withdrawals (batch, reason, "by") VALUES ('goes', 'first', 'a test')`)
    await expect(committersOn(failingAfter(writes)).workers.withdraw('goes', 's')).rejects.toThrow()
    await postgres.query(
      `INSERT INTO locks (kind, region, "before", reason, "by") VALUES ('workers', '43', '2026-10-20', '已定', 'a test')`,
    )
    const deps = { engine: stores.engine, postgres, committers: committersOn(stores.engine) }
    const again = withdrawBatch(deps, 'goes', 's', { reason: 'again', by: 'a test' })
    if (writes === 0) {
      await expect(again).rejects.toMatchObject({ code: 'period_locked' })
      expect(await withdrawals()).toEqual([])
    } else {
      expect(await again).toMatchObject({ histories: 1, reason: 'first' })
      expect(await withdrawals()).toEqual([{ reason: 'first', isDone: true }])
    }
    await postgres.query('DELETE FROM locks')
  }
})

it('a withdrawal that could not be written down is not done, and is done with what was written when it is asked again', async () => {
  const { engine, postgres } = stores
  const deps = { engine, postgres, committers: committersOn(engine) }
  await send(deps.committers, 'workers', 'noted', [worker({ observedAt: day(1) })])
  await postgres.query(
    `INSERT INTO batches (id, source, kind, mode, "receivedAt", received, accepted, unchanged, rejected)
     VALUES ('noted', 's', 'workers', 'commit', now(), 1, 1, 0, 0)`,
  )
  const isDone = async () =>
    (await postgres.query<{ done: boolean }>('SELECT "withdrawnAt" IS NOT NULL AS done FROM withdrawals'))[0]
      ?.done
  const act = { reason: '误报', by: 'a test' }
  const crash = async () => {
    throw new Error('the process ends here')
  }
  await expect(withdrawBatch(deps, 'noted', 's', { ...act, done: crash })).rejects.toThrow('ends here')
  expect(await isDone()).toBe(false)
  const noted: unknown[] = []
  const done = async (sql: Sql) => void noted.push(await sql.query('SELECT batch FROM withdrawals'))
  expect(await withdrawBatch(deps, 'noted', 's', { ...act, done })).toMatchObject({ histories: 1 })
  expect([await isDone(), noted]).toEqual([true, [[{ batch: 'noted' }]]])
})

/** The engine, which stops taking writes after so many, as a process that is killed does. */
function failingAfter(writes: number): Engine {
  const { engine } = stores
  const spend = () => {
    if (writes-- <= 0) throw new AppError('store_away', 'killed')
  }
  return {
    ...engine,
    insert: async (insert) => {
      spend()
      await engine.insert(insert)
    },
    command: async (sql) => {
      spend()
      await engine.command(sql)
    },
  }
}
