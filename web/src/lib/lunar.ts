import chineseDays from 'chinese-days'
import { DAY_MS, shanghaiDay } from '#domain/time.ts'

/** The day of Spring Festival (first day of the first lunar month) in a Gregorian year, `YYYY-MM-DD`. */
export function springFestivalOf(year: number): string {
  return chineseDays.getSolarDateFromLunar(`${year}-1-1`).date
}

/** Whole days from `nowMs`, by the calendar of Asia/Shanghai, to the next Spring Festival; 0 on the day itself. */
export function daysToSpringFestival(nowMs: number): number {
  const today = shanghaiDay(nowMs)
  const year = Number(today.slice(0, 4))
  const next = springFestivalOf(year) >= today ? springFestivalOf(year) : springFestivalOf(year + 1)
  return daysBetween(today, next)
}

/**
 * Milliseconds to take off a time so that it lies as far from its Spring Festival as the same time did a year before.
 * Wage arrears follow the lunar calendar: comparing equal calendar days lies by up to a month.
 */
export function lunarYearMs(nowMs: number): number {
  const today = shanghaiDay(nowMs)
  const year = Number(today.slice(0, 4))
  const ahead = springFestivalOf(year) >= today ? year : year + 1
  return daysBetween(springFestivalOf(ahead - 1), springFestivalOf(ahead)) * DAY_MS
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS)
}
