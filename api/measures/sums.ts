import { z } from 'zod'
import type { Dimension, MeasureId } from '#domain/measure.ts'
import { isEverything, type Scope } from '#domain/scope.ts'
import type { Kind } from '#domain/signal.ts'
import { type Interval, nextStart, shanghaiDay, startOf } from '#domain/time.ts'
import type { Engine, Params } from '#sql/engine.ts'
import { BigInteger } from '#sql/query.ts'
import { conditionOf, type Placement } from '#sql/within.ts'
import { BUCKET_OF_DATE, bucketEnd, bucketOfTime } from './buckets.ts'
import { AMOUNTS, COUNTED, type Column, type CountedMeasure, ROLLUPS, type Rollup } from './catalogue.ts'

/** Which rows count: what a scope holds, a region on one side, a sector, and what was known at an instant (µs; `null` = now). */
export type Filter = {
  scope: Scope
  region: string | null
  role: 'home' | 'work'
  sector: string | null
  knownAtMicros: number | null
}

/** A half-open span of time in ms; `fromMs: null` = from the beginning. `label` null = one label a bucket of `interval`. */
export type Span =
  | { label: string; fromMs: number | null; toMs: number }
  | { label: null; interval: Interval; fromMs: number; toMs: number }

/** Sums of one group in one span. Values of `dims` stand in the order asked; `unknown` where the row does not say. */
export type SumRow = {
  label: string
  dims: string[]
  states: bigint
  sum: bigint
  per: bigint
  /** Persons that the number rests on; 0 where that is not known. */
  persons: bigint
}

/**
 * The sums of a measure over spans of time. Whole months or days come from the cheapest roll-up that can answer, the
 * rest from the change rows: the same expression over both, since all are plain sums.
 */
export async function askSums(
  engine: Engine,
  id: Exclude<MeasureId, 'sources.silent'>,
  by: readonly Dimension[],
  filter: Filter,
  spans: readonly Span[],
): Promise<SumRow[]> {
  const measure = COUNTED[id]
  const isByHome =
    measure.from === 'arrears' &&
    (by.some((dimension) => dimension.startsWith('home.')) ||
      (filter.role === 'home' && filter.region !== null) ||
      (id === 'arrears.workers' && seesByHome(filter.scope)))
  const reads = columnsRead(measure, by, filter)
  const branches = spans.flatMap((span) => branchesFor(measure, reads, filter, span, isByHome))
  const dims = by.map((dimension, i) => `${expressionOf(dimension)} AS d${i}`)
  const groups = ['label', ...by.map((_, i) => `d${i}`)]
  const sql = `SELECT label${dims.map((dim) => `, ${dim}`).join('')}, ${measure.states} AS states, ${measure.sum} AS total, ${measure.per ?? '0'} AS divisor, ${measure.persons ?? '0'} AS restsOn
FROM (\n${branches.join('\nUNION ALL\n')}\n) GROUP BY ${groups.join(', ')}`
  const rows = await engine.query(
    { name: `measure ${id}`, sql, row: Row, unscoped: 'its scope stands in it' },
    paramsFor(filter),
  )
  return rows.map((row) => ({
    label: row.label,
    dims: by.map((_, i) => String(row[`d${i}`])),
    states: row.states,
    sum: row.total,
    per: row.divisor,
    persons: row.restsOn,
  }))
}

const Row = z
  .object({
    label: z.string(),
    states: BigInteger,
    total: BigInteger,
    divisor: BigInteger,
    restsOn: BigInteger,
  })
  .catchall(z.string())

const DIGITS = { province: 2, city: 4, county: 6, township: 9 } as const

