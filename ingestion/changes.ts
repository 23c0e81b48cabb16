import { endsWork, homeAfter } from '#domain/merge.ts'
import type { Kind } from '#domain/signal.ts'
import { DAY_MS, periodEnd, periodStart } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { FewRows } from '#sql/rollups.ts'
import { INSTANT, NAME, RECEIPT, RowFormat } from '#sql/row-binary.ts'
import { byTime, type Observation, type StateOf } from './observation.ts'
import { RowBlock, Slab } from './row-block.ts'

/**
 * Observations → signed change rows. `rowsOf[kind]` writes down what a complete history counts for; the changes a commit
 * makes are what the history counts for after it, minus what it counted for before. So a late, repeated or corrected
 * observation can never count twice: nothing here knows about lateness.
 */

/**
 * One signed row: the instant it takes effect (ms), what it is counted by, and the amounts of one part of a row, in the
 * order of its columns; the columns of the other parts are 0.
 */
export type Change = { at: number; dims: unknown[]; part: number; deltas: number[] }

const DIMS = {
  workers: { home: NAME, work: NAME, sector: NAME, status: NAME, source: NAME, employer: 'String' },
  arrears: {
    firstAt: INSTANT,
    site: 'String',
    work: NAME,
    sector: NAME,
    status: NAME,
    channel: NAME,
    source: NAME,
    employer: 'String',
    homeCodes: `Array(${NAME})`,
    homeWorkers: 'Array(UInt32)',
  },
  industry: { work: NAME, sector: NAME, source: NAME },
} as const satisfies Record<Kind, Record<string, string>>

/** Where the regions stand among the dims of each kind. */
const REGIONS_AT = {
  workers: placesOf('workers', ['home', 'work']),
  arrears: placesOf('arrears', ['work']),
  industry: placesOf('industry', ['work']),
}

function placesOf<K extends Kind>(kind: K, names: readonly (keyof (typeof DIMS)[K])[]): number[] {
  const dims: PropertyKey[] = Object.keys(DIMS[kind])
  return names.map((name) => dims.indexOf(name))
}

/** The regions whose figures a change is counted in, and whose closed periods it may not change; '' is unknown. */
export const regionsOf = (kind: Kind, { dims }: Change): string[] =>
  REGIONS_AT[kind].map((i) => String(dims[i]))

const DELTAS = {
  workers: [{ people: 'Int8' }],
  arrears: [
    {
      cases: 'Int8',
      workers: 'Int64',
      owedFen: 'Int64',
      gathering: 'Int64',
      births: 'Int8',
      recoveredFen: 'Int64',
    },
  ],
  // Stock and flow of a report take effect at different instants, so no row needs both.
  industry: [
    {
      points: 'Int8',
      headcount: 'Int64',
      headcountReports: 'Int8',
      vacancies: 'Int64',
      vacancyReports: 'Int8',
      wageWeightFen: 'Int64',
      wageHeadcount: 'Int64',
      coverBalanceFen: 'Int64',
      coverBillFen: 'Int64',
    },
    {
      hires: 'Int64',
      hiresReports: 'Int8',
      departures: 'Int64',
      departuresReports: 'Int8',
      paidFen: 'Int64',
      billFen: 'Int64',
    },
  ],
} as const satisfies Record<Kind, readonly Record<string, string>[]>
const STOCK = 0
const FLOW = 1

const PLACE = { at: INSTANT, knownAt: RECEIPT, historyKey: 'String' } as const

/** The rows of the change table of each kind, a format for each part. */
export const CHANGES = {
  workers: formatsOf('workers'),
  arrears: formatsOf('arrears'),
  industry: formatsOf('industry'),
}

function formatsOf(kind: Kind): readonly RowFormat[] {
  return DELTAS[kind].map((deltas) => new RowFormat({ ...PLACE, ...DIMS[kind], ...deltas }))
}

/** All columns of the change table of each kind, whichever part a row is of. */
const STRUCTURES = {
  workers: structureOf('workers'),
  arrears: structureOf('arrears'),
  industry: structureOf('industry'),
}

function structureOf(kind: Kind): string {
  return new RowFormat(Object.assign({ ...PLACE, ...DIMS[kind] }, ...DELTAS[kind])).structure
}

/** Room for the changes of a few rows: most commits bring no more, many a second, and room is collected like all else. */
const FIRST_BYTES = 16 * 1024
/** Rows of fewer bytes are few: they are written into a statement as text. */
const FEW_BYTES = 128 * 1024

/** Change rows of one commit on their way to the store. */
export class ChangeRows {
  readonly #kind: Kind
  readonly #knownAt: number
  readonly #parts: RowBlock[]

