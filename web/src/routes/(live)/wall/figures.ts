import { type Answer, type MeasureId, measureFor } from '#domain/measure.ts'
import type { Lang } from '#domain/text.ts'
import { DAY_MS, startOf } from '#domain/time.ts'
import { api, type Series } from '../../../lib/api.ts'
import { yearMonthText } from '../../../lib/clock.ts'
import type { Told } from '../../../lib/live/live.svelte.ts'

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

/** A figure as shown: its value (`hidesBelow` where it rests on fewer people than that and is `null`), when the server counted it, the one to compare with, a line of earlier values and, for a month, when it began. */
export type FigureAnswer = {
  readonly value: string | number | null
  readonly hidesBelow: number | null
  readonly asOfMs: number
  readonly before: string | number | null
  readonly line: readonly (number | null)[]
  readonly monthMs: number | null
}

const LINE_DAYS = 30
const WEEK_MS = 7 * DAY_MS
const MONTHS = 13

/**
 * Asks for a figure. The value and the one to compare with are each one answer over their whole time: days of a series that
 * are hidden or end with the day would make sums and steps that are not there. The series is the line alone.
 */
export async function readFigure(spec: FigureSpec, nowMs: number): Promise<FigureAnswer> {
  const { id: measure, window } = spec
  if (window === 'lastMonth')
    return monthFigure(
      await api.series({
        measure,
        interval: 'month',
        from: iso(nowMs - MONTHS * 31 * DAY_MS),
        to: iso(nowMs),
      }),
      nowMs,
    )
  // Without a time: now by the server's clock, which what is pushed is dated by too. A flow is of the 30 days up to it.
  const now = await api.distribution({ measure })
  const endMs = Date.parse(now.asOf) - WEEK_MS
  const span = isStock(spec) ? { at: iso(endMs) } : { from: iso(endMs - LINE_DAYS * DAY_MS), to: iso(endMs) }
  const [from = nowMs] = daysBack(Date.parse(now.asOf), LINE_DAYS)
  const [before, series] = await Promise.all([
    api.distribution({ measure, ...span }),
    api.series({ measure, interval: 'day', from: iso(from), to: now.asOf }),
  ])
  return figureOf(now, before, series)
}

/** A stock or a flow as of the newest answer, against the same a week earlier. */
export function figureOf(now: Answer, before: Answer, series: Series): FigureAnswer {
  const asOfMs = Date.parse(now.asOf)
  const byDay = new Map(series.rows.map((row) => [Date.parse(row.t), numberOf(row.value)]))
  const [row] = now.rows
  return {
    value: row?.value ?? null,
    hidesBelow: row?.hidden ? now.hidesBelow : null,
    asOfMs,
    before: before.rows[0]?.value ?? null,
    line: daysBack(asOfMs, LINE_DAYS).map((day) => byDay.get(day) ?? null),
    monthMs: null,
  }
}

/** What was pushed where it is newer than the answer: a push may be lost, and an observation may come to count without one. */
export function newestOf(
  answer: FigureAnswer | null,
  pushed: Told | undefined,
): Pick<Told, 'value' | 'hidesBelow'> | null {
  return pushed !== undefined && pushed.atMs > (answer?.asOfMs ?? 0) ? pushed : answer
}

/** The newest month that is over and was reported, against the month before. */
export function monthFigure(series: Series, nowMs: number): FigureAnswer {
  const thisMonth = startOf('month', nowMs)
  const over = series.rows.filter((row) => Date.parse(row.t) < thisMonth)
  const last = over.at(-1)
  return {
    value: last?.value ?? null,
    hidesBelow: last?.hidden ? series.hidesBelow : null,
    asOfMs: nowMs,
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

/** What stands beside a figure's name about its time, in the language of the screen. */
export function windowText(answer: FigureAnswer | null, lang: Lang): string {
  return answer?.monthMs == null ? '' : yearMonthText(answer.monthMs, lang)
}

export function isStock(spec: FigureSpec): boolean {
  return measureFor(spec.id).kind === 'stock'
}

function numberOf(value: string | number | null): number | null {
  return value === null ? null : Number(value)
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
