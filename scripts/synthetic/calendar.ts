import { DAY_MS, SHANGHAI_OFFSET_MS } from '#domain/time.ts'
import { FESTIVAL_FACTOR, HOUR_INDEX, MONTH_INDEX, PAY_DAYS, WEEKDAY_INDEX } from './figures.ts'
import { type Random, Weighted } from './random.ts'

/** First day of the lunar year by the Gregorian calendar, `MMDD` from 2020 on. Source: the lunisolar calendar, GB/T 33661. */
const FIRST_DAYS = [
  '0125',
  '0212',
  '0201',
  '0122',
  '0210',
  '0129',
  '0217',
  '0206',
  '0126',
  '0213',
  '0203',
  '0123',
  '0211',
  '0131',
  '0219',
  '0208',
]

/** Midnight in Shanghai of the Spring Festivals 2020 to 2035, in milliseconds. */
export const FESTIVALS: readonly number[] = FIRST_DAYS.map(
  (day, i) => Date.UTC(2020 + i, Number(day.slice(0, 2)) - 1, Number(day.slice(2))) - SHANGHAI_OFFSET_MS,
)

/** The first Spring Festival after an instant, or `null` beyond the table. */
export function festivalAfter(ms: number): number | null {
  return FESTIVALS.find((festival) => festival > ms) ?? null
}

/** Draws of complaint times in [from, until): the season, weekday, pay-day and hour pattern of the figures. */
export class CaseCalendar {
  /** Number of average days in the range: multiply by a daily mean to get the expected number of cases. */
  readonly averageDays: number
  #days: Weighted<number>

  constructor(from: number, until: number) {
    const days: [number, number][] = []
    for (let day = localMidnight(from); day < until; day += DAY_MS) days.push([day, dayIndex(day)])
    this.#days = new Weighted(days)
    this.averageDays = this.#days.total / YEAR_MEAN
  }

  draw(random: Random): number {
    return atHour(this.#days.draw(random), random)
  }
}

const MEAN_MONTH = MONTH_INDEX.reduce((sum, index) => sum + index, 0) / 12
/** The festival and the pay days lift the year's mean a little above that of the months; measured over 2024 and 2025. */
const YEAR_MEAN = 1.114

function dayIndex(midnight: number): number {
  const local = new Date(midnight + SHANGHAI_OFFSET_MS)
  const month = (MONTH_INDEX[local.getUTCMonth()] ?? 1) / MEAN_MONTH
  const weekday = WEEKDAY_INDEX[(local.getUTCDay() + 6) % 7] ?? 1
  const since = local.getUTCDate()
  const afterPay = PAY_DAYS.some((day) => since > day && since <= day + 3) ? 1.2 : 1
  return month * weekday * afterPay * festivalFactor(midnight)
}

function festivalFactor(midnight: number): number {
  for (const festival of FESTIVALS) {
    const days = (festival - midnight) / DAY_MS
    if (days > 0 && days <= 30) return FESTIVAL_FACTOR.before
    if (days <= 0 && days > -7) return FESTIVAL_FACTOR.week
  }
  return 1
}

const HOURS = new Weighted(HOUR_INDEX.map((weight, hour) => [hour, weight] as const))

/** An instant of that Shanghai day, at an hour people call or file. */
function atHour(midnight: number, random: Random): number {
  return midnight + HOURS.draw(random) * 3_600_000 + random.below(3_600_000)
}

/** The same day as `ms`, at an office hour: registrations and case work are done between 8 and 18. */
export function officeTime(ms: number, random: Random): number {
  return localMidnight(ms) + 8 * 3_600_000 + random.below(10 * 3_600_000)
}

/** Midnight in Shanghai of the day of an instant. */
export function localMidnight(ms: number): number {
  return Math.floor((ms + SHANGHAI_OFFSET_MS) / DAY_MS) * DAY_MS - SHANGHAI_OFFSET_MS
}

const dayTexts = new Map<number, string>()
const TWO = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'))

/** ISO 8601 with the Shanghai offset, like `toShanghaiIso`, five times as fast: days repeat, so their text is kept. */
export function isoOf(ms: number): string {
  const local = Math.floor(ms) + SHANGHAI_OFFSET_MS
  const day = Math.floor(local / DAY_MS)
  let text = dayTexts.get(day)
  if (text === undefined) {
    text = new Date(day * DAY_MS).toISOString().slice(0, 11)
    dayTexts.set(day, text)
  }
  const rest = local - day * DAY_MS
  const seconds = Math.floor(rest / 1000)
  const millis = String(rest % 1000).padStart(3, '0')
  return `${text}${TWO[Math.floor(seconds / 3600)]}:${TWO[Math.floor(seconds / 60) % 60]}:${TWO[seconds % 60]}.${millis}+08:00`
}

/** The month `YYYY-MM` of an instant by the Shanghai calendar, `back` months earlier. */
export function monthOf(ms: number, back = 0): string {
  const local = new Date(ms + SHANGHAI_OFFSET_MS)
  return new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - back, 1)).toISOString().slice(0, 7)
}
