import { hash } from 'node:crypto'
import { type AnswerRow, DIMENSIONS, type Dimension, type Measure } from '#domain/measure.ts'
import { isEverything, type Scope } from '#domain/scope.ts'
import type { Sql } from '#sql/postgres.ts'
import type { CountedMeasure } from './catalogue.ts'
import type { Filter } from './sums.ts'

/** What makes small counts uncertain: the threshold, and what nobody outside can know. */
export type Blur = { k: number; key: string }

/** Where `k` stands until it is set. */
const SMALL_COUNT_K = 5

/** Chance ratio of one more step away from the truth: two counts in three are only rounded, one in three goes further. */
const STEP = 0.2
/** Sums of money are blurred in this unit, so that a sum of fewer than k thousand yuan is hidden. */
const YUAN_UNIT = 1_000

/** Below which number of persons a count is hidden; 1 hides nothing. */
export async function readSmallCountK(sql: Sql): Promise<number> {
  const [fact] = await sql.query<{ value: string }>(`SELECT value FROM facts WHERE name = 'small-count-k'`)
  return fact ? Number(fact.value) : SMALL_COUNT_K
}

/** Puts a value into its row: exactly, blurred, or hidden as it rests on few persons, which are `persons`. Nobody's 0 is told. */
export function teller(measure: Measure, counted: CountedMeasure, filter: Filter, blur: Blur | null) {
  const scopeKey = scopeKeyOf(filter.scope)
  const restsOnPersons = counted.persons !== undefined || counted.restsOnPayees === true
  return (dims: Record<string, string>, value: string | number, persons: bigint): AnswerRow => {
    if (blur === null) return { ...dims, value }
    const isOfFew = restsOnPersons && persons < BigInt(blur.k) && (persons > 0n || Number(value) !== 0)
    const told = isOfFew ? null : valueBlurred(measure, value, cellOf(measure, scopeKey, filter, dims), blur)
    return told === null ? { ...dims, value: null, hidden: true } : { ...dims, value: told }
  }
}

/** Counts of registered persons and sums of money of cases are blurred, all else is told as it is. */
function valueBlurred(
  measure: Measure,
  value: string | number,
  cell: string,
  blur: Blur,
): string | number | null {
  if (measure.unit === 'persons' && measure.signal !== 'industry') return blurred(Number(value), cell, blur)
  return measure.unit === 'yuan' ? blurredYuan(String(value), cell, blur) : value
}

/**
 * A count for who may not see small ones. 0 is told as it is; what is below `k` is hidden; the rest is a multiple of `k`:
 * rounded up or down with a chance that leaves the mean true, then moved some steps further with a chance that falls to
 * a fifth with each and has no end. What comes out below `k` is hidden too. So a hidden count may be any number, and one
 * that is shown may stand for any from `k` on: no sums and differences of what is shown, over places, sectors, sides or
 * instants, prove an upper bound of a hidden count, let alone the count. Chance is drawn from a keyed hash of the cell
 * and its true count: asking again, in other words or at another instant, tells nothing more.
 */
export function blurred(count: number, cell: string, { k, key }: Blur): number | null {
  if (k <= 1 || count === 0) return count
  const size = Math.abs(count)
  if (size < k) return null
  const draws = hash('sha256', JSON.stringify([key, cell, count]), 'buffer')
  const draw = (at: number) => (draws.readUIntBE(at, 6) + 0.5) / 2 ** 48
  const rounded = Math.floor(size / k) + (draw(0) < (size % k) / k ? 1 : 0)
  const value = (rounded + stepsOf(draw(6), draw(12))) * k
  return value < k ? null : Math.sign(count) * value
}

/** The same for yuan, as a decimal string: only nothing at all is told as 0, what is less than `k` thousand is hidden. */
export function blurredYuan(yuan: string, cell: string, blur: Blur): string | null {
  const size = Math.abs(Number(yuan))
  if (size === 0) return yuan
  if (size < blur.k * YUAN_UNIT) return null
  const value = blurred(Math.round(Number(yuan) / YUAN_UNIT), cell, blur)
  return value === null ? null : `${value * YUAN_UNIT}.00`
}

/** Two-sided and geometric: 0 most often, ±n ever more rarely, and every n at some time. */
function stepsOf(first: number, second: number): number {
  const stays = (1 - STEP) / (1 + STEP)
  if (first < stays) return 0
  const steps = 1 + Math.floor(Math.log(second) / Math.log(STEP))
  return first < stays + (1 - stays) / 2 ? -steps : steps
}

/** What a scope adds to the names of its cells: the same for all who see the same. */
export const scopeKeyOf = (scope: Scope) => (isEverything(scope) ? '' : JSON.stringify(scope.grants))

/**
 * The name of a cell: the same for the same people whichever way they were asked for, by a filter or by a dimension.
 * Of two places of one side the finer one names it; instants do not.
 */
export function cellOf(
  measure: Pick<Measure, 'id'>,
  scopeKey: string,
  filter: { region: string | null; role: 'home' | 'work'; sector: string | null },
  dims: Readonly<Record<string, unknown>>,
): string {
  const facts = new Map<string, string>()
  const put = (name: string, value: string) => {
    if ((facts.get(name) ?? '').length < value.length) facts.set(name, value)
  }
  if (filter.region !== null) put(filter.role, filter.region)
  if (filter.sector !== null) put('sector', filter.sector)
  for (const dimension of DIMENSIONS) {
    const value = dims[dimension satisfies Dimension]
    if (value === undefined) continue
    const [side = dimension, level] = dimension.split('.')
    // A place that is not known is not one cell with all of its side.
    put(level === undefined || value === 'unknown' ? dimension : side, String(value))
  }
  return JSON.stringify([measure.id, scopeKey, ...[...facts].sort()])
}
