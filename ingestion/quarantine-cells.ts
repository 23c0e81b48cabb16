import { maskIdentifiers, maskIdNumber, maskName, maskPhone, maskTitle } from '#domain/person.ts'
import type { Fault } from '#domain/reason.ts'
import { type FieldMeta, fieldsOf, type Kind } from '#domain/signal.ts'
import { type Lang, plainText } from '#domain/text.ts'
import { readCell } from './formats/cell.ts'
import { textOf, written } from './formats/written.ts'

/** A row as the texts of a sheet: by field, or by title where a column is no field. */
export type Cells = Record<string, string>

/** The cells of a row as it was sent. Empty for a row that could not be read: `rawOf` says what there is of it. */
export function cellsOf(kind: Kind, value: unknown, lang: Lang): Cells {
  if (!isRow(value)) return {}
  const metas = metasOf(kind)
  const texts = Object.entries(value).map(([key, one]) => [key, cellText(one, metas.get(key), lang)])
  return Object.fromEntries(texts.filter(([, text]) => text !== ''))
}

/** What was sent in place of a row; `null` where it is a row. */
export function rawOf(value: unknown): string | null {
  if (isRow(value)) return null
  return Array.isArray(value) ? value.map(textOf).join(', ') : textOf(value)
}

/** The row that the cells mean, read as the cells of a sheet are, and what a sheet would refuse of them; blank ones are left out. */
export function rowOfCells(kind: Kind, cells: Cells): { value: Record<string, unknown>; faults: Fault[] } {
  const metas = metasOf(kind)
  const value: Record<string, unknown> = {}
  const faults: Fault[] = []
  for (const [key, raw] of Object.entries(cells)) {
    const text = raw.trim()
    const meta = metas.get(key)
    if (text === '') continue
    const read = meta ? readCell(text, meta) : { value: text }
    if ('value' in read) value[key] = read.value
    else faults.push({ path: key, code: read.code })
  }
  return { value, faults }
}

/** A row of a sheet without the cells that say that there is nothing, which are kept with it as they were written. */
export function withoutMarks(kind: Kind, value: unknown): unknown {
  if (!isRow(value)) return value
  const metas = metasOf(kind)
  const isMark = ([key, one]: [string, unknown]) => {
    const meta = metas.get(key)
    const read = meta && typeof one === 'string' ? readCell(one, meta) : null
    return read !== null && 'value' in read && read.value === undefined
  }
  return Object.fromEntries(Object.entries(value).filter((entry) => !isMark(entry)))
}

/** Cells for a list of rows: enough to see what is wrong, and nobody named. What is no field may be titled by, and hold, anything. */
export function maskedCells(kind: Kind, cells: Cells): Cells {
  const metas = metasOf(kind)
  return Object.fromEntries(
    Object.entries(cells).map(([key, text]) => {
      const meta = metas.get(key)
      return meta ? [key, maskedCell(key, text, meta)] : [maskTitle(key), '***']
    }),
  )
}

/** Cells that hold digits, whatever they say. */
const IN_DIGITS: readonly FieldMeta['cell'][] = ['instant', 'date', 'month', 'period', 'yuan', 'integer']

function maskedCell(key: string, text: string, meta: FieldMeta): string {
  // A word among numbers or dates may be a name of another column.
  if (IN_DIGITS.includes(meta.cell) && !/\d/.test(text)) return maskName(text)
  switch (key) {
    case 'name':
      return maskName(text)
    case 'idNumber':
    case 'phone':
      // Columns that were mixed up: what is no number here may be a name.
      if (!/\d{7}/.test(text)) return maskName(text)
      return key === 'phone' ? maskPhone(text) : maskIdNumber(text)
    case 'household':
    case 'note':
    case 'majorEvent':
      return maskIdentifiers(text)
    default:
      // Codes of regions have up to 12 digits; what is longer, or a mobile number, came from another column.
      return plainText(text).replace(/\d{15,17}[\dXx]?|(?<!\d)1[3-9]\d{9}(?!\d)/g, '***')
  }
}

function cellText(value: unknown, meta: FieldMeta | undefined, lang: Lang): string {
  if (meta?.cell === 'regions' && Array.isArray(value) && value.every(isShare))
    return value.map(({ region, workers }) => `${region}:${workers}`).join(';')
  return textOf(written(value, meta, lang))
}

const metasOf = (kind: Kind) => new Map(fieldsOf(kind).map(({ key, meta }) => [key, meta]))
const isRow = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isShare = (item: unknown): item is { region: unknown; workers: unknown } =>
  isRow(item) && Object.keys(item).sort().join() === 'region,workers'
