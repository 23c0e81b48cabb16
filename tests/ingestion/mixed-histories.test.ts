import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Dimension, MeasureId } from '#domain/measure.ts'
import { everythingFor } from '#domain/scope.ts'
import { KINDS, type Kind } from '#domain/signal.ts'
import { DAY_MS } from '#domain/time.ts'
import { Measures } from '../../api/measures/answers.ts'
import { insideOf } from '../../api/shield/address.ts'
import { acceptRows, type RejectedRow } from '../../ingestion/accept.ts'
import { Batches } from '../../ingestion/batches.ts'
import { Buffer } from '../../ingestion/buffer.ts'
import { type Committers, createCommitters } from '../../ingestion/commit.ts'
import { Quarantine } from '../../ingestion/quarantine.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { Sources } from '../../ingestion/sources.ts'
import { withdrawBatch } from '../../ingestion/withdrawals.ts'
import { recount } from '../support/recount.ts'
import { arrears, idNumber, industry, worker } from '../support/signals.ts'
import { type Happening, standing } from '../support/standing.ts'
import { emptyStores, openTestStores } from '../support/stores.ts'

/**
 * Mixed histories through the real parts: batches of several senders, late and tied rows and repeats, withdrawals, rows in
 * quarantine that are replayed after their mapping came or corrected; against a recount that knows none of it but which
 * rows stand. RUNS can be raised by the environment.
 */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 6)
const keys = deriveKeys('a secret of the mixed histories, long enough')
let stores: Awaited<ReturnType<typeof openTestStores>>
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

const NOW = Date.now()
const INSTANTS = Array.from(
  { length: 9 },
  (_, i) => Math.floor((NOW - DAY_MS - i * 11.3 * DAY_MS) / 1000) * 1000,
)
const instant = fc.constantFrom(...INSTANTS).map((ms) => new Date(ms).toISOString())
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined, freq: 3 })
const yuan = fc.integer({ min: 0, max: 9_000_000 }).map((fen) => (fen / 100).toFixed(2))
/** `X` is a code of the sender's own, for which there is no mapping at first. */
const workRegion = fc.constantFrom('430503', '430121', '4403', 'X')
const said = (row: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))

const rowOf: Record<Kind, fc.Arbitrary<Record<string, any>>> = {
  workers: fc
    .record({
      idNumber: fc.integer({ min: 0, max: 3 }).map((n) => idNumber(n)),
      observedAt: instant,
      workRegion,
      sector: fc.constantFrom('C', 'E'),
      status: fc.constantFrom('employed', 'seeking', 'returned', 'withdrawn'),
      employer: fc.constantFrom('甲厂', '乙厂'),
    })
    .map((over) => said(worker(over))),
  arrears: fc
    .record({
      caseId: fc.constantFrom('c1', 'c2', 'c3'),
      observedAt: instant,
      workRegion,
      status: fc.constantFrom('reported', 'verified', 'settled'),
      workers: fc.integer({ min: 1, max: 40 }),
      owed: yuan,
      paid: maybe(yuan),
      project: maybe(fc.constantFrom('一期', '二期')),
    })
    .map((over) => said(arrears(over))),
  industry: fc
    .record({
      pointId: fc.constantFrom('p1', 'p2'),
      period: fc.constantFrom('2026-08', '2026-09', '2026-10', '2026-09-15'),
      observedAt: instant,
      workRegion,
      headcount: maybe(fc.integer({ min: 0, max: 900 })),
      hires: maybe(fc.integer({ min: 0, max: 90 })),
      wageBill: maybe(yuan),
      wagePaid: maybe(yuan),
    })
    .map((over) => said(industry(over))),
}

type Step =
  | { do: 'send'; kind: Kind; source: string; rows: Record<string, any>[] }
  | { do: 'repeat' | 'withdraw' | 'correct'; n: number; source: string }
  | { do: 'replay' }
const source = fc.constantFrom('s1', 's2')
const send: fc.Arbitrary<Step> = fc.constantFrom(...KINDS).chain((kind) =>
  fc.record({
    do: fc.constant('send' as const),
    kind: fc.constant(kind),
    source,
    rows: fc.array(rowOf[kind], { minLength: 1, maxLength: 7 }),
  }),
)
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: send },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('repeat', 'withdraw', 'correct'), n: fc.nat(), source }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('replay' as const) }) },
  ),
  { minLength: 8, maxLength: 18 },
)

