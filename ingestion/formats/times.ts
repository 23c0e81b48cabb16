import { isCalendarDate } from '#domain/time.ts'
import { isoOfSerial } from './serial.ts'

/**
 * "2026年3月", "2026.03" and "202603" → "2026-03". `null` for "2026.1": a spreadsheet makes it of a typed 2026.10 too, and the
 * report of October must not become that of January. `hasCheck`: of a birth the ID number says which one it is.
 */
export function monthOf(text: string, hasCheck = false): string | null {
  const [, year, month] = /^((?:19|20)\d{2})[-./年]?(0?[1-9]|1[0-2])(?:月份?)?$/.exec(tight(text)) ?? []
  return year && month && (hasCheck || !/\.1$/.test(text)) ? `${year}-${month.padStart(2, '0')}` : null
}

/** The day of a text with or without a time; `null` when there is none. */
export function dayOf(text: string): string | null {
  const day = dashed(text)?.slice(0, 10)
  return day && isCalendarDate(day) ? day : null
}

const DAY =
  /^(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})[日号]?(?:\s*\(?(?:星期|周)([一二三四五六日天])\)?)?(?:(?:[T\s]+|(?<=\D)|(?=\D))(\S.*))?$/
const TIME =
  /^(上午|下午|AM|PM)?\s*(\d{1,2})(?::(?=\d)|[时点])(?:(\d{1,2})(?:(?::(?=\d)|分)(?:(\d{1,2})(\.\d{1,9})?秒?)?)?)?\s*(AM|PM)?(Z|[+-]\d{2}:?\d{2})?$/i
/** Blanks beside the words of a date say nothing. */
const tight = (text: string) => (ASCII.test(text) ? text : text.replace(/\s*([年月日号时点分秒])\s*/g, '$1'))
const ASCII = /^[ -~]*$/

/**
 * "2026年11月1日 9:30", "2026.11.1", "2026-11-1 星期日 下午3:20" and "20261101" with dashes and two digits; `null` when the text is no
 * such day, or not on that day of the week.
 */
export function dashed(text: string): string | null {
  const [, year, month, day, weekday, rest] =
    DAY.exec(tight(text)) ?? /^((?:19|20)\d{2})(\d{2})(\d{2})$/.exec(text) ?? []
  if (!year || !month || !day) return null
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  if (weekday && '日一二三四五六'[new Date(date).getUTCDay()] !== weekday.replace('天', '日')) return null
  const time = rest === undefined ? '' : timeOf(rest)
  return time === null ? null : date + time
}

/** "45731" is a day whose format was lost on the way: as a number it is read so too. */
export const daySerial = (text: string): string | null =>
  isDaySerial(text) ? (isoOfSerial(Number(text))?.replace('T00:00:00', '') ?? null) : null
export const isDaySerial = (text: string): boolean => /^[34567]\d{4}(?:\.\d+)?$/.test(text)

/** "下午3:20" → "T15:20"; `null` for what is no time of a day, or of another half of it than is said: 上午15:20. */
function timeOf(text: string): string | null {
  const [, before, hourSaid, minute = '0', second, fraction, after, zone] = TIME.exec(text) ?? []
  if (!hourSaid || (before && after)) return null
  const half = (before ?? after)?.toUpperCase()
  const hour = hourOf(Number(hourSaid), half === '上午' ? 'AM' : half === '下午' ? 'PM' : half)
  if (hour === null) return null
  const clock = [hour, minute, ...(second ? [second] : [])].map((part) => String(part).padStart(2, '0'))
  // Only a time with a zone has fractions of a second.
  return `T${clock.join(':')}${fraction ?? ''}${zone ?? (fraction ? '+08:00' : '')}`
}

/** The hour of 24: twelve is the first of its half. 下午15:20 says the half twice. */
function hourOf(hour: number, half: string | undefined): number | null {
  if (half === undefined) return hour
  if (half === 'AM') return hour > 12 ? null : hour % 12
  return hour === 0 ? null : hour > 12 ? hour : (hour % 12) + 12
}