export function columnsRead(measure: CountedMeasure, by: readonly Dimension[], filter: Filter): Set<Column> {
  const reads = new Set<Column>(measure.reads)
  for (const dimension of by) {
    const [side, level] = dimension.split('.') as ['home' | 'work', keyof typeof DIGITS | undefined]
    reads.add(level ? `${side}:${DIGITS[level]}` : (dimension as Column))
  }
  if (filter.sector !== null) reads.add('sector')
  if (filter.region !== null) reads.add(`${filter.role}:${filter.region.length as 2 | 4 | 6 | 9}`)
  if (!isEverything(filter.scope))
    for (const { regions, side, sectors } of filter.scope.grants) {
      if (sectors.length > 0) reads.add('sector')
      for (const code of regions) {
        // Places are kept down to the township: a village holds no row, and its township's rows are not all its own.
        const digits = Math.min(code.length, 9) as 2 | 4 | 6 | 9
        if (side !== 'home') reads.add(`work:${digits}`)
        if (side !== 'work' && measure.from === 'workers') reads.add(`home:${digits}`)
        if (side !== 'work' && measure.from === 'arrears') reads.add('homeCodes')
      }
    }
  return reads
}

/** A place cut to a level, or the column; what a row does not say is `unknown`. */
export function expressionOf(dimension: Dimension): string {
  const [side, level] = dimension.split('.') as [string, keyof typeof DIGITS | undefined]
  if (!level) return `if(${side} = '', 'unknown', ${side})`
  return `if(length(${side}) >= ${DIGITS[level]}, substring(${side}, 1, ${DIGITS[level]}), 'unknown')`
}

export function paramsFor(filter: Filter): Params {
  return {
    ...(filter.region !== null && { region: filter.region }),
    ...(filter.sector !== null && { sector: filter.sector }),
    ...(filter.knownAtMicros !== null && { knownAt: filter.knownAtMicros }),
  }
}

function branchesFor(
  measure: CountedMeasure,
  reads: ReadonlySet<Column>,
  filter: Filter,
  span: Span,
  isByHome: boolean,
): string[] {
  const isCohort = measure.span === 'cohort' && (span.label === null || span.fromMs !== null)
  const needsRows = filter.knownAtMicros !== null || isCohort || isByHome
  const rollup = needsRows
    ? undefined
    : ROLLUPS[measure.from].find((candidate) => canAnswer(candidate, reads, span))
  if (!rollup) return [rawBranch(measure, reads, filter, span, isByHome, isCohort)]
  const first = span.fromMs === null ? null : roundUp(rollup.bucket, span.fromMs)
  const last = startOf(rollup.bucket, span.toMs)
  if (first !== null && first >= last) return [rawBranch(measure, reads, filter, span, isByHome, false)]
  const edges: Span[] = [{ ...span, fromMs: last } as Span]
  if (span.fromMs !== null && first !== null && first > span.fromMs) edges.push({ ...span, toMs: first })
  return [
    rollupBranch(measure.from, rollup, reads, filter, span, first, last),
    ...edges
      .filter((edge) => (edge.fromMs ?? 0) < edge.toMs)
      .map((edge) => rawBranch(measure, reads, filter, edge, isByHome, false)),
  ]
}

function roundUp(bucket: 'day' | 'month', ms: number): number {
  const start = startOf(bucket, ms)
  return start === ms ? ms : nextStart(bucket, start)
}

function canAnswer(rollup: Rollup, reads: ReadonlySet<Column>, span: Span): boolean {
  if (
    span.label === null &&
    !(span.interval === 'month' || (rollup.bucket === 'day' && span.interval !== 'hour'))
  )
    return false
  for (const column of reads) {
    const [side, digits] = column.split(':')
    if (
      digits === undefined
        ? !rollup.columns.includes(column)
        : Number(digits) > (side === 'home' ? rollup.homeDigits : rollup.workDigits)
    )
      return false
  }
  return true
}

/** Columns that the outer query names, whichever table they come from. */
function selected(from: Kind, reads: ReadonlySet<Column>): string {
  return [...new Set([...[...reads].map((column) => column.split(':')[0]), ...AMOUNTS[from]])]
    .filter((column) => column !== 'firstAt' && column !== 'homeCodes')
    .join(', ')
}

