import type { LeftOut } from '#domain/batch.ts'
import { blankMarkOf } from '#domain/blank-marks.ts'
import { AppError } from '#domain/error.ts'
import type { Fault } from '#domain/reason.ts'
import { fieldsOf, type Kind } from '#domain/signal.ts'
import { readCell, type SheetCell, textOf } from './cell.ts'
import {
  type Column,
  type Mapping,
  plainTitle,
  proposeColumns,
  rejectUnclear,
  withMapping,
  withoutNumber,
} from './columns.ts'
import { fingerprintOf } from './fingerprint.ts'
import { findHeader, headersFor, toldApart } from './header.ts'
import { isAlone, noteLeftOut, whyLeftOutFor } from './left-out.ts'
import { fieldsOfOneRow, type MergedCell, withMerged } from './merged-cells.ts'
import { watchUnits } from './mixed-units.ts'
import { OtherMeaningBelow } from './other-meaning-below.ts'
import { type RawRow, ROW_BYTES_MAX, ROW_SIZE_FAULT } from './raw-row.ts'
import { isOnlyUnits, saysLargerCount, saysLargerYuan, saysOne, saysYuan } from './title-units.ts'
import { yearAbove } from './title-year.ts'

/**
 * A line of a table with its number there, from 1. Blank cells are ''; a line may end with its last cell that is not.
 * `isOpen`: the file ends in it, without the mark of its end. `merged`: what stands in its blank cells from lines above. `isHidden`: by
 * hand or by a filter.
 */
export type Line = {
  at: number
  cells: SheetCell[]
  isOpen?: true
  isHidden?: true
  merged?: readonly MergedCell[]
}

/** A ledger has some dozen columns; a sheet that uses more than this is none. */
export const COLUMNS_MAX = 2_000

export const tooWide = () =>
  new AppError(
    'bad_request',
    `a row uses more than ${COLUMNS_MAX} columns; remove what is right of the table`,
    {
      zh: `有一行用了超过 ${COLUMNS_MAX} 列，请删去表格右侧多余的内容`,
    },
  )

export type TableOptions = {
  kind: Kind
  /** What the sender says about columns; `null` where it says nothing. */
  given: Mapping | null
  /** What the source said before, by the fingerprint of the titles. */
  remembered: ReadonlyMap<string, Mapping>
  /** No line may have more than the header, as in a CSV, where a cell too many means a quote is missing. */
  isStrict: boolean
  /** The sheets of the file, where nobody said which is to be read. */
  sheets?: readonly string[]
  /** Whether hidden lines are none of its rows. */
  leavesHidden?: boolean
  /** Rows carry the texts of their cells. */
  isPreview?: boolean
}

export type TableHead = {
  /** The line of the column titles; the lower of two. Row 1 is the one after it. */
  headerRow: number
  columns: Column[]
  /** The lines read so far that are no rows. */
  leftOut: LeftOut
}

/** `read` gives the rows of lines after the header. */
export type Table = {
  head: TableHead
  read(lines: readonly Line[]): RawRow[]
}

/**
 * The table that begins in these lines: its header is the line with most known titles, or two lines where groups of
 * columns have a title of their own above. @throws AppError `bad_request` when no title is known or two mean one field.
 */
export function tableOf(first: readonly Line[], options: TableOptions): Table {
  const table = proposeTable(first, options)
  rejectUnclear(table.head.columns, options.sheets ?? [])
  return table
}

