import type { Lang } from '#domain/text.ts'
import { DAY_MS, isCalendarDate } from '#domain/time.ts'

/** Days here are `YYYY-MM-DD` of the calendar, in no time zone. */
const msOf = (day: string) => Date.parse(`${day}T00:00:00Z`)
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** What somebody typed, as a day: `2026-11-28`, `2026/11/8`, `20261128`, `2026年11月28日`; `null` for what is none. */
export function dayFrom(typed: string): string | null {
  const text = typed.replace(/\s/g, '')
  const parts = /^(\d{4})\D(\d{1,2})\D(\d{1,2})日?$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text)
  if (!parts) return null
  const [, year = '', month = '', date = ''] = parts
  const day = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`
  return isCalendarDate(day) ? day : null
}

/** The weeks that a month (of some day of it) touches, from Monday to Sunday; days of its neighbours are `null`. */
export function weeksOf(day: string): (string | null)[][] {
  const first = `${day.slice(0, 7)}-01`
  const start = msOf(first) - ((new Date(msOf(first)).getUTCDay() + 6) % 7) * DAY_MS
  const weeks: (string | null)[][] = []
  for (let ms = start; ms === start || dayOf(ms).startsWith(day.slice(0, 7)); ms += 7 * DAY_MS)
    weeks.push(
      Array.from({ length: 7 }, (_, i) => dayOf(ms + i * DAY_MS)).map((one) =>
        one.startsWith(day.slice(0, 7)) ? one : null,
      ),
    )
  return weeks
}

/** Where a key leads from a day; `null` for a key that leads nowhere. A month later is its last day where it is shorter. */
export function dayAfterKey(day: string, key: string): string | null {
  const weekday = (new Date(msOf(day)).getUTCDay() + 6) % 7
  const DAYS: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -7,
    ArrowDown: 7,
    Home: -weekday,
    End: 6 - weekday,
  }
  const days = DAYS[key]
  if (days !== undefined) return dayOf(msOf(day) + days * DAY_MS)
  if (key === 'PageUp' || key === 'PageDown') return monthsLater(day, key === 'PageUp' ? -1 : 1)
  return null
}

export function monthsLater(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate()
  return dayOf(Date.UTC(year, month - 1 + months, Math.min(date, last)))
}

/** "2026年11月" or "November 2026". */
export function monthTitle(day: string, lang: Lang): string {
  return new Intl.DateTimeFormat(lang, { timeZone: 'UTC', year: 'numeric', month: 'long' }).format(msOf(day))
}

/** "2026年11月28日星期六" or "Saturday, November 28, 2026". */
export function dayTitle(day: string, lang: Lang): string {
  return new Intl.DateTimeFormat(lang, { timeZone: 'UTC', dateStyle: 'full' }).format(msOf(day))
}

/** The days of the week from Monday, as they stand over a calendar. */
export function weekdayTitles(lang: Lang): string[] {
  const format = new Intl.DateTimeFormat(lang, {
    timeZone: 'UTC',
    weekday: lang === 'zh' ? 'narrow' : 'short',
  })
  // The first of January 2024 was a Monday.
  return Array.from({ length: 7 }, (_, i) => format.format(Date.UTC(2024, 0, 1 + i)))
}