/** Whether a scope sees some cases for the homes of their workers: then only those workers count. */
function seesByHome(scope: Scope): boolean {
  return (
    !isEverything(scope) && scope.grants.some(({ regions, side }) => regions.length > 0 && side !== 'work')
  )
}

/** How the rows of each kind are placed; arrears by the homes of a case unless its workers are split by home. */
const PLACED: Record<Kind, Placement> = {
  workers: { home: 'home', work: 'work', sector: 'sector' },
  arrears: { homes: 'homeCodes', work: 'work', sector: 'sector' },
  industry: { work: 'work', sector: 'sector' },
}

function filters(from: Kind, filter: Filter, isByHome: boolean): string[] {
  const inScope = conditionOf(filter.scope, isByHome ? PLACED.workers : PLACED[from])
  return [
    ...(inScope === null ? [] : [inScope]),
    ...(filter.region !== null ? [`startsWith(${filter.role}, {region:String})`] : []),
    ...(filter.sector !== null ? ['sector = {sector:String}'] : []),
  ]
}

function rollupBranch(
  from: Kind,
  rollup: Rollup,
  reads: ReadonlySet<Column>,
  filter: Filter,
  span: Span,
  firstMs: number | null,
  lastMs: number,
): string {
  const label = span.label === null ? `toString(${BUCKET_OF_DATE[span.interval]})` : `'${span.label}'`
  const where = [
    ...(rollup.grain === null ? [] : [`grain = '${rollup.grain}'`]),
    ...(firstMs === null ? [] : [`bucket >= '${shanghaiDay(firstMs)}'`]),
    `bucket < '${shanghaiDay(lastMs)}'`,
    ...filters(from, filter, false),
  ]
  return `SELECT ${label} AS label, ${selected(from, reads)} FROM ${rollup.table} WHERE ${where.join(' AND ')}`
}

/** The change rows of a span that count, with `more` columns beside those that are read. */
export function rawBranch(
  measure: CountedMeasure,
  reads: ReadonlySet<Column>,
  filter: Filter,
  span: Span,
  isByHome: boolean,
  isCohort: boolean,
  more = '',
): string {
  const table = isByHome ? ARREARS_BY_HOME : `${measure.from}_changes_v1`
  const label =
    span.label === null ? bucketOfTime(span.interval, isCohort ? 'firstAt' : 'at') : `'${span.label}'`
  const where = [
    ...(span.fromMs === null ? [] : [`${isCohort ? 'firstAt' : 'at'} >= ${instant(span.fromMs)}`]),
    `at < ${instant(span.toMs)}`,
    ...(isCohort ? [`firstAt < ${instant(span.toMs)}`] : []),
    ...(isCohort && span.label === null ? [`toUnixTimestamp64Milli(at) < ${bucketEnd(span.interval)}`] : []),
    ...(filter.knownAtMicros !== null ? ['knownAt <= fromUnixTimestamp64Micro({knownAt:Int64})'] : []),
    ...filters(measure.from, filter, isByHome),
  ]
  return `SELECT ${label} AS label, ${selected(measure.from, reads)}${more} FROM ${table} WHERE ${where.join(' AND ')}`
}

const instant = (ms: number) => `fromUnixTimestamp64Milli(${BigInt(ms)})`

/**
 * Arrears by home: each case's workers split as it says, the rest under no home. Only `workers` can be read from it. Whether
 * there is a rest is told by its workers, for a correction may make or end one without a case in its row.
 */
const ARREARS_BY_HOME = `(
  SELECT at, knownAt, firstAt, work, sector, status, channel, source, employer, if(share.1 = '', share.2, s.cases) AS cases,
    share.1 AS home, share.2 AS workers, owedFen, births, recoveredFen
  FROM (
    SELECT *, arrayJoin(arrayPushBack(
      arrayMap((code, n) -> (toString(code), toInt64(n) * cases), homeCodes, homeWorkers),
      ('', c.workers - cases * toInt64(arraySum(homeWorkers))))) AS share
    FROM arrears_changes_v1 AS c
  ) AS s
  WHERE share.1 != '' OR share.2 != 0
)`
