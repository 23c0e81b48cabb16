import { fieldsOf, type Kind } from '#domain/signal.ts'
import { DAY_MS, SHANGHAI_OFFSET_MS } from '#domain/time.ts'
import { shown, type TestCell, workbook } from './workbook.ts'

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
/** The formats of bodies, as their content types. */
export const FORMS = ['application/json', 'application/x-ndjson', 'text/csv', XLSX] as const
export type Form = (typeof FORMS)[number]

/**
 * Rows in a format: a CSV has the names of fields above its columns, a workbook their Chinese titles and its instants as
 * dates. No cell is quoted.
 */
export function written(kind: Kind, rows: readonly Record<string, any>[], form: Form): string | Uint8Array {
  if (form === 'application/json') return JSON.stringify(rows)
  if (form === 'application/x-ndjson') return rows.map((row) => JSON.stringify(row)).join('\n')
  const fields = fieldsOf(kind).filter(({ key }) => rows.some((row) => row[key] !== undefined))
  const cells = rows.map((row) => fields.map(({ key }) => row[key] ?? null))
  if (form === XLSX) {
    const dated = cells.map((row) =>
      row.map((cell, i) => (fields[i]?.meta.cell === 'instant' ? dateOf(cell) : cell)),
    )
    return workbook([fields.map(({ meta }) => meta.zh), ...dated], { formats: ['yyyy-mm-dd hh:mm:ss'] })
  }
  return [fields.map(({ key }) => key), ...cells.map((row) => row.map((cell) => cell ?? ''))]
    .map((line) => line.join())
    .join('\n')
}

/** What a spreadsheet has for an instant: days since 1899-12-30 by the clock of China, to the second. */
function dateOf(iso: string | null): TestCell {
  if (iso === null) return null
  const ms = Date.parse(iso)
  return ms % 1000 === 0 ? shown((ms + SHANGHAI_OFFSET_MS) / DAY_MS + 25_569, 0) : iso
}