/** The product, and beside it what happened, told for the recount. */
class World {
  readonly happened: Happening[] = []
  readonly #sent: { batch: string; kind: Kind; rows: Record<string, any>[] }[] = []
  readonly #waiting: {
    batch: string
    row: number
    kind: Kind
    source: string
    value: Record<string, any>
  }[] = []
  readonly #sources = new Sources(stores.postgres, insideOf)
  readonly #batches = new Batches(stores.postgres, keys)
  readonly #committers: Committers = createCommitters(stores.engine, stores.postgres, false)
  readonly #quarantine: Quarantine

  constructor() {
    const bufferFor = (kind: Kind) => new Buffer(this.#committers[kind] as never, () => undefined)
    const buffers = Object.fromEntries(KINDS.map((kind) => [kind, bufferFor(kind)])) as never
    const { postgres } = stores
    this.#quarantine = new Quarantine({
      postgres,
      sources: this.#sources,
      batches: this.#batches,
      buffers,
      keys,
      sealer: () => ({ keyVersion: 1, add: () => undefined }),
    })
  }

  async open(): Promise<void> {
    for (const id of ['s1', 's2'])
      await stores.postgres.query(
        `INSERT INTO sources (id, name, kinds, region) VALUES ($1, $1, '{workers,arrears,industry}', '')`,
        [id],
      )
    for (const theirs of ['430503', '430121', '4403']) await this.#map(theirs, theirs)
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'send') return await this.#send(step.kind, step.source, step.rows)
    if (step.do === 'replay') return await this.#replay()
    if (step.do === 'correct') return await this.#correct(step.n)
    const earlier = this.#sent[step.n % Math.max(1, this.#sent.length)]
    if (!earlier) return
    if (step.do === 'repeat') return await this.#send(earlier.kind, step.source, earlier.rows)
    await withdrawBatch({ ...stores, committers: this.#committers }, earlier.batch, null, {
      reason: 'x',
      by: 'y',
    })
    this.happened.push({ withdrawn: earlier.batch })
    const left = this.#waiting.filter(({ batch }) => batch !== earlier.batch)
    this.#waiting.splice(0, this.#waiting.length, ...left)
  }

  async #send(kind: Kind, from: string, rows: Record<string, any>[]): Promise<void> {
    const scope = await this.#sources.find(from)
    if (!scope) throw new Error('no source')
    const batch = `b${this.#sent.length}`
    const raw = rows.map((value, i) => ({ row: i + 1, value, fault: null }))
    const { drafts, rejected } = acceptRows(kind, raw, scope, { source: from, batch, keys, sealer: null })
    const [verdict] = drafts.length > 0 ? await this.#committers[kind].commit([drafts as never]).counted : []
    const counts = { received: rows.length, accepted: 0, unchanged: 0, ...verdict, rejected: rejected.length }
    await this.#batches.put({ batch, source: from, kind, mode: 'commit', ...counts }, rejected, null, null)
    this.#note(batch, kind, from, rows, rejected)
  }

  #note(batch: string, kind: Kind, from: string, rows: Record<string, any>[], rejected: RejectedRow[]) {
    const refused = new Set(rejected.map(({ row }) => row))
    // Refused are those in a code that has no mapping, and no others.
    expect(refused).toEqual(
      new Set(this.#isMapped ? [] : rows.flatMap((row, i) => (row.workRegion === 'X' ? [i + 1] : []))),
    )
    const taken = rows.filter((_, i) => !refused.has(i + 1))
    this.happened.push({ batch, kind, source: from, rows: taken.map(inOurs) })
    this.#sent.push({ batch, kind, rows })
    for (const row of refused) {
      const value = rows[row - 1]
      if (value) this.#waiting.push({ batch, row, kind, source: from, value })
    }
  }

  /** The mapping comes, everything that waits is replayed, and the mapping goes again. */
  async #replay(): Promise<void> {
    await this.#map('X', '430522')
    const done = await this.#quarantine.replay({}, null, 'y')
    expect(done).toEqual({ judged: this.#waiting.length, replayed: this.#waiting.length, next: null })
    // What waits is in the order in which it was sent.
    for (const group of Map.groupBy(this.#waiting.splice(0), (row) => `${row.source} ${row.kind}`).values())
      await this.#settled(group)
    await stores.postgres.query(`DELETE FROM source_mappings WHERE theirs = 'X'`)
    this.#isMapped = false
  }

  async #correct(n: number): Promise<void> {
    const [row] = this.#waiting.splice(n % Math.max(1, this.#waiting.length), 1)
    if (!row) return
    const value = { ...row.value, workRegion: '430121' }
    expect(await this.#quarantine.correct(row, value, 'y')).toMatchObject({ into: expect.any(String) })
    await this.#settled([{ ...row, value }])
  }

  async #settled(
    group: { batch: string; row: number; kind: Kind; source: string; value: Record<string, any> }[],
  ) {
    const [first] = group
    if (!first) return
    const { into } = await this.#quarantine.find(first)
    const rows = group.map(({ value }) => inOurs(value))
    this.happened.push({ batch: into ?? '', kind: first.kind, source: first.source, rows })
    this.#sent.push({ batch: into ?? '', kind: first.kind, rows })
  }

  #isMapped = false
  async #map(theirs: string, ours: string): Promise<void> {
    for (const id of ['s1', 's2'])
      await stores.postgres.query(`INSERT INTO source_mappings VALUES ($1, 'region', $2, $3)`, [
        id,
        theirs,
        ours,
      ])
    // Homes are sent in our own codes, which are mapped to themselves.
    if (theirs === '430503')
      for (const id of ['s1', 's2'])
        await stores.postgres.query(`INSERT INTO source_mappings VALUES ($1, 'region', '430522', '430522')`, [
          id,
        ])
    this.#isMapped = theirs === 'X'
  }

  /** Nothing disappears: every row that was ever refused is still there, in one state. */
  async quarantined(): Promise<{ waiting: number; known: number }> {
    const counts = await this.#quarantine.counts({})
    expect(counts.waiting).toBe(this.#waiting.length)
    return {
      waiting: counts.waiting,
      known: counts.waiting + counts.corrected + counts.replayed + counts.dismissed,
    }
  }
}

const inOurs = (row: Record<string, any>) => (row.workRegion === 'X' ? { ...row, workRegion: '430522' } : row)

const ASKED: [MeasureId, Dimension[]][] = [
  ['workers.count', ['work.county', 'status']],
  ['workers.count', ['home.county', 'source']],
  ['workers.outOfProvince', []],
  ['arrears.owed', ['work.city', 'sector']],
  ['arrears.openCases', ['source', 'status']],
  ['arrears.newCases', ['work.county']],
  ['arrears.recovered', []],
  ['arrears.settledShare', []],
  ['industry.headcount', ['work.county', 'sector']],
  ['industry.hires', ['work.county']],
  ['industry.wagePaidShare', ['source']],
]

async function compare(
  happened: readonly Happening[],
  atMs: number,
  knownAtMs: number | null,
): Promise<void> {
  const measures = new Measures(stores.engine, stores.postgres, 'blur')
  const stands = standing(happened)
  for (const [measure, by] of ASKED) {
    const query = { measure, by, atMs, fromMs: atMs - 61 * DAY_MS, toMs: atMs }
    const { rows } = await measures.distribution(everythingFor('a test'), {
      ...query,
      region: null,
      role: null,
      sector: null,
      knownAtMs,
    })
    const got = rows.map((row) => [by.map((dimension) => row[dimension]).join(' '), row.value])
    const told = `${measure} by ${by} at ${new Date(atMs).toISOString()} as known ${knownAtMs === null ? 'now' : 'then'}`
    expect(Object.fromEntries(got.sort()), told).toEqual(
      Object.fromEntries([...recount(stands, query)].sort()),
    )
  }
}

it('mixed histories count the same as a plain recount of what stands, now and as known at any instant', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.array(fc.constantFrom(...INSTANTS, NOW), { minLength: 2, maxLength: 2 }),
      fc.nat(),
      async (todo, at, n) => {
        await emptyStores(stores)
        const world = new World()
        await world.open()
        const moments: { knownAtMs: number; happened: Happening[] }[] = []
        for (const step of todo) {
          await world.take(step as Step)
          moments.push({ knownAtMs: Date.now(), happened: [...world.happened] })
          await new Promise((resolve) => setTimeout(resolve, 2))
        }
        for (const atMs of at) await compare(world.happened, atMs, null)
        const then = moments[n % moments.length]
        if (then) await compare(then.happened, at[0] ?? NOW, then.knownAtMs)
        await world.quarantined()
      },
    ),
    { numRuns: RUNS, seed: 20261126, endOnFailure: true },
  )
}, 600_000)
