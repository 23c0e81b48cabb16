import { AppError } from '#domain/error.ts'
import type { SheetCell } from '../cell.ts'
import type { MergedCell } from '../merged-cells.ts'
import { COLUMNS_MAX } from '../table.ts'
import type { Package } from './package.ts'
import { parseXml } from './xml.ts'

/** Every block of a ledger merges its cells; one with more merged cells, or more columns of them, is drawn and not kept. */
const MERGES_MAX = 100_000
const MERGED_COLUMNS_MAX = 200

/** Cells merged downwards: rows from 1, the first and the last; of several columns the first, from 0, which has the value. */
type Merge = { column: number; from: number; to: number }

/** The cells of a sheet that are merged over several rows, asked row by row. */
export class Merges {
  readonly #byRow: readonly Merge[]
  #next = 0
  /** By column: where merges overlap, which no spreadsheet writes, the one that began last holds. */
  readonly #open = new Map<number, { cell: SheetCell; from: number; to: number }>()

  constructor(merges: readonly Merge[]) {
    this.#byRow = merges.toSorted((a, b) => a.from - b.from)
  }

  /** What is merged into the blank cells of a row from above. To be asked of every row with something of its own, in turn. */
  into(row: number, cells: readonly SheetCell[]): MergedCell[] {
    const merged: MergedCell[] = []
    for (const [column, { cell, from, to }] of this.#open)
      if (to < row) this.#open.delete(column)
      else if (from < row && isBlank(cells[column])) merged.push({ column, cell, from })
    for (; (this.#byRow[this.#next]?.from ?? Infinity) <= row; this.#next++) this.#begin(row, cells)
    return merged
  }

  #begin(row: number, cells: readonly SheetCell[]): void {
    const { column = -1, from = 0, to = 0 } = this.#byRow[this.#next] ?? {}
    const cell = cells[column]
    if (from === row && cell !== undefined && !isBlank(cell)) this.#open.set(column, { cell, from, to })
  }
}

const isBlank = (cell: SheetCell | undefined): boolean => cell === undefined || cell === ''

/**
 * The merged cells of a sheet, which stand behind its rows: so the part is unpacked once more before them, and what is not
 * rows is parsed. `null` where nothing is merged downwards in a column that is read. `hiddenRows` hears how many of the rows with
 * cells are hidden.
 * @throws AppError `bad_request` when there are too many.
 */
export async function readMerges(
  file: Package,
  part: string,
  hiddenRows: (count: number) => void,
): Promise<Merges | null> {
  const merges: Merge[] = []
  const columns = new Set<number>()
  const steps = parseXml(withoutRows(await file.peek(part), hiddenRows), {
    open(name, { ref }) {
      const merge = name === 'mergeCell' && ref !== undefined ? mergeOf(ref) : null
      if (merge === null || merge.column >= COLUMNS_MAX) return
      merges.push(merge)
      columns.add(merge.column)
      if (merges.length > MERGES_MAX || columns.size > MERGED_COLUMNS_MAX)
        throw new AppError(
          'bad_request',
          `the sheet merges more than ${MERGES_MAX} cells over several rows, or in more than ${MERGED_COLUMNS_MAX} columns; unmerge them and fill in each row, or send it in several files`,
          {
            zh: `表中跨行合并的单元格超过 ${MERGES_MAX} 个，或超过 ${MERGED_COLUMNS_MAX} 列；请取消合并并逐行填写，或拆成几个文件`,
          },
        )
    },
    text: () => undefined,
    close: () => undefined,
  })
  for await (const _ of steps);
  return merges.length > 0 ? new Merges(merges) : null
}

/** "B3:C8", whichever corner is first; `null` for one row alone, and for what is no range. */
function mergeOf(ref: string): Merge | null {
  const [, a = '', y1, b = '', y2] = /^([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})$/.exec(ref) ?? []
  const from = Math.min(Number(y1), Number(y2))
  const to = Math.max(Number(y1), Number(y2))
  return from < to ? { column: Math.min(columnOf(a), columnOf(b)), from, to } : null
}

const columnOf = (letters: string): number =>
  [...letters].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1

/** The element of the rows, whatever its prefix; in its text no `<` can stand. */
const ROWS = /<((?:[^\s<>/!?:]+:)?sheetData)(?=[\s/>])[^<>]*>/
/** Longer than any tag that matters, so that one which is cut in two is seen. */
const OVERLAP = 256

/** How a row says that it is hidden, by hand or by a filter. */
const HIDDEN = ' hidden="'

/** The rows that are hidden and have cells, among those whose tag begins in the first bytes. */
function hiddenIn(rows: Buffer, first: number): number {
  let count = 0
  for (let at = rows.indexOf(HIDDEN, 0, 'latin1'); at >= 0 && at < first; ) {
    const says = rows[at + HIDDEN.length]
    const end = rows.indexOf('>', at, 'latin1')
    if ((says === 0x31 || says === 0x74) && rows[end - 1] !== 0x2f) count++
    at = rows.indexOf(HIDDEN, at + 1, 'latin1')
  }
  return count
}

/** A sheet without what stands inside the element of its rows. */
async function* withoutRows(
  bytes: AsyncIterable<Buffer>,
  hiddenRows: (count: number) => void,
): AsyncGenerator<Buffer> {
  let hidden = 0
  let rest: Buffer = Buffer.alloc(0)
  /** What ends the rows, once they have begun; `''` behind them. */
  let end: string | null = null
  for await (const part of bytes) {
    rest = end === '' ? part : Buffer.concat([rest, part])
    if (end === null) {
      const begin = ROWS.exec(rest.toString('latin1'))
      const kept = begin ? begin.index + begin[0].length : Math.max(0, rest.length - OVERLAP)
      yield rest.subarray(0, kept)
      rest = rest.subarray(kept)
      if (begin) end = begin[0].endsWith('/>') ? '' : `</${begin[1]}`
    }
    if (end !== null && end !== '') {
      const at = rest.indexOf(end, 0, 'latin1')
      hidden += hiddenIn(rest, at >= 0 ? at : Math.max(0, rest.length - OVERLAP))
      rest = rest.subarray(at >= 0 ? at : Math.max(0, rest.length - OVERLAP))
      if (at >= 0) end = ''
    }
    if (end === '') yield rest
  }
  hiddenRows(hidden)
  if (end !== '') yield rest
}
