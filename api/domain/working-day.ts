import calendar from '#generated/working-days.json' with { type: 'json' }
import { DAY_MS, SHANGHAI_OFFSET_MS, shanghaiDay, startOf } from './time.ts'

const off = new Set(calendar.off)
const worked = new Set(calendar.worked)

/**
 * Whether the day of an instant is a working day of Asia/Shanghai: Monday to Friday but for public holidays, and the
 * Saturdays and Sundays that are worked in their place (调休). Of a year whose holidays are not announced yet, or were before
 * 2024, Monday to Friday.
 *
 * Source: the State Council's yearly notices on public holidays, by the package `chinese-days`.
 */
export function isWorkingDay(ms: number): boolean {
  const day = shanghaiDay(ms)
  if (worked.has(day)) return true
  return new Date(ms + SHANGHAI_OFFSET_MS).getUTCDay() % 6 !== 0 && !off.has(day)
}

/** The end of the first working day that ends at or after an instant; what is due by the end of a day off is due by then. */
export function workingDayEnd(ms: number): number {
  let start = startOf('day', ms - 1)
  while (!isWorkingDay(start)) start += DAY_MS
  return start + DAY_MS
}

/** First instant of the last working day that was over at an instant, or of the one `days` working days back. */
export function workingDayBefore(ms: number, days = 1): number {
  let start = startOf('day', ms)
  for (let left = days; left > 0; ) {
    start -= DAY_MS
    if (isWorkingDay(start)) left--
  }
  return start
}

/** The years whose public holidays are known. */
export const HOLIDAY_YEARS: readonly number[] = calendar.years
