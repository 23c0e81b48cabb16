import { AppError } from '#domain/error.ts'
import { jsonFaultAt } from './json-fault.ts'
import { PIECE_ROWS_MAX, type RawRow, ROW_BYTES_MAX, ROW_SIZE_FAULT } from './raw-row.ts'

const NEWLINE = 10

/**
 * Rows of a JSON body: one object, or an array of them.
 * @throws AppError `bad_request` when the body is not JSON; the message says where. `too_large` when it has too many rows.
 */
export function readJson(text: string): RawRow[] {
  rejectTooMany(text)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    // The parser's own message quotes the text around the fault, which may name a person: only the place is told.
    const before = text.slice(0, jsonFaultAt(text)).split('\n')
    const character = (before.at(-1)?.length ?? 0) + 1
    throw new AppError(
      'bad_request',
      `the body is not valid JSON (line ${before.length}, character ${character}); send an object or an array of objects, in UTF-8`,
      { zh: `JSON 第 ${before.length} 行第 ${character} 个字符处有误，请检查后重新上传` },
    )
  }
  const values: unknown[] = Array.isArray(body) ? body : [body]
  // Measuring every row means writing it out again: only done where one row could hold more than its share.
  const isGiantPossible = text.length > ROW_BYTES_MAX
  return values.map((value, i) => ({
    row: i + 1,
    value,
    fault: isGiantPossible && isGiant(value) ? ROW_SIZE_FAULT : null,
  }))
}

/** Before anything is built of them: parsed and judged, a row of two bytes takes some two hundred. @throws AppError `too_large`. */
function rejectTooMany(text: string): void {
  if (text.length <= PIECE_ROWS_MAX || !/^\s*\[/.test(text)) return
  let depth = 0
  let rows = 1
  for (let at = 0; at < text.length; at++)
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at)
        break
      case BRACKET:
      case BRACE:
        depth++
        break
      case BRACKET_END:
      case BRACE_END:
        depth--
        break
      case COMMA:
        if (depth === 1 && ++rows > PIECE_ROWS_MAX) throw tooManyRows()
    }
}

/** The place of the quote that ends a string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at
    if (code === BACKSLASH) at++
  }
  return text.length
}

const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACKET_END, BRACE, BRACE_END] = [34, 92, 44, 91, 93, 123, 125]

const tooManyRows = () =>
  new AppError(
    'too_large',
    `a JSON body may have ${PIECE_ROWS_MAX} rows; send it as NDJSON, or in several requests`,
    { zh: `JSON 不能超过 ${PIECE_ROWS_MAX} 行，请改用 NDJSON，或拆成几个文件` },
  )

/** Whether a row's texts alone exceed the limit: numbers and keys cannot, as the schema names every field. */
function isGiant(value: unknown): boolean {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' && value.length > ROW_BYTES_MAX
  return Object.values(value).some((part) =>
    typeof part === 'string' ? part.length > ROW_BYTES_MAX : Array.isArray(part) && part.length > 10_000,
  )
}

/**
 * Rows of an NDJSON body: one object a line; blank lines are skipped and not counted. A line that is not JSON is a fault
 * of that row. Read one at a time, from bytes that are known to be UTF-8, so that neither thousands of parsed rows nor
 * the whole text outlive their turn: collecting them costs more than parsing.
 */
export function* readNdjson(body: Buffer): Generator<RawRow> {
  let row = 0
  for (let start = 0; start < body.length; ) {
    const found = body.indexOf(NEWLINE, start)
    const end = found < 0 ? body.length : found
    const line = body.toString('utf8', start, end).trim()
    start = end + 1
    if (line.length > 0) yield readLine(line, ++row)
  }
}

export function readLine(line: string, row: number): RawRow {
  if (line.length > ROW_BYTES_MAX) return { row, value: null, fault: ROW_SIZE_FAULT }
  try {
    return { row, value: JSON.parse(line), fault: null }
  } catch {
    return { row, value: line, fault: { path: '', code: 'not_json' } }
  }
}
