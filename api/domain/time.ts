/**
 * Times are UTC instants in milliseconds inside, ISO 8601 with offset at the edges, and Asia/Shanghai on screens and
 * where days, weeks and months are counted. China has kept UTC+8 without summer time since 1992, so the offset is a constant.
 */

export const SHANGHAI_OFFSET_MS = 8 * 3_600_000
export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000

export const INTERVALS = ['hour', 'day', 'week', 'month'] as const
export type Interval = (typeof INTERVALS)[number]

const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/
const LOCAL = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/

/**
 * Milliseconds since 1970 of an ISO 8601 instant with offset, or of a date or date-time without one, which is read in
 * Asia/Shanghai (spreadsheets carry no zone). `null` when it is neither, or no real calendar date (2025-02-30).
 */
export function parseInstant(text: string): number | null {
  if (INSTANT.test(text)) {
    const ms = Date.parse(text.replace(' ', 'T'))
    return Number.isNaN(ms) || !isCalendarDate(text.slice(0, 10)) ? null : ms
  }
  const local = LOCAL.exec(text)
  if (!local) return null
  const [year, month, day, hour, minute, second] = local.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (hour > 23 || minute > 59 || second > 59) return null
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  const back = new Date(ms)
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day) return null
  return ms - SHANGHAI_OFFSET_MS
}

/** Whether `YYYY-MM-DD` names a day that exists. */
export function isCalendarDate(text: string): boolean {
  return isDay(Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10)))
}

/** Whether a year has such a day; months and days count from 1. */
export function isDay(year: number, month: number, day: number): boolean {
  if (!(month >= 1 && month <= 12 && day >= 1)) return false
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return day <= (month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31)
}

/** ISO 8601 in Asia/Shanghai with its offset, to the millisecond: "2026-11-24T11:30:00.000+08:00". */
export function toShanghaiIso(ms: number): string {
  return `${new Date(ms + SHANGHAI_OFFSET_MS).toISOString().slice(0, -1)}+08:00`
}

/** The Asia/Shanghai calendar day of an instant, `YYYY-MM-DD`. */
export function shanghaiDay(ms: number): string {
  return new Date(ms + SHANGHAI_OFFSET_MS).toISOString().slice(0, 10)
}

/** Start of the hour, day, week (Monday) or month of an instant, by the clock of Asia/Shanghai; in milliseconds. */
export function startOf(interval: Interval, ms: number): number {
  const local = new Date(ms + SHANGHAI_OFFSET_MS)
  const year = local.getUTCFullYear()
  const month = local.getUTCMonth()
  const day = local.getUTCDate()
  switch (interval) {
    case 'hour':
      return Math.floor(ms / HOUR_MS) * HOUR_MS
    case 'day':
      return Date.UTC(year, month, day) - SHANGHAI_OFFSET_MS
    case 'week':
      return Date.UTC(year, month, day - ((local.getUTCDay() + 6) % 7)) - SHANGHAI_OFFSET_MS
    case 'month':
      return Date.UTC(year, month, 1) - SHANGHAI_OFFSET_MS
    default:
      return interval satisfies never
  }
}

/** Start of the interval after the one that begins at `startMs`. */
export function nextStart(interval: Interval, startMs: number): number {
  if (interval === 'month') return startOf('month', startMs + 32 * DAY_MS)
  return startMs + { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS }[interval]
}

/** A month of this century, `YYYY-MM`. */
export const MONTH = /^20\d{2}-(0[1-9]|1[0-2])$/

/** Whether a text names a reporting period of this century: a month or a day that exists, `YYYY-MM` or `YYYY-MM-DD`. */
export function isPeriod(text: string): boolean {
  return MONTH.test(text) || (/^20\d{2}-\d{2}-\d{2}$/.test(text) && isCalendarDate(text))
}

/** First instant of a reporting period `YYYY-MM-DD` or `YYYY-MM`, by the Asia/Shanghai calendar. NaN for any other text. */
export function periodStart(period: string): number {
  return spanOf(period).startMs
}

/** First instant after a reporting period. */
export function periodEnd(period: string): number {
  return spanOf(period).endMs
}

/** Few periods are asked about, millions of times. */
const SPANS_MAX = 1_000
const spans = new Map<string, { startMs: number; endMs: number }>()

function spanOf(period: string): { startMs: number; endMs: number } {
  const known = spans.get(period)
  if (known) return known
  const isMonth = period.length === 7
  const day = isMonth ? 1 : Number(period.slice(8))
  const startMs =
    Date.UTC(Number(period.slice(0, 4)), Number(period.slice(5, 7)) - 1, day) - SHANGHAI_OFFSET_MS
  const span = { startMs, endMs: nextStart(isMonth ? 'month' : 'day', startMs) }
  if (spans.size >= SPANS_MAX) spans.clear()
  spans.set(period, span)
  return span
}
