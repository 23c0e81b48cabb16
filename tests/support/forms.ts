import { fieldsOf, type Kind } from '#domain/signal.ts'
import { workbook } from './workbook.ts'

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
/** The formats of bodies, as their content types. */
export const FORMS = ['application/json', 'application/x-ndjson', 'text/csv', XLSX] as const
export type Form = (typeof FORMS)[number]

/** Rows in a format: a CSV has the names of fields above its columns, a workbook their Chinese titles. No cell is quoted. */
export function written(kind: Kind, rows: readonly Record<string, any>[], form: Form): string | Uint8Array {
  if (form === 'application/json') return JSON.stringify(rows)
  if (form === 'application/x-ndjson') return rows.map((row) => JSON.stringify(row)).join('\n')
  const fields = fieldsOf(kind).filter(({ key }) => rows.some((row) => row[key] !== undefined))
  const cells = rows.map((row) => fields.map(({ key }) => row[key] ?? null))
  if (form === XLSX) return workbook([fields.map(({ meta }) => meta.zh), ...cells])
  return [fields.map(({ key }) => key), ...cells.map((row) => row.map((cell) => cell ?? ''))]
    .map((line) => line.join())
    .join('\n')
}
