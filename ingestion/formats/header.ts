import { maskTitle } from '#domain/person.ts'
import type { Kind } from '#domain/signal.ts'
import { storableText } from '#domain/text.ts'
import { type SheetCell, textOf } from './cell.ts'
import {
  addressPart,
  type Column,
  IGNORED_TITLES,
  numbered,
  plainTitle,
  proposeColumns,
  qualifies,
  sayingOf,
} from './columns.ts'
import type { Line, TableOptions } from './table.ts'
import { isUnit } from './title-units.ts'

/** Titles and report heads may stand above the header: it is looked for in this many lines. */
export const HEADER_LINES_MAX = 20

/** The titles of a table that begins in these lines, and the line they stand in: that with most known titles, or the lower of two. */
export function findHeader(first: readonly Line[], options: TableOptions): { titles: string[]; at: number } {
  const said = [options.given ?? {}, ...options.remembered.values()].map(sayingOf)
  const isKnown = (title: string) =>
    title !== '' &&
    (said.some((saying) => saying(title) !== undefined) ||
      proposeColumns(options.kind, [title])[0]?.field != null)
  const candidates = first.slice(0, HEADER_LINES_MAX).map(({ at, cells }) => {
    // They are kept with the batch, and fields that nobody knows are named by them.
    const titles = cells.map((cell) => maskTitle(storableText(textOf(cell)).trim()))
    return { at, titles, known: titles.map(isKnown) }
  })
  let best: { titles: string[]; at: number; score: number } = {
    titles: candidates[0]?.titles ?? [],
    at: candidates[0]?.at ?? 0,
    score: 0,
  }
  candidates.forEach(({ at, titles, known }, i) => {
    const score = known.filter(Boolean).length
    if (score > best.score) best = { titles, at, score }
    const below = candidates[i + 1]
    const isPart = (column: number) =>
      addressPart(options.kind, `${titles[column]} ${below?.titles[column]}`) !== null
    const isGrouped = below?.titles.every((title, column) => title === '' || !known[column] || isPart(column))
    if (score === 0 || !below || below.at !== at + 1 || !isGrouped) return
    const both = underGroups(options.kind, titles, known, below.titles)
    const scoreOfBoth = score + both.filter((title, column) => !known[column] && isKnown(title)).length
    if (scoreOfBoth > best.score || (scoreOfBoth === score && best.at === at && areSubtitles(titles, below)))
      best = { titles: both, at: below.at, score: scoreOfBoth }
  })
  const units = candidates.find(({ at }) => at === best.at + 1)?.titles ?? []
  if (!units.some(isFilledTitle) || !units.every((title) => title === '' || isUnit(title))) return best
  // In the title of its column a unit is heeded, and told to whoever looks at the columns.
  const titles = best.titles.map((title, column) =>
    units[column] && title ? `${title}（${bare(units[column])}）` : title,
  )
  return { titles, at: best.at + 1 }
}

/**
 * Titles of which none stands twice, so that a person can say of each what it is, and what cells below it hold is kept by its
 * title and given back in the sheet of rejected rows: "签字", "签字 (2)".
 */
export function toldApart(titles: readonly string[]): string[] {
  const taken = new Set(titles)
  const seen = new Set<string>()
  return titles.map((title) => {
    if (!seen.has(title) || IGNORED_TITLES.has(plainTitle(title))) {
      seen.add(title)
      return title
    }
    let place = 2
    while (taken.has(numbered(title, place))) place++
    taken.add(numbered(title, place))
    return numbered(title, place)
  })
}

const isFilledTitle = (title: string) => title !== ''
const bare = (unit: string) => unit.replace(/^[([【〔{（]|[)\]】〕}）]$/g, '')

/**
 * The titles of two lines in one: what stands below a group; with the group before it where two are the same, or the group makes
 * another thing of it: 去年同期 在岗人数, 户籍地 乡镇.
 */
function underGroups(
  kind: Kind,
  titles: readonly string[],
  known: readonly boolean[],
  below: readonly string[],
): string[] {
  let group = ''
  const groups = Array.from({ length: Math.max(titles.length, below.length) }, (_, column) => {
    group = titles[column] || (below[column] ? group : '')
    return group
  })
  return groups.map((group, column) => {
    const own = below[column] ?? ''
    if (own !== '' && group !== '' && addressPart(kind, `${group} ${own}`)) return `${group} ${own}`
    if (known[column] || own === '') return titles[column] ?? ''
    const isTwice = below.some((title, other) => title === own && other !== column && !known[other])
    return group !== '' && (isTwice || qualifies(group)) ? `${group} ${own}` : own
  })
}

/** Whether a line below titles, of which none is known, has nothing but words, and each of them in a group of several columns. */
function areSubtitles(titles: readonly string[], below: { titles: readonly string[] }): boolean {
  const at = below.titles.flatMap((title, column) => (title === '' ? [] : column))
  return (
    at.length > 1 &&
    at.every((column) => !/\d/.test(below.titles[column] ?? '')) &&
    at.every((column) => {
      const next = below.titles[column + 1] && !titles[column + 1]
      return titles[column] ? next : below.titles[column - 1]
    })
  )
}

/** Titles that a line has at least, to be a header. */
const HEADER_TITLES_MIN = 3

/** Tells of a line that holds nothing but titles whether they are those of the same columns in other words, or of `other` ones; `null` for a row. */
export function headersFor(kind: Kind, columns: readonly Column[]) {
  const observedAt = columns.findIndex(({ field }) => field === 'observedAt')
  return (cells: readonly SheetCell[]): 'header' | 'other' | null => {
    // Nearly every line is known for a row by this alone.
    if (observedAt >= 0 && /\d/.test(textOf(cells[observedAt] ?? ''))) return null
    const titles = cells.map((cell) => (typeof cell === 'string' ? cell.trim() : '#'))
    const filled = titles.filter((title) => title !== '')
    if (filled.length < HEADER_TITLES_MIN || filled.some((title) => /^[\d#]/.test(title))) return null
    const fields = proposeColumns(kind, titles).map(({ field }) => field)
    const known = fields.filter((field) => field !== null)
    if (known.length < HEADER_TITLES_MIN || known.length * 2 < filled.length) return null
    if (fields.some((field, at) => field !== null && field !== columns[at]?.field)) return 'other'
    return known.length === filled.length ? 'header' : null
  }
}
