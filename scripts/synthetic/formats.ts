import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { csvLine } from '#domain/csv.ts'
import { type Cell, fieldsOf, type Kind } from '#domain/signal.ts'
import type { Format } from './sources.ts'

const gzipAsync = promisify(gzip)

export type Body = { readonly headers: Record<string, string>; readonly bytes: Uint8Array<ArrayBuffer> }

/** Rows as a station of that format sends them. */
export async function encodeRows(kind: Kind, rows: readonly object[], format: Format): Promise<Body> {
  switch (format) {
    case 'json':
      return { headers: { 'content-type': 'application/json' }, bytes: bytesOf(JSON.stringify(rows)) }
    case 'csv':
      return { headers: { 'content-type': 'text/csv; charset=utf-8' }, bytes: bytesOf(toCsv(kind, rows)) }
    case 'ndjson':
      return { headers: { 'content-type': 'application/x-ndjson' }, bytes: bytesOf(toNdjson(rows)) }
    case 'ndjson+gzip': {
      const packed = await gzipAsync(bytesOf(toNdjson(rows)), { level: 3 })
      return {
        headers: { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' },
        bytes: packed as Uint8Array<ArrayBuffer>,
      }
    }
    default:
      return format satisfies never
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

/** One object a line. */
function toNdjson(rows: readonly object[]): string {
  let text = ''
  for (const row of rows) text += `${JSON.stringify(row)}\n`
  return text
}

/** The Chinese template as a spreadsheet saves it: a byte order mark, titles, all columns, CRLF. */
function toCsv(kind: Kind, rows: readonly object[]): string {
  const fields = fieldsOf(kind)
  const lines = rows.map((row) =>
    csvLine(fields.map(({ key, meta }) => cellOf(meta.cell, (row as Record<string, unknown>)[key]))),
  )
  return `\ufeff${[csvLine(fields.map(({ meta }) => meta.zh)), ...lines].join('\r\n')}\r\n`
}

function cellOf(cell: Cell, value: unknown): unknown {
  if (value === undefined) return ''
  if (cell === 'boolean') return value ? '是' : '否'
  if (cell === 'list') return (value as string[]).join('、')
  if (cell === 'regions')
    return (value as { region: string; workers: number }[])
      .map(({ region, workers }) => `${region}:${workers}`)
      .join(';')
  return value
}
