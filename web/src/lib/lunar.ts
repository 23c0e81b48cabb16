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
 * Milliseconds to take off a time so that it falls on the same month and day of the lunar year before. Wage arrears follow
 * the lunar calendar: comparing equal calendar days lies by up to a month.
 *
 * A leap month is compared with the month whose number it bears, in either year; the 30th of a month that had 29 days with
 * its last, so that the eve of Spring Festival meets the eve.
 */
export function lunarYearMs(nowMs: number): number {
  const today = shanghaiDay(nowMs)
  const { lunarYear, lunarMon, lunarDay } = chineseDays.getLunarDate(today)
  // Only ever asked for a first day: the library reads a lunar date as a Gregorian one, which has no 30th of February.
  const first = chineseDays.getSolarDateFromLunar(`${lunarYear - 1}-${lunarMon}-1`).date
  const same = dayAfter(first, lunarDay - 1)
  const hasDay = chineseDays.getLunarDate(same).lunarDay === lunarDay
  return daysBetween(hasDay ? same : dayAfter(same, -1), today) * DAY_MS
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS)
}
