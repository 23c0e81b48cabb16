import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { KINDS, type Kind } from '#domain/signal.ts'
import type { Engine } from '#sql/engine.ts'
import { rebuildRollups } from '#sql/rollups.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { CHANGES, changesFor } from '../../ingestion/changes.ts'
import { Committer } from '../../ingestion/commit.ts'
import type { Draft, Observation } from '../../ingestion/observation.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { observationOfDraft } from '../../ingestion/state.ts'
import { employerCode } from '../support/employers.ts'
import { arrears, idNumberFor, industry, worker } from '../support/signals.ts'
import { emptyStores, openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
const keys = deriveKeys('a secret of the first-changes tests, long enough')

beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())
beforeEach(() => emptyStores(stores))

/** Enough subjects for the engine to derive what each counts for. */
const SUBJECTS = 1_500

const count = fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined })
const money = fc.option(
  fc.integer({ min: 0, max: 99_999_999 }).map((fen) => (fen / 100).toFixed(2)),
  { nil: undefined },
)
const region = fc.constantFrom('430503', '430102', '431181', '440305', '430503001')
const time = fc
  .integer({ min: Date.parse('2026-01-01T00:00:00+08:00'), max: Date.parse('2026-11-20T00:00:00+08:00') })
  .map((ms) => new Date(ms).toISOString())
const sector = fc.constantFrom('C', 'E', 'F')

/** One signal of each kind; `n` names its subject. Periods may have ended long before the observation. */
const SIGNAL = {
  workers: fc.record({
    homeRegion: region,
    workRegion: fc.option(region, { nil: undefined }),
    sector: fc.option(sector, { nil: undefined }),
    status: fc.constantFrom('employed', 'returned', 'withdrawn'),
    employer: fc.option(fc.constantFrom('示例厂', "O'示例\t\\厂 $& {commits}"), { nil: undefined }),
    observedAt: time,
  }),
  arrears: fc.record({
    workRegion: region,
    sector,
    employer: fc.constantFrom('示例厂', '示例建筑'),
    employerCode: fc.option(fc.constantFrom(employerCode(1), employerCode(2)), { nil: undefined }),
    project: fc.option(fc.constant('示例工地'), { nil: undefined }),
    status: fc.constantFrom('reported', 'settled', 'dismissed'),
    workers: fc.integer({ min: 10, max: 90 }),
    homeRegions: fc.option(fc.constant([{ region: '430522', workers: 7 }]), { nil: undefined }),
    owed: fc.constantFrom('0', '250.01', '800000'),
    paid: money,
    gathering: count,
    observedAt: time,
  }),
  industry: fc.record({
    period: fc.constantFrom('2025-12', '2026-02', '2026-02-28', '2026-05-31', '2026-10'),
    workRegion: region,
    sector,
    headcount: count,
    hires: count,
    departures: count,
    vacancies: count,
    averageWage: money,
    wageBill: money,
    wagePaid: money,
    accountBalance: money,
    observedAt: time,
  }),
} as const

const make = {
  workers: (n: number, over: object) => worker({ idNumber: idNumberFor(n), ...over }),
  arrears: (n: number, over: object) => arrears({ caseId: `case-${n}`, ...over }),
  industry: (n: number, over: object) => industry({ pointId: `point-${n}`, ...over }),
}

function draw<K extends Kind>(kind: K, seed: number, from = 0): Draft<K>[] {
  const rows = fc
    .sample(SIGNAL[kind] as fc.Arbitrary<object>, { numRuns: SUBJECTS, seed })
    .map((over, i) => ({ row: i + 1, value: make[kind](from + i, over), fault: null }))
  const { drafts, rejected } = acceptRows(
    kind,
    rows,
    { id: 's', kinds: KINDS, region: '' },
    { source: 's', batch: 'b', keys, sealer: null },
  )
  expect(rejected.map(({ faults }) => faults)).toEqual([])
  return drafts
}

/** The change rows of a table as lines, sorted. */
async function stored(kind: Kind): Promise<string[]> {
  const columns = new Set(CHANGES[kind].flatMap((format) => format.columns.slice(2)))
  columns.delete('firstAt')
  const rows = await stores.engine.query({
    name: 'change rows',
    sql: `SELECT toString(toUnixTimestamp64Milli(at)) AS ms, [${[...columns].map((column) => `toString(${column})`).join(', ')}] AS cells FROM ${kind}_changes_v1`,
    row: z.object({ ms: z.string(), cells: z.array(z.string()) }),
    unscoped: 'a test',
  })
  return rows.map(({ ms, cells }) => `${ms} ${JSON.stringify(cells)}`).sort()
}

/** The same rows as `changesFor` gives them for each subject by itself, after what was told of it before. */
function derived<K extends Kind>(
  kind: K,
  drafts: readonly Draft<K>[],
  earlier: ReadonlyMap<string, Observation<K>> = new Map(),
): string[] {
  const cell = (value: unknown) =>
    Array.isArray(value)
      ? `[${value.map((item) => (typeof item === 'string' ? `'${item}'` : item)).join(',')}]`
      : String(value)
  return drafts
    .flatMap((draft) =>
      changesFor(kind, [earlier.get(draft.historyKey) ?? []].flat(), [observationOfDraft(draft)]).map(
        ({ at, dims, part, deltas }) => {
          const names = CHANGES[kind].map((format) => format.columns.slice(3))
          const counted = dims.filter((_, i) => names[part]?.[i] !== 'firstAt')
          const parts = names.map((group, i) => (i === part ? deltas : group.slice(dims.length).map(() => 0)))
          return `${at} ${JSON.stringify([draft.historyKey, ...counted, ...parts.flat()].map(cell))}`
        },
      ),
    )
    .sort()
}

