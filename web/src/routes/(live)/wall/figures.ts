import { type MeasureId, measureFor } from '#domain/measure.ts'
import type { Lang } from '#domain/text.ts'
import { DAY_MS, startOf } from '#domain/time.ts'
import { api, type Series } from '../../../lib/api.ts'
import { monthText } from '../../../lib/clock.ts'
import { decimal, hundredthsOf } from '../../../lib/format.ts'

/** The eight figures of the wall, in reading order, and the time each speaks about. */
export const FIGURES = [
  { id: 'workers.count', window: 'now' },
  { id: 'workers.outOfProvince', window: 'now' },
  { id: 'arrears.owed', window: 'now' },
  { id: 'arrears.workers', window: 'now' },
  { id: 'arrears.openCases', window: 'now' },
  { id: 'arrears.recovered', window: 'last30' },
  { id: 'industry.wagePaidShare', window: 'lastMonth' },
  { id: 'sources.silent', window: 'now' },
] as const satisfies readonly { id: MeasureId; window: 'now' | 'last30' | 'lastMonth' }[]
export type FigureSpec = (typeof FIGURES)[number]

/** A figure as shown: its value (`hidesBelow` where it rests on fewer people than that and is `null`), the one to compare with, a line of earlier values and, for a month, when it began. */
export type FigureAnswer = {
  readonly value: string | number | null
  readonly hidesBelow: number | null
  readonly before: string | number | null
  readonly line: readonly (number | null)[]
  readonly monthMs: number | null
}

const LINE_DAYS = 30
const WEEK = 7
const MONTHS = 13

/** One request a figure: its series holds the value, the comparison and the line. */
export async function readFigure(spec: FigureSpec, nowMs: number): Promise<FigureAnswer> {
  if (spec.window === 'lastMonth')
    return monthFigure(
      await api.series({
        measure: spec.id,
        interval: 'month',
        from: iso(nowMs - MONTHS * 31 * DAY_MS),
        to: iso(nowMs),
      }),
      nowMs,
    )
  const days = daysBack(nowMs, LINE_DAYS + WEEK)
  const series = await api.series({
    measure: spec.id,
    interval: 'day',
    from: iso(days[0] ?? nowMs),
    to: iso(nowMs),
  })
  return spec.window === 'now' ? stockFigure(series, days) : flowFigure(series, days)
}

/** A stock: the last day's value against the one a week before. */
export function stockFigure(series: Series, days: readonly number[]): FigureAnswer {
  const values = valuesAt(series, days)
  return {
    value: values.at(-1) ?? null,
    hidesBelow: hiddenAt(series, days.at(-1)),
    before: values.at(-1 - WEEK) ?? null,
    line: values.slice(-LINE_DAYS).map(numberOf),
    monthMs: null,
  }
}

/** A flow: the sum of the last 30 days against that of the 30 days that ended a week ago. */
export function flowFigure(series: Series, days: readonly number[]): FigureAnswer {
  const values = valuesAt(series, days)
  const line = values.slice(-LINE_DAYS).map(numberOf)
  return {
    value: sumOf(values.slice(-LINE_DAYS)),
    hidesBelow: null,
    before: sumOf(values.slice(0, LINE_DAYS)),
    line,
    monthMs: null,
  }
}

/** The newest month that is over and was reported, against the month before. */
export function monthFigure(series: Series, nowMs: number): FigureAnswer {
  const thisMonth = startOf('month', nowMs)
  const over = series.rows.filter((row) => Date.parse(row.t) < thisMonth)
  const last = over.at(-1)
  return {
    value: last?.value ?? null,
    hidesBelow: last?.hidden ? series.hidesBelow : null,
    before: over.at(-2)?.value ?? null,
    line: over.map((row) => numberOf(row.value)),
    monthMs: last ? Date.parse(last.t) : null,
  }
}

/** Starts of the last `count` days up to today, by the calendar of Asia/Shanghai. */
export function daysBack(nowMs: number, count: number): number[] {
  const today = startOf('day', nowMs)
  return Array.from({ length: count }, (_, i) => today - (count - 1 - i) * DAY_MS)
}

/** The value of each day, `null` for a day without a row. */
function valuesAt(series: Series, days: readonly number[]): (string | number | null)[] {
  const byDay = new Map(series.rows.map((row) => [Date.parse(row.t), row.value]))
  return days.map((day) => byDay.get(day) ?? null)
}

/** Below how many people the value of a day is hidden; `null` when it is not. */
function hiddenAt({ rows, hidesBelow }: Series, day: number | undefined): number | null {
  return rows.some((row) => Date.parse(row.t) === day && row.hidden) ? hidesBelow : null
}

/** What stands beside a figure's name about its time, in the language of the screen. */
export function windowText(answer: FigureAnswer | null, lang: Lang): string {
  return answer?.monthMs == null ? '' : monthText(answer.monthMs, lang)
}

export function isStock(spec: FigureSpec): boolean {
  return measureFor(spec.id).kind === 'stock'
}

function numberOf(value: string | number | null): number | null {
  return value === null ? null : Number(value)
}

/** Exact to the fen: yuan strings are added as whole numbers. `null` when there is nothing to add. */
function sumOf(values: readonly (string | number | null)[]): string | null {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return null
  const hundredths = known.reduce((sum, value) => sum + hundredthsOf(value), 0n)
  return decimal(hundredths, 0, 2).replaceAll(',', '').replace('−', '-')
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
