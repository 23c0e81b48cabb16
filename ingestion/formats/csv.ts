import { parse } from 'csv-parse/sync'
import { AppError } from '#domain/error.ts'
import { type Cell, type FieldMeta, fieldsOf, type Kind } from '#domain/signal.ts'
import { type RawRow, ROW_BYTES_MAX, ROW_SIZE_FAULT } from './raw-row.ts'

/**
 * Rows of a CSV body: a header with the field names in English or their Chinese or English titles, then one signal a
 * line; comma, semicolon or tab. Empty cells are absent fields. Rows count from 1, after the header.
 * @throws AppError `bad_request` when the header is missing or names no field, or quotes are never closed.
 */
export function readCsv(text: string, kind: Kind): RawRow[] {
  const records = readRecords(text)
  const header = records[0]
  if (!header)
    throw new AppError(
      'bad_request',
      'the CSV is empty; the first line must hold the column names of the template',
    )
  const columns = header.map((title) => columnFor(kind, title))
  if (!columns.some((column) => column !== null))
    throw new AppError(
      'bad_request',
      `no column name of the first line is known for ${kind}; use the field names or titles of the template`,
    )
  return records.slice(1).map((cells, i): RawRow => {
    const row = i + 1
    if (cells.length !== header.length)
      return { row, value: cells, fault: { path: '', code: 'wrong_columns', detail: String(header.length) } }
    if (cells.some((cell) => cell.length > ROW_BYTES_MAX)) return { row, value: null, fault: ROW_SIZE_FAULT }
    const value: Record<string, unknown> = {}
    cells.forEach((cell, at) => {
      // The sheet of rejected rows comes back as it was given out: with its reasons, and formulas led by an apostrophe.
      const trimmed = cell.trim().replace(/^'(?=[=+\-@])/, '')
      const column = columns[at]
      if (trimmed.length > 0 && !REASON_TITLES.has(header[at] ?? ''))
        value[column?.key ?? header[at]?.trim() ?? String(at + 1)] = column
          ? cellValue(column.meta.cell, trimmed)
          : trimmed
    })
    return { row, value, fault: null }
  })
}

function readRecords(text: string): string[][] {
  const firstLine = text.slice(0, text.search(/\r?\n|$/))
  const delimiter = [',', ';', '\t'].reduce((best, mark) =>
    firstLine.split(mark).length > firstLine.split(best).length ? mark : best,
  )
  try {
    return parse(text, {
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    })
  } catch (cause) {
    const line = (cause as { lines?: number }).lines
    throw new AppError(
      'bad_request',
      `the CSV cannot be read${line ? ` at line ${line}` : ''}: check for quotes that are not closed`,
    )
  }
}

/** Titles of the last column of the sheet of rejected rows, by language. */
const REASON_TITLES = new Set(['原因', 'reason'])

type Column = { key: string; meta: FieldMeta }

function columnFor(kind: Kind, title: string): Column | null {
  const wanted = title.normalize('NFKC').trim().replace(/\*$/, '').toLowerCase()
  return (
    fieldsOf(kind).find(({ key, meta }) =>
      [key, meta.zh, meta.en].some((name) => name.toLowerCase() === wanted),
    ) ?? null
  )
}

const YES = new Set(['true', '1', 'yes', 'y', '是', '有', '已'])
const NO = new Set(['false', '0', 'no', 'n', '否', '无', '未'])

/** The JSON value of a cell. A text that does not fit its cell kind stays text, so that validation names it. */
function cellValue(cell: Cell, raw: string): unknown {
  const text = raw.normalize('NFKC')
  switch (cell) {
    case 'text':
    case 'yuan':
      return raw
    case 'integer':
      return /^-?[\d,]+(\.0+)?$/.test(text) ? Number(text.replace(/,/g, '')) : raw
    case 'boolean':
      return YES.has(text.toLowerCase()) ? true : NO.has(text.toLowerCase()) ? false : raw
    case 'list':
      return (
        jsonList(text) ??
        text
          .split(/[;、|]/)
          .map((item) => item.trim())
          .filter((item) => item.length > 0)
      )
    case 'regions':
      // "430522:5;430523:3": region and workers.
      return (
        jsonList(text) ??
        text
          .split(/[;|]/)
          .filter((item) => item.trim().length > 0)
          .map((item) => {
            const [region, workers] = item.split(':')
            return { region: region?.trim(), workers: Number(workers) }
          })
      )
    default:
      return cell satisfies never
  }
}

/** A list written as JSON, as the sheet of rejected rows has it; `null` when the text is none. */
function jsonList(text: string): unknown {
  try {
    return text.startsWith('[') ? JSON.parse(text) : null
  } catch {
    return null
  }
}
