import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Dimension, MeasureId } from '#domain/measure.ts'
import { KINDS, type Kind } from '#domain/signal.ts'
import { DAY_MS } from '#domain/time.ts'
import { type Ask, askOf } from '../support/ask.ts'
import { FORMS, type Form, written } from '../support/forms.ts'
import { post } from '../support/post.ts'
import { recount } from '../support/recount.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears, idNumberFor, industry, worker } from '../support/signals.ts'
import { type Happening, standing } from '../support/standing.ts'

/**
 * Mixed histories through a real server: batches of several senders in every form, at once and as files that wait their
 * turn, of which good rows or none are taken, several at one moment and one taken back in it, late, tied and partial rows and
 * repeats, withdrawals, kills of the server, rows in quarantine that are replayed after their mapping came, and others were told since, corrected or dismissed; against a recount that knows
 * none of it but which rows stand, and counts by that what each batch must answer as accepted and unchanged. RUNS can be raised by the environment.
 */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 6)
let server: TestServer
let cookie: string
let ask: Ask
beforeAll(async () => {
  server = await startServer()
  cookie = await server.signIn()
  ask = askOf(server, cookie)
})
afterAll(() => server.stop())

const NOW = Date.now()
/** So few that subjects have several observations at one. */
const INSTANTS = Array.from(
  { length: 5 },
  (_, i) => Math.floor((NOW - DAY_MS - i * 19.3 * DAY_MS) / 1000) * 1000,
)
const instant = fc.constantFrom(...INSTANTS).map((ms) => new Date(ms).toISOString())
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined, freq: 3 })
const yuan = fc.integer({ min: 0, max: 9_000_000 }).map((fen) => (fen / 100).toFixed(2))
/** `X` is a code of the sender's own, for which there is no mapping at first. */
const workRegion = fc.constantFrom('430503', '430121', '4307', 'X')
const said = (row: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))
type Row = Record<string, any>
/** A refused row, and the happening it was sent in. */
type Waiting = { batch: string; row: number; kind: Kind; source: string; value: Row; said: number }

const rowOf: Record<Kind, fc.Arbitrary<Record<string, any>>> = {
  workers: fc
    .record({
      idNumber: fc.integer({ min: 0, max: 2 }).map(String),
      observedAt: instant,
      homeRegion: fc.constantFrom('430522', '430121'),
      // Cases and reports lie in the province; people work beyond it, too.
      workRegion: maybe(fc.oneof(workRegion, fc.constant('4403'))),
      sector: maybe(fc.constantFrom('C', 'E')),
      status: fc.constantFrom('employed', 'seeking', 'returned', 'withdrawn'),
      employer: maybe(fc.constantFrom('甲厂', '乙厂')),
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

/** How a batch goes over the wire: its format, whether the sender waits or it is taken as a file, as a whole or by rows. */
type Way = { form: Form; isAsync: boolean; isWhole: boolean }
type Send = { do: 'send'; kind: Kind; source: number; way: Way; rows: Row[] }
type Step =
  | Send
  | { do: 'atOnce'; sends: Send[]; withdrawn: number | null }
  | { do: 'kill' }
  | { do: 'repeat' | 'withdraw' | 'correct' | 'retell'; n: number; source: number; way: Way }
  | { do: 'dismiss'; n: number }
  | { do: 'replay' }
const source = fc.constantFrom(0, 1)
const way = fc.record({ form: fc.constantFrom(...FORMS), isAsync: fc.boolean(), isWhole: fc.boolean() })
const send: fc.Arbitrary<Send> = fc.constantFrom(...KINDS).chain((kind) =>
  fc.record({
    do: fc.constant('send' as const),
    kind: fc.constant(kind),
    source,
    way,
    // The first row may be there twice, word for word.
    rows: fc
      .tuple(fc.array(rowOf[kind], { minLength: 1, maxLength: 7 }), fc.boolean())
      .map(([rows, isRepeated]) => (isRepeated ? [...rows, ...rows.slice(0, 1)] : rows)),
  }),
)
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: send },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('atOnce' as const),
        sends: fc.array(send, { minLength: 2, maxLength: 4 }),
        withdrawn: fc.option(fc.nat()),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('repeat', 'withdraw', 'correct', 'retell'),
        n: fc.nat(),
        source,
        way,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('dismiss' as const), n: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('replay' as const) }) },
  ),
  { minLength: 8, maxLength: 18 },
)