  /** `knownAt`: the receipt of the commit, in µs. */
  constructor(kind: Kind, knownAt: number) {
    this.#kind = kind
    this.#knownAt = knownAt
    this.#parts = CHANGES[kind].map(() => new RowBlock(new Slab(FIRST_BYTES)))
  }

  add(historyKey: string, { at, dims, part, deltas }: Change): void {
    const format = CHANGES[this.#kind][part]
    if (format) this.#parts[part]?.add(format, [at, this.#knownAt, historyKey, ...dims, ...deltas])
  }

  /** The rows at hand, `null` where they are not few. */
  few(): FewRows | null {
    const bytes = this.#parts.reduce((sum, rows) => sum + rows.all().length, 0)
    if (bytes > FEW_BYTES) return null
    const lines = CHANGES[this.#kind].flatMap((format, part) => [
      ...format.namedRowsOf(this.#parts[part]?.all() ?? Buffer.alloc(0)),
    ])
    return { structure: STRUCTURES[this.#kind], lines: lines.map((row) => JSON.stringify(row)) }
  }

  /** One insert for each part that has rows. */
  async insert(engine: Engine): Promise<void> {
    for (const [part, format] of CHANGES[this.#kind].entries()) {
      const rows = this.#parts[part]?.all() ?? Buffer.alloc(0)
      if (rows.length > 0) await engine.insert({ table: `${this.#kind}_changes_v1`, format, rows: [rows] })
    }
  }
}

/** Days after the end of its period for which a point's latest report still counts. Source: design, measures. */
const REPORT_LIVES_DAYS = 62

/** The signed rows by which the counts change when `fresh` joins `known`, both of one history. Rows that cancel are left out. */
export function changesFor<K extends Kind>(
  kind: K,
  known: Observation<K>[],
  fresh: Observation<K>[],
): Change[] {
  const rows = rowsOf[kind] as (history: Observation<K>[]) => Change[]
  const history = known.length === 0 && fresh.length === 1 ? fresh : [...known, ...fresh].sort(byTime)
  const after = rows(history)
  return known.length === 0 && after.length === 1
    ? after
    : difference(after, known.length === 0 ? [] : rows(known.sort(byTime)))
}

function difference(after: Change[], before: Change[]): Change[] {
  // What is observed last, as most is, leaves the rows before it as they were.
  let same = 0
  while (same < before.length && isSame(after[same], before[same])) same++
  const sums = new Map<number, Change[]>()
  const add = (change: Change, sign: 1 | -1) => {
    const deltas = sign === 1 ? change.deltas : change.deltas.map((delta) => -delta)
    const others = sums.get(change.at)
    const sum = others?.find((other) => isOfOne(other, change))
    if (sum) sum.deltas = sum.deltas.map((delta, i) => delta + (deltas[i] ?? 0))
    else if (others) others.push({ ...change, deltas })
    else sums.set(change.at, [{ ...change, deltas }])
  }
  for (const change of after.slice(same)) add(change, 1)
  for (const change of before.slice(same)) add(change, -1)
  return [...sums.values()].flat().filter((change) => change.deltas.some((delta) => delta !== 0))
}

function isSame(a: Change | undefined, b: Change | undefined): boolean {
  if (!a || !b || a.at !== b.at || !isOfOne(a, b)) return false
  return a.deltas.every((delta, i) => delta === b.deltas[i])
}

/** Whether two changes of one instant are of the same part and counted by the same. */
function isOfOne(a: Change, b: Change): boolean {
  const isEqual = (dim: unknown, i: number) =>
    dim === b.dims[i] || (Array.isArray(dim) && String(dim) === String(b.dims[i]))
  return a.part === b.part && a.dims.every(isEqual)
}

/** Of observations in time order, the one that holds from each instant on: at one instant the later received wins. */
function winners<K extends Kind>(history: Observation<K>[]): Observation<K>[] {
  return history.filter((observation, i) => history[i + 1]?.observedAt !== observation.observedAt)
}

const rowsOf = { workers: workersRows, arrears: arrearsRows, industry: industryRows } as const

function workersRows(history: Observation<'workers'>[]): Change[] {
  const steps = winners(asMerged(history))
  return steps.flatMap(({ observedAt: at, state }, i) => {
    const previous = steps[i - 1]?.state
    const row = (s: typeof state, people: number): Change => ({
      at,
      dims: [s.home, s.work, s.sector, s.status, s.source, s.employer],
      part: 0,
      deltas: [people],
    })
    return previous ? [row(state, 1), row(previous, -1)] : [row(state, 1)]
  })
}

type WorkersState = StateOf['workers']

/** Of observations in time order, each with the state of the person after it. Counted under the source of the latest. */
function asMerged(history: Observation<'workers'>[]): Observation<'workers'>[] {
  let before: WorkersState | null = null
  return history.map((observation) => {
    const state: WorkersState = before ? merge(before, observation.state) : observation.state
    before = state
    return state === observation.state ? observation : { ...observation, state }
  })
}

/** What `mergeFields` of the domain does, for the fields that are counted. */
function merge(before: WorkersState, said: WorkersState): WorkersState {
  const kept = endsWork(before.status, said.status) ? null : before
  return {
    ...said,
    home: homeAfter(before.home, said.home),
    work: said.work || (kept?.work ?? ''),
    sector: said.sector || (kept?.sector ?? ''),
    employer: said.employer || (kept?.employer ?? ''),
  }
}

function arrearsRows(history: Observation<'arrears'>[]): Change[] {
  const steps = winners(history)
  const firstAt = steps[0]?.observedAt ?? 0
  return steps.flatMap(({ observedAt: at, state }, i) => {
    const previous = steps[i - 1]?.state
    const row = (s: typeof state, sign: 1 | -1, births: number, recoveredFen: number): Change => ({
      at,
      dims: [
        firstAt,
        s.site,
        s.work,
        s.sector,
        s.status,
        s.channel,
        s.source,
        s.employer,
        s.homeCodes,
        s.homeWorkers,
      ],
      part: 0,
      deltas: [sign, sign * s.workers, sign * s.owedFen, sign * s.gathering, births, recoveredFen],
    })
    if (!previous) return [row(state, 1, 1, 0)]
    return [row(state, 1, 0, state.paidFen - previous.paidFen), row(previous, -1, 0, 0)]
  })
}

function industryRows(history: Observation<'industry'>[]): Change[] {
  return [...industryStock(history), ...industryFlows(history)]
}

/** A report holds from its observation until a report of the same or a later period, or until it is too old. */
function industryStock(history: Observation<'industry'>[]): Change[] {
  const steps: Observation<'industry'>[] = []
  for (const observation of history) {
    const holder = steps.at(-1)
    if (holder && comparePeriods(observation.state.period, holder.state.period) < 0) continue
    if (holder?.observedAt === observation.observedAt) steps.pop()
    steps.push(observation)
  }
  return steps.flatMap(({ observedAt, state }, i) => {
    const expiresAt = periodEnd(state.period) + REPORT_LIVES_DAYS * DAY_MS
    const endsAt = Math.min(expiresAt, steps[i + 1]?.observedAt ?? expiresAt)
    if (endsAt <= observedAt) return []
    const dims = [state.work, state.sector, state.source]
    const { headcount, vacancies, averageWageFen, wageBillFen, accountBalanceFen } = state
    const isWeighed = headcount !== null && averageWageFen !== null
    const isCovered = accountBalanceFen !== null && wageBillFen !== null
    const deltas = [
      1,
      headcount ?? 0,
      headcount === null ? 0 : 1,
      vacancies ?? 0,
      vacancies === null ? 0 : 1,
      isWeighed ? headcount * averageWageFen : 0,
      isWeighed ? headcount : 0,
      isCovered ? accountBalanceFen : 0,
      isCovered ? wageBillFen : 0,
    ]
    return [
      { at: observedAt, dims, part: STOCK, deltas },
      { at: endsAt, dims, part: STOCK, deltas: deltas.map((delta) => -delta) },
    ]
  })
}

/** The latest report of each period counts once, at the period's start. */
function industryFlows(history: Observation<'industry'>[]): Change[] {
  const latest = new Map(history.map((observation) => [observation.state.period, observation.state]))
  return [...latest.values()].flatMap((state) => {
    const { hires, departures, wagePaidFen, wageBillFen } = state
    const isPaidKnown = wagePaidFen !== null && wageBillFen !== null
    if (hires === null && departures === null && !isPaidKnown) return []
    return {
      at: periodStart(state.period),
      dims: [state.work, state.sector, state.source],
      part: FLOW,
      deltas: [
        hires ?? 0,
        hires === null ? 0 : 1,
        departures ?? 0,
        departures === null ? 0 : 1,
        isPaidKnown ? wagePaidFen : 0,
        isPaidKnown ? wageBillFen : 0,
      ],
    }
  })
}

/** Orders periods by their end, then by their start: a month comes after its last day. */
function comparePeriods(a: string, b: string): number {
  return periodEnd(a) - periodEnd(b) || periodStart(b) - periodStart(a)
}
