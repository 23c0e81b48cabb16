import { AppError } from '#domain/error.ts'
import type { SheetCell } from '../cell.ts'
import { isoOfSerial } from '../serial.ts'
import { COLUMNS_MAX, type Line, tooWide } from '../table.ts'
import { type Merges, readMerges } from './merges.ts'
import type { Package } from './package.ts'
import type { SharedStrings } from './shared-strings.ts'
import type { Workbook } from './workbook.ts'
import { parseXml, unreadable } from './xml.ts'

/** What a spreadsheet can have. */
const ROWS_MAX = 1_048_576

/** Spreadsheets hold no longer text in one cell. */
const CELL_CHARACTERS_MAX = 64 * 1024

/**
 * The rows of a sheet that hold anything, in pieces as they are read. Formulas are not evaluated: the value that the
 * spreadsheet saved with them is taken; lines that have nothing but formulas without one wait to be filled in. Hidden columns are read like others, and so are rows, which say that they are. What is merged into a row from above
 * stands beside what is its own; one that has nothing else is blank. `hiddenRows` hears of their number before the first.
 * @throws AppError `bad_request`.
 */
export async function* readSheet(
  file: Package,
  part: string,
  workbook: Workbook,
  strings: SharedStrings | null,
  hiddenRows: (count: number) => void,
): AsyncGenerator<Line[]> {
  const merges = await readMerges(file, part, hiddenRows)
  let lines: Line[] = []
  let at = 0
  let cells: SheetCell[] = []
  let isFilled = false
  let isHidden = false
  let column = -1
  let type = ''
  let style = 0
  let isFormula = false
  let isValue = false
  let isPhonetic = false
  let text = ''

  const finishCell = () => {
    // A formula that comes to no text is saved as a text (`str`) that is blank.
    const cell =
      isFormula && text === '' && type !== 'str' ? NOT_SAVED : cellOf(type, text, style, workbook, strings)
    if (cell === '') return
    isFilled ||= cell !== NOT_SAVED
    if (column >= COLUMNS_MAX) throw tooWide()
    while (cells.length < column) cells.push('')
    cells[column] = cell
  }
  const steps = parseXml(await file.stream(part), {
    open(name, attributes) {
      if (name === 'c') {
        column = attributes.r === undefined ? column + 1 : columnOf(attributes.r)
        type = attributes.t ?? 'n'
        style = Number(attributes.s ?? 0)
        isFormula = false
        text = ''
      } else if (name === 'row') {
        const said = attributes.r === undefined ? at + 1 : Number(attributes.r)
        // Rows are kept and gone on with by their numbers.
        if (!Number.isInteger(said) || said <= at || said > ROWS_MAX) throw unreadable()
        at = said
        isHidden = IS_TRUE.test(attributes.hidden ?? '')
        cells = []
        isFilled = false
        column = -1
      } else if (name === 'f') isFormula = true
      else if (name === 'v' || name === 't') isValue = !isPhonetic
      else if (name === 'rPh') isPhonetic = true
    },
    text(piece) {
      if (isValue && text.length < CELL_CHARACTERS_MAX) text += piece
    },
    close(name) {
      if (name === 'c') finishCell()
      else if (name === 'v' || name === 't') isValue = false
      else if (name === 'rPh') isPhonetic = false
      else if (name === 'row' && isFilled) lines.push(lineOf(at, cells, merges, isHidden))
    },
  })
  for await (const _ of steps) {
    if (lines.length === 0) continue
    yield lines
    lines = []
  }
}

const IS_TRUE = /^(?:1|true)$/

function lineOf(at: number, cells: SheetCell[], merges: Merges | null, isHidden: boolean): Line {
  const merged = merges?.into(at, cells) ?? []
  const line: Line = merged.length > 0 ? { at, cells, merged } : { at, cells }
  if (isHidden) line.isHidden = true
  return line
}

function cellOf(
  type: string,
  text: string,
  style: number,
  { is1904, dateFormats, scaledFormats }: Workbook,
  strings: SharedStrings | null,
): SheetCell {
  switch (type) {
    case 's': {
      if (text === '') return ''
      const shared = strings?.at(Number(text))
      // Taken for blank, a cell whose text is missing would be an amount of nothing.
      if (shared === undefined || shared === null) throw unreadable()
      return unescaped(shared).trim()
    }
    case 'str':
    case 'inlineStr':
      return unescaped(text).trim()
    case 'b':
      return text === '' ? '' : text === '1' || text === 'true'
    case 'e':
      return { error: text }
    case 'd': {
      const iso = isoDate(text.trim())
      return iso === null ? text.trim() : { number: 0, iso, format: dateFormats[style] ?? 'time' }
    }
    default: {
      const number = Number(text)
      if (text.trim() === '' || !Number.isFinite(number)) return text.trim()
      const cell = { number, iso: isoOfSerial(number, is1904), format: dateFormats[style] ?? null }
      return scaledFormats.has(style) ? { ...cell, isScaled: true } : cell
    }
  }
}

/** `_x000D_` is how a control character is written (ECMA-376 §22.9.2.19). */
function unescaped(text: string): string {
  return text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text
}

/** "AB12" → 27. @throws AppError `bad_request` when it is no address of a cell. */
function columnOf(address: string): number {
  let column = 0
  for (let i = 0; i < address.length; i++) {
    const code = address.charCodeAt(i)
    if (code < 65) break
    column = column * 26 + (code & 31)
  }
  if (column < 1 || column > 16_384)
    throw new AppError('bad_request', 'the sheet holds a cell outside of it; save it again as .xlsx', {
      zh: '表中有超出范围的单元格，请在 Excel 中重新另存为 .xlsx',
    })
  return column - 1
}

/** A formula without the value that it comes to: a program wrote it, and no spreadsheet has opened the file since. */
const NOT_SAVED: SheetCell = { error: '' }

/** The date and time of a cell that has it as text (ISO 8601, in a strict OOXML): without a zone, as nobody could give one. */
function isoDate(text: string): string | null {
  const [, day, time = '00:00:00'] =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?$/.exec(text) ?? []
  return day === undefined ? null : `${day}T${time.length === 5 ? `${time}:00` : time}`
}
