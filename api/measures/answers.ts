import { AppError } from '#domain/error.ts'
import {
  type Answer,
  type AnswerRow,
  type Dimension,
  type Measure,
  type MeasureId,
  measureFor,
} from '#domain/measure.ts'
import { fenToYuan } from '#domain/money.ts'
import type { Scope } from '#domain/scope.ts'
import { DAY_MS, HOUR_MS, type Interval, nextStart, startOf, toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { NEWEST_RECEIPTS } from '#sql/queries/newest-receipts.ts'
import { labelMs } from './buckets.ts'
import { COUNTED } from './catalogue.ts'
import { askPayees } from './payees.ts'
import { readSilent } from './silent.ts'
import { type Blur, readSmallCountK, teller } from './small-counts.ts'
import { askSums, type Filter, type Span, type SumRow } from './sums.ts'

/** What the analytics endpoints ask with. Instants in ms; `toMs` ends a flow's interval and is not in it. */
export type Ask = {
  measure: MeasureId
  by: readonly Dimension[]
  region: string | null
  role: 'home' | 'work' | null
  sector: string | null
  atMs: number
  fromMs: number
  toMs: number
  knownAtMs: number | null
}

/** More points than this in a series is a request for a file, not for a chart. */
const BUCKETS_MAX = 3_000

/** Counting over both stores: every number that is shown anywhere comes from here. */
export class Measures {
  readonly #engine: Engine
  readonly #postgres: Postgres
  readonly #blurKey: string

  /** `blurKey`: what the chance of small counts is drawn from; a secret of the installation that never changes. */
  constructor(engine: Engine, postgres: Postgres, blurKey: string) {
    this.#engine = engine
    this.#postgres = postgres
    this.#blurKey = blurKey
  }

  /** A stock as of `atMs` (inclusive), or a flow over [`fromMs`, `toMs`), by the dimensions asked for. */
  async distribution(scope: Scope, ask: Ask): Promise<Answer> {
    const measure = rejectUnfit(ask)
    const asOfMs = measure.kind === 'stock' ? ask.atMs : ask.toMs
    const knownAt = await this.#knownAt(ask)
    if (ask.measure === 'sources.silent')
      return answer(measure, asOfMs, knownAt, null, await this.#silent(scope, ask, ask.atMs))
    const counted = COUNTED[ask.measure]
    const spans =
      measure.kind === 'stock'
        ? [{ label: 'in', fromMs: null, toMs: ask.atMs + 1 }]
        : [
            { label: 'in', fromMs: ask.fromMs, toMs: ask.toMs },
            ...(counted.isStanding ? [{ label: 'before', fromMs: null, toMs: ask.fromMs }] : []),
          ]
    const blur = await this.blurFor(scope)
    const filter = filterOf(scope, ask, measure)
    const tell = teller(measure, counted, filter, blur)
    const groups = groupRows(await this.#sums(ask.measure, ask.by, filter, spans, blur))
    const rows = groups.flatMap(({ dims, labels }) => {
      const inside = labels.get('in')
      const states = (inside?.states ?? 0n) + (labels.get('before')?.states ?? 0n)
      const value = valueIn(measure, states, inside?.sum ?? 0n, inside?.per ?? 0n)
      return value === null ? [] : [tell(named(ask.by, dims), value, inside?.persons ?? 0n)]
    })
    return answer(measure, asOfMs, knownAt, blur?.k ?? null, rows.sort(byDimensions(ask.by)))
  }

  /** The measure bucket by bucket over [`fromMs`, `toMs`): a stock as of each bucket's end, a flow within it. `t` is the bucket's start. */
  async series(scope: Scope, ask: Ask, interval: Interval): Promise<Answer> {
    const measure = rejectUnfit(ask)
    const starts = bucketStarts(interval, ask.fromMs, ask.toMs)
    const knownAt = await this.#knownAt(ask)
    if (ask.measure === 'sources.silent')
      return answer(measure, ask.toMs, knownAt, null, await this.#silentSeries(scope, ask, interval, starts))
    const counted = COUNTED[ask.measure]
    const fromMs = starts[0] ?? ask.fromMs
    const isCumulative = measure.kind === 'stock' || counted.isStanding === true
    const spans = [
      { label: null, interval, fromMs, toMs: ask.toMs },
      ...(isCumulative ? [{ label: 'before', fromMs: null, toMs: fromMs }] : []),
    ]
    const blur = await this.blurFor(scope)
    const filter = filterOf(scope, ask, measure)
    const tell = teller(measure, counted, filter, blur)
    const groups = groupRows(await this.#sums(ask.measure, ask.by, filter, spans, blur))
    const rows: AnswerRow[] = []
    for (const { dims, labels } of groups) {
      const byStart = new Map(
        [...labels]
          .filter(([label]) => label !== 'before')
          .map(([label, sums]) => [labelMs(interval, label), sums]),
      )
      let { states, sum, per, persons } = labels.get('before') ?? NOTHING
      for (const start of starts) {
        const here = byStart.get(start) ?? NOTHING
        states = isCumulative ? states + here.states : here.states
        sum = measure.kind === 'stock' ? sum + here.sum : here.sum
        per = measure.kind === 'stock' ? per + here.per : here.per
        persons = measure.kind === 'stock' ? persons + here.persons : here.persons
        const value = valueIn(measure, states, sum, per)
        if (value !== null)
          rows.push({ t: toShanghaiIso(start), ...tell(named(ask.by, dims), value, persons) })
      }
    }
    return answer(measure, ask.toMs, knownAt, blur?.k ?? null, rows.sort(byDimensions(['t', ...ask.by])))
  }

  /** Home × work at one level. @throws AppError `bad_request` for a measure that does not know both sides. */
  async flows(scope: Scope, ask: Ask, level: 'province' | 'city' | 'county'): Promise<Answer> {
    const by = [`home.${level}`, `work.${level}`] as const
    const full = await this.distribution(scope, { ...ask, by })
    return {
      ...full,
      rows: full.rows.map(({ [by[0]]: home, [by[1]]: work, ...rest }) => ({
        home: String(home),
        work: String(work),
        ...rest,
      })),
    }
  }

  /** The sums of a measure, each with the persons it rests on where that decides whether it is told. */
  async #sums(
    id: keyof typeof COUNTED,
    by: readonly Dimension[],
    filter: Filter,
    spans: readonly Span[],
    blur: Blur | null,
  ): Promise<SumRow[]> {
    const rows = await askSums(this.#engine, id, by, filter, spans)
    if (blur === null || !COUNTED[id].restsOnPayees) return rows
    const inside = spans.filter(({ label }) => label !== 'before')
    const payeesOf = await askPayees(this.#engine, by, filter, inside, blur.k)
    return rows.map((row) => ({ ...row, persons: payeesOf(row) }))
  }

  async #knownAt(ask: Ask): Promise<string | null> {
    if (ask.knownAtMs !== null) return toShanghaiIso(ask.knownAtMs)
    const receipts = await this.#engine.query(NEWEST_RECEIPTS)
    const micros = Math.max(0, ...receipts.map((receipt) => receipt.knownAtMicros))
    return micros > 0 ? toShanghaiIso(Math.floor(micros / 1000)) : null
  }

  /** How small counts are hidden from who may not see them; `null` for who may. */
  async blurFor(scope: Scope): Promise<Blur | null> {
    if (scope.seesSmall) return null
    const k = await readSmallCountK(this.#postgres)
    return k > 1 ? { k, key: this.#blurKey } : null
  }

  #silent(scope: Scope, ask: Ask, atMs: number): Promise<AnswerRow[]> {
    return readSilent(this.#engine, this.#postgres, scope, {
      atMs,
      knownAtMs: ask.knownAtMs,
      by: ask.by,
      region: ask.region,
    })
  }

  async #silentSeries(
    scope: Scope,
    ask: Ask,
    interval: Interval,
    starts: readonly number[],
  ): Promise<AnswerRow[]> {
    const rows: AnswerRow[] = []
    for (const start of starts) {
      const endMs = Math.min(nextStart(interval, start), ask.toMs) - 1
      for (const row of await this.#silent(scope, ask, endMs)) rows.push({ t: toShanghaiIso(start), ...row })
    }
    return rows
  }
}

function rejectUnfit(ask: Ask): Measure {
  const measure = measureFor(ask.measure)
  for (const dimension of ask.by)
    if (!measure.dimensions.includes(dimension))
      throw new AppError(
        'bad_request',
        `${ask.measure} cannot be split by ${dimension}; it knows ${measure.dimensions.join(', ')}`,
      )
  if (ask.role === 'home' && ask.region !== null && !measure.dimensions.includes('home.county'))
    throw new AppError('bad_request', `${ask.measure} is not placed by home; use role=work`)
  if (ask.sector !== null && !measure.dimensions.includes('sector'))
    throw new AppError('bad_request', `${ask.measure} does not know the sector`)
  if (ask.fromMs >= ask.toMs) throw new AppError('bad_request', 'from must lie before to')
  return measure
}

function filterOf(scope: Scope, ask: Ask, measure: Measure): Filter {
  const knownAtMicros = ask.knownAtMs === null ? null : ask.knownAtMs * 1000 + 999
  return { scope, region: ask.region, role: ask.role ?? measure.role, sector: ask.sector, knownAtMicros }
}

function bucketStarts(interval: Interval, fromMs: number, toMs: number): number[] {
  if (
    (toMs - fromMs) / { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS, month: 28 * DAY_MS }[interval] >
    BUCKETS_MAX
  )
    throw new AppError(
      'bad_request',
      `that is more than ${BUCKETS_MAX} points; use a wider interval or a shorter span`,
    )
  const starts: number[] = []
  for (let start = startOf(interval, fromMs); start < toMs; start = nextStart(interval, start))
    starts.push(start)
  return starts
}

function groupRows(rows: readonly SumRow[]) {
  const groups = new Map<string, { dims: string[]; labels: Map<string, SumRow> }>()
  for (const row of rows) {
    const key = row.dims.join('\u0000')
    const group = groups.get(key) ?? { dims: row.dims, labels: new Map() }
    group.labels.set(row.label, row)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/**
 * The value in the measure's unit, or `null` where nothing stands behind it: a group without observations is absent. What
 * a flow counted in its interval stands behind it also where the cases have moved on to another group since.
 */
function valueIn(measure: Measure, states: bigint, sum: bigint, per: bigint): string | number | null {
  if (states <= 0n && (measure.kind === 'stock' || sum === 0n)) return null
  switch (measure.unit) {
    case 'persons':
    case 'cases':
    case 'sources':
      return Number(sum)
    case 'yuan':
      return fenToYuan(sum)
    case 'yuan/month':
      // Half up to the fen; a mean of wages is never negative.
      return per <= 0n ? null : fenToYuan((2n * sum + per) / (2n * per))
    case 'share':
      return per <= 0n ? null : Number(sum) / Number(per)
    default:
      return measure.unit satisfies never
  }
}

function named(by: readonly Dimension[], dims: readonly string[]): Record<string, string> {
  return Object.fromEntries(by.map((dimension, i) => [dimension, dims[i] ?? 'unknown']))
}

function byDimensions(keys: readonly string[]) {
  return (a: AnswerRow, b: AnswerRow) => {
    for (const key of keys) {
      const [x, y] = [String(a[key]), String(b[key])]
      if (x !== y) return x < y ? -1 : 1
    }
    return 0
  }
}

const NOTHING = { states: 0n, sum: 0n, per: 0n, persons: 0n }

function answer(
  measure: Measure,
  asOfMs: number,
  knownAt: string | null,
  hidesBelow: number | null,
  rows: AnswerRow[],
): Answer {
  const { id, unit } = measure
  return { measure: id as MeasureId, unit, asOf: toShanghaiIso(asOfMs), knownAt, hidesBelow, rows }
}