const MAPPED = ['430503', '430121', '4307', '4403', '430522']
const OURS = MAPPED.map((code) => ({ field: 'region', theirs: code, ours: code }))

/** The product, and beside it what happened, told for the recount. Every world has subjects and senders of its own. */
class World {
  readonly happened: Happening[] = []
  readonly sources: { id: string; key: string }[]
  readonly #run: number
  readonly #sent: { batch: string; kind: Kind; rows: Row[] }[] = []
  readonly #waiting: Waiting[] = []
  /** Rows that were ever refused, by source. */
  readonly #refused = new Map<string, number>()

  private constructor(run: number, sources: { id: string; key: string }[]) {
    this.#run = run
    this.sources = sources
  }

  static async open(run: number): Promise<World> {
    const source = { name: 'a sender', kinds: KINDS, region: '43' }
    const world = new World(run, [
      await ask('POST', '/sources', source),
      await ask('POST', '/sources', source),
    ])
    await world.#map(OURS)
    return world
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'send')
      return await this.#send(step.kind, step.source, step.rows.map(this.#ofThis), step.way)
    if (step.do === 'atOnce') return await this.#atOnce(step.sends, step.withdrawn)
    if (step.do === 'kill') return await server.killAndRestart()
    if (step.do === 'replay') return await this.#replay()
    if (step.do === 'dismiss') return await this.#dismiss(step.n)
    if (step.do === 'correct') return await this.#correct(step.n)
    if (step.do === 'retell') return await this.#retell(step.n, step.way)
    const earlier = this.#earlier(step.n)
    if (!earlier) return
    if (step.do === 'repeat') return await this.#send(earlier.kind, step.source, earlier.rows, step.way)
    await this.#withdraw(earlier.batch)
  }

  #earlier(n: number) {
    return this.#sent[n % Math.max(1, this.#sent.length)]
  }

  async #withdraw(withdrawn: string): Promise<void> {
    await ask('POST', `/batches/${withdrawn}/withdraw`, { reason: 'x' })
    this.happened.push({ withdrawn })
    const left = this.#waiting.filter(({ batch }) => batch !== withdrawn)
    this.#waiting.splice(0, this.#waiting.length, ...left)
  }

  /**
   * Batches that come at one moment, and an earlier one that is taken back in it. Which of them is first nobody can say, so no two
   * speak of one subject at one instant: then it does not matter.
   */
  async #atOnce(sends: readonly Send[], n: number | null): Promise<void> {
    const gone = n === null ? undefined : this.#earlier(n)
    const aboutOf = (kind: Kind, row: Row) =>
      [kind, row.idNumber ?? row.caseId ?? row.pointId, row.observedAt].join()
    const told = new Set(gone?.rows.map((row) => aboutOf(gone.kind, row)))
    const apart = sends.map(({ rows, ...one }) => {
      const own = rows.map(this.#ofThis).filter((row) => !told.has(aboutOf(one.kind, row)))
      for (const row of own) told.add(aboutOf(one.kind, row))
      return { ...one, rows: own }
    })
    await Promise.all([
      ...apart.map(async ({ kind, source, rows, way }) => {
        if (rows.length > 0) await this.#send(kind, source, rows, way)
      }),
      gone && this.#withdraw(gone.batch),
    ])
  }

  readonly #ofThis = (row: Row): Row => ({
    ...row,
    ...(row.idNumber && { idNumber: idNumberFor(this.#run * 10 + Number(row.idNumber)) }),
    ...(row.pointId && { pointId: `${row.pointId}-${this.#run}` }),
  })

  #source(n: number): { id: string; key: string } {
    const source = this.sources[n]
    if (!source) throw new Error('no source')
    return source
  }

  async #send(kind: Kind, from: number, rows: Row[], { form, isAsync, isWhole }: Way): Promise<void> {
    const { id, key } = this.#source(from)
    const headers = { 'content-type': form, ...(isAsync ? { prefer: 'respond-async' } : {}) }
    const reply = await post(server, kind, key, written(kind, rows, form), {
      headers,
      query: isWhole ? '?atomic=all' : '',
    })
    expect([200, 202, 422], reply.text).toContain(reply.status)
    const { batch } = reply.body
    const look = async (): Promise<any> => await server.get(`/v1/batches/${batch}`, cookie)
    if (isAsync) await waitFor(async () => ['done', 'failed'].includes((await look()).state))
    // Refused are those in a code that has no mapping, and no others.
    const refused = rows.flatMap((row, i) => (row.workRegion === 'X' ? [i + 1] : []))
    expect(await look()).toMatchObject({ received: rows.length, rejected: refused.length })
    const { rows: kept } = await ask('GET', `/batches/${batch}/errors.json`, undefined, key)
    expect(kept.map(({ row }: Row) => row)).toEqual(refused)

    const good = rows.filter((_, i) => !refused.includes(i + 1))
    const taken = isWhole && refused.length > 0 ? [] : good
    const said = this.happened.length
    this.happened.push({ batch, kind, source: id, rows: taken })
    const counts = this.#countsOf(batch, taken)
    expect(await look(), `${form} of ${JSON.stringify(rows)}`).toMatchObject(counts)
    if (!isAsync) expect(reply.body).toMatchObject(counts)
    this.#sent.push({ batch, kind, rows })
    // A sender whose batch is refused as a whole sends all of it again: nothing of it waits.
    if (taken.length < good.length) return
    this.#refused.set(id, (this.#refused.get(id) ?? 0) + refused.length)
    for (const row of refused) {
      const value = rows[row - 1]
      if (value) this.#waiting.push({ batch, row, kind, source: id, value, said })
    }
  }

  /** The mapping comes, everything that waits is replayed, and the mapping goes again. */
  async #replay(): Promise<void> {
    await this.#map([...OURS, { field: 'region', theirs: 'X', ours: '430522' }])
    for (const { id, key } of this.sources) {
      const waiting = this.#waiting.filter(({ source }) => source === id)
      const done = await ask('POST', '/quarantine/replay', {}, key)
      expect(done).toEqual({ judged: waiting.length, replayed: waiting.length, next: null })
      // What waits is in the order in which it was sent.
      for (const group of Map.groupBy(waiting, ({ kind }) => kind).values())
        await this.#settled(
          group,
          group.map((row) => row.said),
        )
    }
    this.#waiting.length = 0
    await this.#map(OURS)
  }

  async #correct(n: number): Promise<void> {
    const [row] = this.#waiting.splice(n % Math.max(1, this.#waiting.length), 1)
    if (!row) return
    const value = { ...row.value, workRegion: '430121' }
    await ask('POST', `/quarantine/${row.batch}/${row.row}/correct`, { value })
    await this.#settled([{ ...row, value }], undefined)
  }

  async #dismiss(n: number): Promise<void> {
    const [row] = this.#waiting.splice(n % Math.max(1, this.#waiting.length), 1)
    if (!row) return
    const rows = [{ batch: row.batch, row: row.row }]
    expect(await ask('POST', '/quarantine/dismiss', { rows, reason: 'x' })).toEqual({ dismissed: 1 })
  }

  /** Says something else of the subject and instant of a row that waits: it holds, whether that row is replayed or not. */
  async #retell(n: number, way: Way): Promise<void> {
    const row = this.#waiting[n % Math.max(1, this.#waiting.length)]
    if (!row) return
    const from = this.sources.findIndex(({ id }) => id === row.source)
    await this.#send(row.kind, from, [{ ...row.value, workRegion: '430503', sector: 'E' }], way)
  }

  async #settled(group: Waiting[], said: readonly number[] | undefined): Promise<void> {
    const [first] = group
    if (!first) return
    const { into } = await ask('POST', `/quarantine/${first.batch}/${first.row}/read`, {
      reason: '核对更正结果',
    })
    const rows = group.map(({ value }) =>
      value.workRegion === 'X' ? { ...value, workRegion: '430522' } : value,
    )
    const { kind, source } = first
    this.happened.push({ batch: into, kind, source, rows, ...(said && { said }) })
    expect(await ask('GET', `/batches/${into}`)).toMatchObject(this.#countsOf(into, rows))
    this.#sent.push({ batch: into, kind: first.kind, rows })
  }

  /** Of the rows that the latest batch took: those that said something new stand by it, the others changed nothing. */
  #countsOf(batch: string, taken: readonly Row[]): { accepted: number; unchanged: number } {
    const accepted = standing(this.happened).filter((row) => row.batch === batch).length
    return { accepted, unchanged: taken.length - accepted }
  }

  async #map(mappings: readonly Row[]): Promise<void> {
    for (const { id } of this.sources) await ask('PUT', `/sources/${id}/mappings`, { mappings })
  }

  /** Nothing disappears: every row that was ever refused is still there, in one state. */
  async rejectNothingLost(): Promise<void> {
    for (const { id, key } of this.sources) {
      const { counts } = await ask('GET', '/quarantine', undefined, key)
      const all = Object.values<number>(counts).reduce((sum, n) => sum + n, 0)
      expect(all).toBe(this.#refused.get(id) ?? 0)
      expect(counts.waiting).toBe(this.#waiting.filter(({ source }) => source === id).length)
    }
  }
}

/** All by source, as worlds before this one are in the same store. */
const ASKED: [MeasureId, Dimension[]][] = [
  ['workers.count', ['source', 'work.county', 'status']],
  ['workers.count', ['source', 'home.county']],
  ['workers.outOfProvince', ['source']],
  ['arrears.owed', ['source', 'work.city', 'sector']],
  ['arrears.openCases', ['source', 'status']],
  ['arrears.newCases', ['source', 'work.county']],
  ['arrears.recovered', ['source']],
  ['arrears.settledShare', ['source']],
  ['industry.headcount', ['source', 'work.county', 'sector']],
  ['industry.hires', ['source', 'work.county']],
  ['industry.wagePaidShare', ['source']],
]

async function compare(world: World, happened: readonly Happening[], atMs: number, knownAtMs: number | null) {
  const stands = standing(happened)
  const own = world.sources.map(({ id }) => id)
  for (const [measure, by] of ASKED) {
    const query = { measure, by, atMs, fromMs: atMs - 61 * DAY_MS, toMs: atMs }
    const iso = (ms: number) => new Date(ms).toISOString()
    const params = new URLSearchParams({ measure, by: by.join(), from: iso(query.fromMs), to: iso(atMs) })
    params.set('at', iso(atMs))
    if (knownAtMs !== null) params.set('knownAt', iso(knownAtMs))
    const { rows } = await ask('GET', `/distribution?${params}`)
    const got = rows
      .filter((row: Row) => own.includes(row.source))
      .map((row: Row) => [by.map((dimension) => row[dimension]).join(' '), row.value])
    const told = `${measure} by ${by} at ${iso(atMs)} as known ${knownAtMs === null ? 'now' : 'then'}`
    expect(Object.fromEntries(got.sort()), told).toEqual(
      Object.fromEntries([...recount(stands, query)].sort()),
    )
  }
}

it('mixed histories count the same as a plain recount of what stands, now and as known at any instant', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      steps,
      // Exactly when something was observed, and anywhere before, between and after.
      fc.integer({ min: NOW - 110 * DAY_MS, max: NOW }).map((between) => [NOW, between, ...INSTANTS]),
      fc.array(fc.nat(), { minLength: 2, maxLength: 2 }),
      async (todo, at, known) => {
        const world = await World.open(run++)
        const moments: { knownAtMs: number; happened: Happening[] }[] = []
        for (const step of todo) {
          await world.take(step as Step)
          moments.push({ knownAtMs: Date.now(), happened: [...world.happened] })
          await new Promise((resolve) => setTimeout(resolve, 2))
        }
        for (const atMs of at) await compare(world, world.happened, atMs, null)
        for (const [i, n] of known.entries()) {
          const then = moments[n % moments.length]
          if (then) await compare(world, then.happened, at[i + 1] ?? NOW, then.knownAtMs)
        }
        await world.rejectNothingLost()
      },
    ),
    { numRuns: RUNS, seed: 20261126, endOnFailure: true },
  )
}, 600_000)
