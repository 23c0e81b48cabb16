import { halfWidth } from '#domain/text.ts'
import { isDay } from '#domain/time.ts'

/** The one year that the lines above a table name, and the last day they speak of, `YYYY-MM-DD`. */
export type TitleYear = { readonly year: number; readonly until: string }

const YEAR = /(?<!\d)(20\d{2})(?!\d)/g
/** "2025年6月10日", "2025年1月至6月", "2025.6": a year with the months that follow it. */
const MONTHS =
  /(?<!\d)20\d{2}\s*[年./-]\s*(\d{1,2})(?:\s*[月./-]?\s*(?:[-—–~至到]+\s*(\d{1,2})\s*月|(\d{1,2})(?=\s*日|\D|$)))?/g

/**
 * What says in which year the days of a table lie that have none: "2025年3月欠薪台账". `null` where no year is named, or more than
 * one.
 */
export function yearAbove(texts: readonly string[]): TitleYear | null {
  const said = texts.map(halfWidth)
  const years = new Set(said.flatMap((text) => [...text.matchAll(YEAR)].map(([, year]) => Number(year))))
  const [year, another] = years
  if (year === undefined || another !== undefined) return null
  const ends = said.flatMap((text) =>
    [...text.matchAll(MONTHS)].flatMap(([, first, last, day]) => {
      const month = Number(last ?? first)
      const own = Number(day ?? 31)
      return month >= 1 && month <= 12 ? `${two(month)}-${two(isDay(year, month, own) ? own : 31)}` : []
    }),
  )
  return { year, until: `${year}-${ends.toSorted().at(-1) ?? '12-31'}` }
}

/** "3月5日 9:30" with its year; `null` where none is known, or the day lies behind what the title speaks of: it is of another year. */
export function withYear(text: string, of: TitleYear | null): string | null {
  const [, month = '', day = '1'] = /^\s*(\d{1,2})\s*月(?:\s*(\d{1,2}))?/.exec(text) ?? []
  if (of === null || `${of.year}-${two(Number(month))}-${two(Number(day))}` > of.until) return null
  return `${of.year}年${text.trim()}`
}

const two = (number: number) => String(number).padStart(2, '0')