const committerOn = <K extends Kind>(kind: K, engine: Engine) =>
  new Committer(kind, engine, stores.postgres, false)

it.each(KINDS)('the engine derives from first %s observations what changesFor does', async (kind) => {
  const drafts = draw(kind, 7)
  await committerOn(kind, stores.engine).commit([drafts as never]).counted
  expect(await stored(kind)).toEqual(derived(kind, drafts))
})

it.each(KINDS)('subjects that are known are left to changesFor, among many %s that are not', async (kind) => {
  const committer = committerOn(kind, stores.engine)
  const known = draw(kind, 11).slice(0, 40)
  await committer.commit([known as never]).counted
  const mixed = draw(kind, 12)
  await committer.commit([mixed as never]).counted
  const histories = new Map(known.map((draft) => [draft.historyKey, observationOfDraft(draft)]))
  const fresh = mixed.filter((draft) => !histories.has(draft.historyKey))
  const again = mixed.filter((draft) => histories.has(draft.historyKey))
  expect(again).toHaveLength(40)
  const lines = [...derived(kind, known), ...derived(kind, fresh), ...derived(kind, again, histories)]
  expect(await stored(kind)).toEqual(lines.sort())
})

/** What the roll-ups of a kind hold, as lines, sorted. */
async function rolledUp(kind: Kind): Promise<string[]> {
  const [tables] = await stores.engine.query(
    {
      name: 'roll-ups',
      sql: 'SELECT groupArray(name) AS names FROM system.tables WHERE database = currentDatabase() AND match(name, {of:String})',
      row: z.object({ names: z.array(z.string()) }),
      unscoped: 'a test',
    },
    { of: `^${kind}_(rollup|open_by_site|per_month)_v1$` },
  )
  expect(tables?.names).toHaveLength(kind === 'arrears' ? 2 : 1)
  const lines: string[] = []
  for (const name of tables?.names ?? [])
    for (const row of await stores.engine.query({
      name: 'what is rolled up',
      sql: `SELECT * FROM ${name} FINAL`,
      row: z.record(z.string(), z.unknown()),
      unscoped: 'a test',
    }))
      lines.push(`${name} ${JSON.stringify(row)}`)
  return lines.sort()
}

it.each(KINDS)('few %s are rolled up as they come, and no otherwise than from the table', async (kind) => {
  let asTheyCame = 0
  const committer = committerOn(kind, {
    ...stores.engine,
    command: async (sql) => {
      if (sql.includes('format(JSONEachRow')) asTheyCame++
      await stores.engine.command(sql)
    },
  })
  await committer.commit([draw(kind, 31).slice(0, 40) as never]).counted
  await committer.commit([draw(kind, 32).slice(0, 60) as never]).counted
  const held = await rolledUp(kind)
  expect(asTheyCame).toBe(kind === 'arrears' ? 4 : 2)
  expect(held.length).toBeGreaterThan(30)
  await rebuildRollups(stores.engine, `${kind}_changes_v1`)
  expect(await rolledUp(kind)).toEqual(held)
})

it('more keys than one look-up takes are looked up all the same', async () => {
  const committer = committerOn('workers', stores.engine)
  const many = Array.from({ length: 61_000 }, (_, n) => n)
  const drafts = () =>
    acceptRows(
      'workers',
      many.map((n) => ({
        row: n + 1,
        value: make.workers(n, { observedAt: '2026-11-01T08:00:00+08:00' }),
        fault: null,
      })),
      { id: 's', kinds: KINDS, region: '' },
      { source: 's', batch: 'b', keys, sealer: null },
    ).drafts
  expect(await committer.commit([drafts()]).counted).toEqual([{ accepted: many.length, unchanged: 0 }])
  expect(await committer.commit([drafts()]).counted).toEqual([{ accepted: 0, unchanged: many.length }])
})

it('a large commit that breaks off after any write is counted once by the next process', async () => {
  const drafts = draw('industry', 21)
  await committerOn('industry', stores.engine).commit([drafts]).counted
  const expected = await stored('industry')
  for (let writes = 1; ; writes++) {
    await emptyStores(stores)
    let left = writes
    const spend = () => {
      if (left-- <= 0) throw new Error('killed')
    }
    const dying: Engine = {
      ...stores.engine,
      insert: async (insert) => {
        spend()
        await stores.engine.insert(insert)
      },
      command: async (sql) => {
        spend()
        await stores.engine.command(sql)
      },
    }
    const isThrough = await committerOn('industry', dying)
      .commit([draw('industry', 21)])
      .counted.then(
        () => true,
        () => false,
      )
    await committerOn('industry', stores.engine).recover()
    expect(await stored('industry'), `after ${writes} writes`).toEqual(expected)
    if (isThrough) return expect(writes).toBeGreaterThan(3)
  }
})
