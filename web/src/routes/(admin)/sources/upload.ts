import { fieldsOf, type Kind } from '#domain/signal.ts'
import { ApiError } from '../../../lib/api.ts'
import type { Key } from '../../../lib/locale.svelte.ts'
import type { Mapping, Preview } from '../../../lib/sources-api.ts'
import { saidOfFile } from './said-of-file.ts'

const TYPES: Readonly<Record<string, string>> = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xlsm: 'application/vnd.ms-excel.sheet.macroenabled.12',
  // Whatever Excel or WPS opens is given these names.
  xls: 'application/vnd.ms-excel',
  et: 'application/vnd.ms-excel',
  csv: 'text/csv',
  // Excel saves "Unicode text", tabs between the cells, under this name.
  txt: 'text/csv',
  tsv: 'text/csv',
  ndjson: 'application/x-ndjson',
}
const WORKBOOKS: readonly (string | undefined)[] = [TYPES.xlsx, TYPES.xlsm, TYPES.xls]

/**
 * The media type of a file by its name, and where that says another one, by how it begins: many a workbook is called .csv, and
 * many a text .xls. `null` of a text that is none of those read; of what else it may be the server says what to do. @throws DOMException when the file cannot be read any more.
 */
export async function typeOf(file: File): Promise<string | null> {
  const named = TYPES[file.name.split('.').at(-1)?.toLowerCase() ?? '']
  const head = new Uint8Array(await file.slice(0, 512).arrayBuffer())
  const isWorkbook = BEGINNINGS.some((beginning) => beginning.every((byte, at) => head[at] === byte))
  if (isWorkbook) return (named === TYPES.xlsm ? named : TYPES.xlsx) ?? null
  const isText = !head.includes(0) || MARKS.some((mark) => mark.every((byte, at) => head[at] === byte))
  if (named === undefined) return isText && !isPdf(head) ? null : (TYPES.xlsx ?? null)
  return named === TYPES.xls && isText ? 'text/csv' : named
}

/** Of a zip, which an .xlsx is, and of an .xls or a locked workbook, of which the server says what to do. */
const BEGINNINGS = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
] as const

/** By which a text of UTF-16 begins; its letters of one byte have a blank one beside them. */
const MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
] as const

const isPdf = (head: Uint8Array) => String.fromCharCode(...head.subarray(0, 4)) === '%PDF'

/** As much of a large text as its first rows need. */
const HEAD_BYTES = 256 * 1024

/** What a preview is made from: a workbook as a whole, of a text the first lines. */
export async function headOf(file: Blob, type: string): Promise<Blob> {
  if (WORKBOOKS.includes(type) || file.size <= HEAD_BYTES) return file
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())
  const end = endOfLines(bytes)
  return end > 0 ? file.slice(0, end) : file
}

/** Where the last whole line ends; in UTF-16, which its mark says, a line ends in two bytes. */
function endOfLines(bytes: Uint8Array): number {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe
  if (!isLittle && !(bytes[0] === 0xfe && bytes[1] === 0xff)) return bytes.lastIndexOf(0x0a) + 1
  for (let at = bytes.length - (bytes.length % 2) - 2; at >= 0; at -= 2)
    if (bytes[at] === (isLittle ? 0x0a : 0) && bytes[at + 1] === (isLittle ? 0 : 0x0a)) return at + 2
  return 0
}

/** Fields that must be filled and that no column holds. */
export function missingFields(kind: Kind, columns: Preview['columns']): string[] {
  const given = new Set(columns.map((column) => column.field))
  return fieldsOf(kind)
    .filter(({ key, isRequired }) => isRequired && !given.has(key))
    .map(({ key }) => key)
}

const OPEN: readonly Preview['columns'][number]['how'][] = [
  'unknown',
  'ambiguous',
  'total',
  'running',
  'scaled',
]

/** Whether it is still to be said what a column holds. */
export const isOpenColumn = ({ how }: Preview['columns'][number]): boolean => OPEN.includes(how)

/**
 * What is wrong with each row itself, and how many rows would go back for their columns, which is said once, where columns
 * are chosen: a column that is open, or a field that must be filled and has none.
 */
export function judgedOf(kind: Kind, { columns, rows }: Pick<Preview, 'columns' | 'rows'>) {
  const open = new Set([
    ...columns.filter(isOpenColumn).map(({ title }) => title),
    ...missingFields(kind, columns),
  ])
  const own = rows.map((row) => ({ ...row, faults: row.faults.filter(({ path }) => !open.has(path)) }))
  const held = rows.filter(({ faults }) => faults.some(({ path }) => open.has(path))).length
  return { own, held, faulty: own.filter(({ faults }) => faults.length > 0).length }
}

/** What was said about columns before, so that a correction adds to it. */
export function saidOf(columns: Preview['columns']): Mapping {
  return Object.fromEntries(
    columns
      .filter(({ title, how }) => title !== '' && (how === 'remembered' || how === 'ignored'))
      .map(({ title, field }) => [title, field]),
  )
}

const SENTENCES: Readonly<Record<string, Key>> = {
  bad_request: 'upload.fault.badRequest',
  forbidden: 'upload.fault.forbidden',
  conflict: 'upload.fault.conflict',
  too_slow: 'upload.fault.tooSlow',
  too_large: 'upload.fault.tooLarge',
  unsupported_media: 'upload.fault.unsupported',
  unprocessable: 'upload.fault.nothing',
  queue_full: 'upload.fault.busy',
  store_away: 'upload.fault.away',
  offline: 'upload.fault.offline',
  aborted: 'upload.fault.stopped',
  unauthenticated: 'upload.fault.session',
}

/** A sentence that says what to do about a refusal, by its code. */
export const sentenceFor = (code: string): Key => SENTENCES[code] ?? 'upload.fault.other'

/** Why a file was refused: the code, the server's own words, which name what its sentence cannot, and whether to send the same again is in vain. */
export type Fault = { readonly code: string; readonly detail: string; readonly isFinal: boolean }

export function faultOf(error: unknown): Fault {
  if (!(error instanceof ApiError)) return { code: 'internal', detail: '', isFinal: false }
  const isFinal = [400, 409, 413, 415].includes(error.status)
  return { code: error.code, detail: isFinal ? saidOfFile(error.message) : '', isFinal }
}
