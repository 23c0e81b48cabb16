import type { AnswerRow, Dimension, Unit } from '#domain/measure.ts'
import { childrenOf, regionName } from '#domain/region.ts'
import type { Lang } from '#domain/text.ts'
import { dimensionOf } from '../../../lib/api.ts'
import { decimal, hundredthsOf, NO_VALUE, shortText, unitName } from '../../../lib/format.ts'
import type { View } from './view.ts'

/** A line of the table: a region, its value now and at the earlier time; `null` where nothing was reported. */
export type Row = {
  readonly code: string
  readonly value: string | number | null
  readonly before: string | number | null
  /** Something was reported, but the value is not shown to whoever asks. It is `null` then, and so is the earlier one. */
  readonly isHidden: boolean
  readonly wasHidden: boolean
}

/** Regions of the rows that are answered, plus those of the map that are not: no data is a line of its own. */
export function rowsFor(
  view: View,
  split: Dimension | null,
  now: readonly AnswerRow[],
  before: readonly AnswerRow[],
): Row[] {
  if (split === null) return []
  const answered = new Map(now.map((row) => [dimensionOf(row, split), row]))
  const earlier = new Map(before.map((row) => [dimensionOf(row, split), row]))
  const codes = new Set([...regionsIn(view, split), ...answered.keys()])
  const rows = [...codes].map((code) => rowOf(code, answered.get(code), earlier.get(code)))
  return sortRows(rows, view.sort)
}

/** The line of a region from what was answered for it; `undefined` where there was no row. */
export function rowOf(code: string, now: Told | undefined, before: Told | undefined): Row {
  return {
    code,
    value: now?.value ?? null,
    before: before?.value ?? null,
    isHidden: now?.hidden ?? false,
    wasHidden: before?.hidden ?? false,
  }
}
type Told = Pick<AnswerRow, 'value' | 'hidden'>

function regionsIn(view: View, split: Dimension): string[] {
  const children = childrenOf(view.region)
  return view.region.length === 2 && split.endsWith('.county')
    ? children.flatMap((city) => childrenOf(city))
    : children
}

/** Rows in the order asked for; those that are hidden and then those without data last either way, unknown places last of all. */
function sortRows(rows: readonly Row[], sort: View['sort']): Row[] {
  const sign = sort.isDescending ? -1 : 1
  const keyOf = (row: Row): number | null => {
    if (sort.by === 'name') return Number(row.code)
    if (row.value === null) return null
    if (sort.by === 'value') return Number(row.value)
    return row.before === null ? null : relativeChange(row)
  }
  return [...rows].sort((a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)]
    const isUnknown = Number(a.code === 'unknown') - Number(b.code === 'unknown')
    if (isUnknown !== 0) return isUnknown
    if (x === null || y === null)
      return (
        Number(x === null) - Number(y === null) ||
        Number(b.isHidden) - Number(a.isHidden) ||
        a.code.localeCompare(b.code)
      )
    return (x - y) * sign || a.code.localeCompare(b.code)
  })
}

function relativeChange(row: Row): number {
  const before = Number(row.before)
  return before === 0 ? Number(row.value) : (Number(row.value) - before) / Math.abs(before)
}

/** Whether the parts add up to the whole, so that a share of it means something. */
export function isAdditive(unit: Unit): boolean {
  return unit !== 'share' && unit !== 'yuan/month'
}

/** A value as the table shows it: one number of decimals down the column, so that points stand below each other. */
export function cellText(value: string | number | null, unit: Unit): string {
  if (value === null) return NO_VALUE
  if (unit === 'yuan') return decimal(hundredthsOf(value), 4, 2)
  if (unit === 'share') return decimal(hundredthsOf(Number(value) * 100), 0, 1)
  return decimal(hundredthsOf(value), 0, 0)
}

/** The unit that stands in the head of the value column. */
export function cellUnit(unit: Unit, lang: Lang): string {
  return unitName(unit, lang, unit === 'yuan' ? 4 : 0)
}

/** The limit of a class for the legend: yuan in the unit of its title, everything else as short as it gets. */
export function limitText(limit: number, unit: Unit, lang: Lang): string {
  if (unit !== 'yuan') return shortText(limit, unit, lang)
  return cellText(limit, unit).replace(/\.?0+$/, '')
}

/** Rows as tab-separated text with exact values, as a spreadsheet takes them; `hidden` stands for each that is not shown. */
export function rowsAsText(
  rows: readonly Row[],
  titles: readonly string[],
  hidden: string,
  lang: Lang,
): string {
  const lines = rows.map(({ code, value, before, isHidden, wasHidden }) => [
    code,
    code === 'unknown' ? code : regionName(code)[lang],
    isHidden ? hidden : (value ?? ''),
    wasHidden ? hidden : (before ?? ''),
  ])
  return [titles, ...lines].map((cells) => cells.join('\t')).join('\n')
}
