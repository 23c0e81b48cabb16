import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { LEFT_OUT_NAMED } from '#domain/batch.ts'
import { AppError } from '#domain/error.ts'
import type { Kind } from '#domain/signal.ts'
import { type BodyType, decode, JSON_BYTES_MAX, notUtf8, type Received } from './body.ts'
import type { Mapping } from './columns.ts'
import { readCsv, readCsvLines } from './csv.ts'
import { HEADER_LINES_MAX } from './header.ts'
import { readJson, readLine, readNdjson } from './json.ts'
import { readCsvTexts, readLines } from './pieces.ts'
import type { RawRow } from './raw-row.ts'
import { otherSheetsTold } from './sheet-names.ts'
import { type Line, proposeTable, type Table, type TableHead, type TableOptions, tableOf } from './table.ts'
import { openXlsx } from './xlsx.ts'

/** Rows that are judged, committed and remembered together. */
const CHUNK_ROWS = 5_000

export type ReadOptions = {
  kind: Kind
  /** The sheet of an XLSX by its name; `null` is the first. */
  sheet: string | null
  given: Mapping | null
  remembered: ReadonlyMap<string, Mapping>
  /** Leaves out the hidden and filtered rows of an XLSX. */
  leavesHidden?: boolean
  /** Leaves what is unclear about columns as it is, instead of refusing the file. */
  isPreview?: boolean
}

/** A body whose rows can be read from the beginning, once. `close` it in any case. */
export type Reading = {
  /** Of a CSV or XLSX; `null` for the others, whose fields have names. */
  table: TableHead | null
  /** The names of the sheets of an XLSX. */
  sheets: string[] | null
  /** Rows of an XLSX that are hidden or filtered out, and read unless they are left out. */
  hiddenRows: number
  /** In the order of the body, in chunks of about `CHUNK_ROWS`; row numbers grow. */
  chunks: AsyncIterable<RawRow[]>
  /** Bytes of the body read so far. */
  bytesRead(): number
  close(): Promise<void>
}

/** All rows of a body in memory: the fast way for what is small. XLSX is not read this way. */
export function readRows(
  type: Exclude<BodyType, 'xlsx'>,
  content: Buffer,
  options: ReadOptions,
): { rows: Iterable<RawRow>; table: TableHead | null } {
  if (type === 'ndjson') {
    if (!isUtf8(content)) throw notUtf8()
    return { rows: readNdjson(content), table: null }
  }
  const text = decode(content, type === 'csv')
  if (type === 'json') return { rows: readJson(text), table: null }
  const { rows, head } = readCsv(text, tableOptions(type, options))
  return { rows, table: head }
}

/**
 * Opens a body for reading in chunks, with memory that does not grow with it (but for the texts of an XLSX).
 * @throws AppError `bad_request`, `too_large`, `unsupported_media`; so does going through the chunks.
 */
export async function openRows(body: Received, options: ReadOptions): Promise<Reading> {
  let bytes = 0
  const count = (read: number) => {
    bytes += read
  }
  const plain = (chunks: AsyncIterable<RawRow[]>): Reading => ({
    table: null,
    sheets: null,
    hiddenRows: 0,
    chunks,
    bytesRead: () => Math.min(bytes, body.bytes),
    close: async () => undefined,
  })
  if (body.type === 'xlsx') {
    const { lines, sheets, bytesRead, hiddenRows, close } = await openXlsx(
      body.kind === 'memory' ? body.content : body,
      options.sheet,
    )
    try {
      const named = options.sheet === null ? { sheets } : {}
      const read = await readTable(lines, { ...tableOptions('xlsx', options), ...named })
      if (options.sheet === null && sheets.length > 1)
        read.table.leftOut.sheets = otherSheetsTold(sheets, LEFT_OUT_NAMED)
      return {
        ...plain(read.chunks),
        ...{ table: read.table, sheets, bytesRead, close },
        hiddenRows: hiddenRows(),
      }
    } catch (error) {
      await close()
      throw error
    }
  }
  if (body.kind === 'memory' || body.type === 'json') {
    const { rows, table } = readRows(body.type, await wholeOf(body), options)
    bytes = body.bytes
    return { ...plain(slices([...rows])), table }
  }
  if (body.type === 'ndjson') return plain(chunked(parsedLines(readLines(body, count))))
  const read = await readTable(readCsvLines(readCsvTexts(body, count)), tableOptions('csv', options))
  return { ...plain(read.chunks), table: read.table, close: read.close }
}

const tableOptions = (
  type: BodyType,
  { kind, given, remembered, leavesHidden, isPreview }: ReadOptions,
): TableOptions => ({
  kind,
  given,
  remembered,
  leavesHidden,
  isStrict: type === 'csv',
  isPreview,
})

async function readTable(lines: AsyncGenerator<Line[]>, options: TableOptions) {
  const first: Line[] = []
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    first.push(...next.value)
    if (first.length >= HEADER_LINES_MAX) break
  }
  if (first.length === 0) {
    const others = otherSheetsTold(options.sheets ?? []).join(', ')
    throw new AppError(
      'bad_request',
      `the sheet is empty; its first line must hold the column names of the template${others && `; this is the first sheet, and beside it there are ${others}: name one, or remove the empty one`}`,
      {
        zh: `这张表是空的；第一行应是模板中的列名${others && `；这里读的是第一张工作表，另外还有：${others}，请删去空表或指定工作表`}`,
      },
    )
  }
  const table = (options.isPreview ? proposeTable : tableOf)(first, options)
  return {
    table: table.head,
    chunks: chunked(readOn(table, first, lines)),
    close: async () => void (await lines.return(undefined)),
  }
}

async function* readOn(
  table: Table,
  first: readonly Line[],
  rest: AsyncGenerator<Line[]>,
): AsyncGenerator<RawRow[]> {
  yield table.read(first.filter((line) => line.at > table.head.headerRow))
  for await (const lines of rest) yield table.read(lines)
}

async function* parsedLines(pieces: AsyncIterable<string[]>): AsyncGenerator<RawRow[]> {
  let row = 0
  for await (const lines of pieces) {
    const filled = lines.map((line) => line.trim()).filter((line) => line.length > 0)
    yield filled.map((line) => readLine(line, ++row))
  }
}

async function* slices(rows: readonly RawRow[]): AsyncGenerator<RawRow[]> {
  for (let i = 0; i < rows.length; i += CHUNK_ROWS) yield rows.slice(i, i + CHUNK_ROWS)
}

async function* chunked(pieces: AsyncIterable<RawRow[]>): AsyncGenerator<RawRow[]> {
  let chunk: RawRow[] = []
  for await (const piece of pieces)
    for (const row of piece) {
      chunk.push(row)
      if (chunk.length < CHUNK_ROWS) continue
      yield chunk
      chunk = []
    }
  if (chunk.length > 0) yield chunk
}

async function wholeOf(body: Received): Promise<Buffer> {
  if (body.kind === 'memory') return body.content
  const room = Buffer.allocUnsafe(body.bytes)
  let used = 0
  for await (const part of body.read()) used += part.copy(room, used)
  const bytes = room.subarray(0, used)
  if (!body.isGzip) return bytes
  return await promisify(gunzip)(bytes, { maxOutputLength: JSON_BYTES_MAX }).catch((cause) => {
    throw new AppError(
      'too_large',
      'the body is damaged, or larger than 64 MiB unpacked; send it as NDJSON',
      { cause, zh: '文件已损坏，或解压后超过 64 MiB，请改用 NDJSON 重新上传' },
    )
  })
}
