import { type Options, parse as parseStream } from 'csv-parse'
import { parse } from 'csv-parse/sync'
import { AppError } from '#domain/error.ts'
import { HEADER_LINES_MAX } from './header.ts'
import type { RawRow } from './raw-row.ts'
import { type Line, proposeTable, type TableHead, type TableOptions, tableOf } from './table.ts'

/** A quote that is never closed makes one record of the rest of the file; it is not kept in memory to its end. */
const RECORD_CHARACTERS_MAX = 8 * 1024 * 1024

/**
 * Rows of a CSV body: a header with the field names in English or their Chinese or English titles, then one signal a
 * line; comma, semicolon or tab. Empty cells are absent fields. Rows count from 1, after the header.
 * @throws AppError `bad_request` when the header is missing or names no field, or quotes are never closed.
 */
export function readCsv(text: string, options: TableOptions): { rows: RawRow[]; head: TableHead } {
  const lines: Line[] = []
  let at = 0
  const take = (cells: string[]): null => {
    at++
    if (!isBlank(cells)) lines.push({ at, cells })
    return null
  }
  try {
    parse(text, { ...optionsFor(text), on_record: take })
  } catch (cause) {
    throw unreadable(cause)
  }
  if (lines.at(-1)?.at === at) leaveOpen(lines, text)
  const table = (options.isPreview ? proposeTable : tableOf)(
    notEmpty(lines.slice(0, HEADER_LINES_MAX)),
    options,
  )
  return { rows: table.read(lines.filter((line) => line.at > table.head.headerRow)), head: table.head }
}

/** The lines of a CSV text that comes in pieces. @throws AppError `bad_request`. */
export async function* readCsvLines(pieces: AsyncIterable<string>): AsyncGenerator<Line[]> {
  const source = pieces[Symbol.asyncIterator]()
  let head = ''
  // The delimiter shows in the first lines.
  for (let next = await source.next(); !next.done; next = await source.next()) {
    head += next.value
    if (head.length > 64 * 1024) break
  }
  const parser = parseStream({ ...optionsFor(head), max_record_size: RECORD_CHARACTERS_MAX })
  let at = 0
  let lines: Line[] = []
  let fault: unknown = null
  let settle: () => void = () => undefined
  parser.on('readable', () => {
    for (let record = parser.read(); record !== null; record = parser.read()) {
      at++
      if (!isBlank(record)) lines.push({ at, cells: record })
    }
  })
  parser.on('error', (error) => {
    fault = error
    settle()
  })
  const feed = (piece: string | null) =>
    new Promise<void>((resolve) => {
      settle = resolve
      if (piece === null) parser.end().once('end', resolve)
      else parser.write(piece, () => resolve())
    })
  try {
    let end = ''
    for (let piece: string | null = head; piece !== null; ) {
      end = piece || end
      await feed(piece)
      if (fault) throw unreadable(fault)
      if (lines.length > 0) yield lines
      lines = []
      const next = await source.next()
      piece = next.done ? null : next.value
    }
    await feed(null)
    if (fault) throw unreadable(fault)
    if (lines.at(-1)?.at === at) leaveOpen(lines, end)
    if (lines.length > 0) yield lines
  } finally {
    parser.destroy()
    await source.return?.()
  }
}

/** Nothing but blanks, and the mark by which DOS ends a file: no row, but a line that is counted, as a spreadsheet does. */
const isBlank = (cells: readonly string[]): boolean =>
  cells.every((cell) => cell.trim() === '' || cell === '\u001a')

/** The last line of a text that does not end its lines. */
function leaveOpen(lines: readonly Line[], text: string): void {
  const last = lines.at(-1)
  if (last && !/[\r\n]$/.test(text)) last.isOpen = true
}

function notEmpty(lines: Line[]): Line[] {
  if (lines.length > 0) return lines
  throw new AppError(
    'bad_request',
    'the CSV is empty; the first line must hold the column names of the template',
    { zh: 'CSV 是空的；第一行应是模板中的列名' },
  )
}

function optionsFor(text: string): Options {
  const lines = text
    .slice(0, 64 * 1024)
    .replace(QUOTED, '')
    .split(/\r?\n/, HEADER_LINES_MAX)
  const fits = [',', ';', '\t'].map((mark) => ({ mark, ...mostAlike(lines, mark) }))
  const best = fits.toSorted((a, b) => b.lines - a.lines || b.marks - a.marks)[0]
  return { bom: true, delimiter: best?.mark ?? ',', relax_column_count: true }
}

const QUOTED = /"(?:[^"]|"")*"/g

/**
 * How many lines hold a mark equally often, the most that do. What parts cells stands as often in each line; a title above the
 * table ("填报单位：…；填报人：…") or the text of a cell holds as many as it happens to.
 */
function mostAlike(lines: readonly string[], mark: string): { lines: number; marks: number } {
  const groups = Map.groupBy(lines, (line) => line.split(mark).length - 1)
  groups.delete(0)
  const alike = [...groups].map(([marks, of]) => ({ lines: of.length, marks }))
  return alike.toSorted((a, b) => b.lines - a.lines || b.marks - a.marks)[0] ?? { lines: 0, marks: 0 }
}

function unreadable(cause: unknown): AppError {
  const line = (cause as { lines?: number }).lines
  return new AppError(
    'bad_request',
    `the CSV cannot be read${line ? ` at line ${line}` : ''}: check for quotes that are not closed`,
    { zh: `CSV ${line ? `第 ${line} 行` : ''}读不出来，请检查引号是否成对` },
  )
}
