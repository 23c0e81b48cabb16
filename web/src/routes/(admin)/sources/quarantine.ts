import { type FieldMeta, fieldsOf, type Kind } from '#domain/signal.ts'
import type { Lang } from '#domain/text.ts'
import type { QuarantinedRow } from '../../../lib/quarantine-api.ts'
import type { ShownColumn, ShownRow } from './RowsTable.svelte'

/** The title of a field or, where it is none, the name itself; of `homeRegions.0.region` that of the first part. */
export function titleOf(kind: Kind, path: string, lang: Lang): string {
  const key = path.split('.')[0] ?? ''
  return fieldsOf(kind).find((field) => field.key === key)?.meta[lang] ?? key
}

/** The rows as a table: the columns that something is wrong in come first, the others as in the template. */
export function tableOf(
  rows: readonly QuarantinedRow[],
  lang: Lang,
): { columns: ShownColumn[]; rows: ShownRow[] } {
  const faulty = new Set(rows.flatMap(({ errors }) => errors.map(({ path }) => path.split('.')[0] ?? '')))
  const kindOf = new Map(
    rows.flatMap(({ kind, cells }) => Object.keys(cells).map((key) => [key, kind] as const)),
  )
  const inTemplate = [...new Set(rows.flatMap(({ kind }) => fieldsOf(kind).map(({ key }) => key)))]
  const known = inTemplate.filter((key) => kindOf.has(key) || faulty.has(key))
  const keys = [...known, ...[...kindOf.keys()].filter((key) => !inTemplate.includes(key))]
  const sorted = keys.toSorted((a, b) => Number(faulty.has(b)) - Number(faulty.has(a)))
  const kind = rows[0]?.kind ?? 'workers'
  return {
    columns: sorted.map((key) => ({ title: titleOf(kindOf.get(key) ?? kind, key, lang), paths: [key] })),
    rows: rows.map(({ batch, row, cells, errors }) => ({
      key: `${batch}/${row}`,
      row,
      values: sorted.map((key) => cells[key] ?? ''),
      faults: errors,
    })),
  }
}

/** A field of the form that corrects a row; `meta` is `null` where the sender's column is no field. */
export type RowField = {
  readonly key: string
  readonly title: string
  readonly meta: FieldMeta | null
  readonly isRequired: boolean
  /** What may be chosen, as cells have it; `null` where it is written. */
  readonly choices: readonly string[] | null
}

/** All fields of the kind as in the template, then columns of the row that are none. */
export function formOf(kind: Kind, cells: Readonly<Record<string, string>>, lang: Lang): RowField[] {
  const fields = fieldsOf(kind)
  const known = new Set(fields.map(({ key }) => key))
  return [
    ...fields.map(({ key, meta, isRequired }) => ({
      key,
      title: meta[lang],
      meta,
      isRequired,
      choices: meta.labels
        ? Object.values(meta.labels).map((label) => label[lang])
        : meta.cell === 'boolean'
          ? YES_NO[lang]
          : null,
    })),
    ...Object.keys(cells)
      .filter((key) => !known.has(key))
      .map((key) => ({ key, title: key, meta: null, isRequired: false, choices: null })),
  ]
}

const YES_NO = { zh: ['是', '否'], en: ['yes', 'no'] } as const