/** The same, with whatever is unclear left so: for the preview, where a person clears it. */
export function proposeTable(first: readonly Line[], options: TableOptions): Table {
  if (first.some(({ cells }) => cells.findLastIndex((cell) => cell !== '') >= COLUMNS_MAX)) throw tooWide()
  const header = findHeader(first, options)
  const { at } = header
  const titles = toldApart(header.titles)
  const remembered = options.remembered.get(fingerprintOf(titles))
  const read = options.given
    ? withMapping(options.kind, titles, options.given, 'given')
    : remembered
      ? withMapping(options.kind, titles, remembered, 'remembered')
      : proposeColumns(options.kind, titles)
  const columns = asUnitSays(options.kind, withoutRunningNumber(read, first, at), first, at)
  const metas = new Map(fieldsOf(options.kind).map((field) => [field.key, field.meta]))
  const ofOneRow = fieldsOfOneRow(options.kind)
  const year = yearAbove(first.flatMap((line) => (line.at < at ? line.cells.map(textOf) : [])))
  const isInYuan = first.some((line) => line.at < at && line.cells.some((cell) => saysYuan(textOf(cell))))
  const plan = columns.map(({ title, field, how }, i) => ({
    key: field ?? (title || String(i + 1)),
    meta: field === null ? undefined : metas.get(field),
    noteUnit: isInYuan || saysYuan(withoutNumber(title)) ? null : watchUnits(),
    isIgnored: how === 'ignored' && title !== '',
    isScaled: how === 'scaled',
    isJoined: how === 'joined',
    isOfOneRow: field !== null && ofOneRow.has(field),
    isMonth: field === 'period' && /月/.test(title) && !/日/.test(title),
  }))
  const whyLeftOut = whyLeftOutFor(
    options.kind,
    columns,
    first.filter((line) => line.at <= at).map((line) => line.cells),
  )
  const leftOut: LeftOut = { count: 0, lines: [] }
  const hasYuan = columns.some(
    ({ title, field }) =>
      field !== null && metas.get(field)?.cell === 'yuan' && !saysYuan(withoutNumber(title)),
  )
  const headerIn = headersFor(options.kind, columns)
  const readLine = (line: Line): RawRow => {
    const row = line.at - at
    // A title that reaches below the header is no value, and what stands beside the table is of none of its rows.
    const merged = line.merged?.filter(({ from, column }) => from > at && titles[column]) ?? []
    const cells = merged.length > 0 ? withMerged(line.cells, merged) : line.cells
    if (options.isStrict && isOutOfStep(line, titles.length))
      return {
        row,
        value: cells,
        fault: { path: '', code: 'wrong_columns', detail: String(titles.length) },
      }
    if (cells.some((cell) => typeof cell === 'string' && cell.length > ROW_BYTES_MAX))
      return { row, value: null, fault: ROW_SIZE_FAULT }
    const value: Record<string, unknown> = {}
    const faults: Fault[] = []
    let marks: Record<string, string> | undefined
    for (let i = 0; i < cells.length; i++) {
      const cell = trimmed(cells[i] ?? '')
      const column = plan[i]
      if (cell === '' || column?.isIgnored) continue
      const key = column?.key ?? String(i + 1)
      if (column?.isOfOneRow && merged.some((one) => one.column === i)) {
        faults.push({ path: key, code: 'merged_cell' })
        continue
      }
      if (!column?.meta) {
        value[key] = textOf(cell)
        if (column?.isScaled) faults.push({ path: key, code: 'larger_unit' })
        continue
      }
      // An address may end before its last column.
      if (column.isJoined && typeof cell === 'string' && blankMarkOf(cell) === 'nothing') continue
      const own = readCell(cell, column.meta, year)
      if (column.meta.cell === 'yuan') column.noteUnit?.(cell, line.at)
      if ('value' in own) {
        if (own.value === undefined) marks = { ...marks, [key]: textOf(cell) }
        else if (column.isJoined) value[key] = joined(value[key], own.value)
        else value[key] = column.isMonth ? monthOf(own.value) : own.value
      } else {
        value[key] = textOf(cell)
        faults.push({ path: key, code: own.code })
      }
    }
    const [fault = null, ...more] = faults
    const read: RawRow = marks ? { row, value, fault, marks } : { row, value, fault }
    if (more.length > 0) read.more = more
    return options.isPreview ? { ...read, cells: cells.map(textOf) } : read
  }
  return {
    head: { headerRow: at, columns, leftOut },
    read: (lines) =>
      lines.flatMap((line) => {
        // By what is its own: values from above make no row of a total.
        const own = whyLeftOut(line.cells)
        const header = own === null ? headerIn(line.cells) : null
        if (header === 'other') throw OtherMeaningBelow.ofHeader(line.at)
        const why = own ?? header
        if (
          hasYuan &&
          (why !== null || isAlone(line.cells)) &&
          line.cells.some((cell) => saysLargerYuan(textOf(cell)))
        )
          throw OtherMeaningBelow.ofUnit(line.at)
        const isLeftHidden = why === null && line.isHidden && options.leavesHidden
        if (why === null && !isLeftHidden) return readLine(line)
        noteLeftOut(leftOut, { row: line.at - at, why: why ?? 'hidden' })
        return []
      }),
  }
}

/** An address of which the next column has a finer part, or all of it again. */
const joined = (before: unknown, part: unknown): string =>
  before === undefined || String(part).startsWith(String(before)) ? String(part) : `${before}${part}`

/** Under 报告月份 the first of a month is that month, as a spreadsheet keeps it, and no report of a day. */
const monthOf = (period: unknown): unknown =>
  typeof period === 'string' ? period.replace(/^(\d{4}-\d{2})-01$/, '$1') : period

/** Where a column "编号" counts the lines of its sheet it names no case and no point: the next sheet counts from 1 again. */
function withoutRunningNumber(columns: Column[], first: readonly Line[], header: number): Column[] {
  return columns.map((column, at) => {
    if (column.how !== 'synonym' || plainTitle(column.title) !== '编号') return column
    const below = first.flatMap((line) => (line.at > header ? textOf(line.cells[at] ?? '').trim() : []))
    const told = below.filter((text) => text !== '')
    // Beside them, totals and signatures begin in that column.
    const numbers = told.filter((text) => /^\d+$/.test(text))
    const isRunning = numbers.length * 2 > told.length && numbers.every((text, i) => text === String(i + 1))
    return isRunning ? { ...column, field: null, how: 'running' } : column
  })
}

/** Where a line above the columns says "单位：万元", none that would hold yuan can be read, unless its own title says 元. */
function asUnitSays(kind: Kind, columns: Column[], first: readonly Line[], header: number): Column[] {
  const above = first.filter((line) => line.at < header).flatMap((line) => line.cells.map(textOf))
  // Beside the last title the unit of all columns may stand.
  const beside = columns.flatMap(({ field, title }) => (field === null && isOnlyUnits(title) ? title : []))
  const said = [...above, ...beside]
  const isMoneyLarger = said.some(saysLargerYuan)
  const isCountLarger = said.some(saysLargerCount)
  if (!isMoneyLarger && !isCountLarger) return columns
  const cellOf = new Map(fieldsOf(kind).map(({ key, meta }) => [key, meta.cell]))
  return columns.map((column) => {
    const title = withoutNumber(column.title)
    const cell = column.field === null ? undefined : cellOf.get(column.field)
    const isLarger =
      (cell === 'yuan' && isMoneyLarger && !saysYuan(title)) ||
      (cell === 'integer' && isCountLarger && !saysOne(title))
    return isLarger ? { ...column, field: null, how: 'scaled' } : column
  })
}

/**
 * A cell too many, or a file that breaks off in this line. Blanks too many or too few are how a spreadsheet writes a CSV: Excel
 * leaves out the last delimiters of a block of lines that has nothing there.
 */
const isOutOfStep = ({ cells, isOpen }: Line, columns: number): boolean =>
  cells.length < columns ? isOpen === true : cells.slice(columns).some((cell) => trimmed(cell) !== '')

/** The sheet of rejected rows comes back as it was given out: with formulas led by an apostrophe. */
const trimmed = (cell: SheetCell): SheetCell =>
  typeof cell === 'string' ? cell.trim().replace(/^'(?=[=+\-@])/, '') : cell
