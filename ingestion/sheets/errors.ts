import { type WriteSheet, writeXlsx } from 'hucre/xlsx'
import { csvLine } from '#domain/csv.ts'
import { faultMessage } from '#domain/reason.ts'
import { fieldsOf, type Kind } from '#domain/signal.ts'
import type { Lang } from '#domain/text.ts'
import type { RejectedRow } from '../accept.ts'
import type { Column } from '../formats/columns.ts'
import { COLUMNS_MAX } from '../formats/table.ts'
import { textOf, written } from '../formats/written.ts'
import { FAULT_STYLE, HEADER_STYLE, TEXT_STYLE } from './style.ts'

/** Rows of one workbook; the CSV has them all. A spreadsheet with more notes than this takes minutes to open. */
export const WORKBOOK_ROWS_MAX = 10_000

/** Rows to go through, again from the first each time it is called. */
type Rows = () => AsyncIterable<RejectedRow> | Iterable<RejectedRow>

/** `keys` are the fields of the columns, or their titles where they are none; `cellsOf` the cells of a row below them. */
type Sheet = { titles: string[]; keys: string[]; cellsOf: (row: RejectedRow) => unknown[] }

/**
 * The sender's rows with the reasons in a last column, ready to correct and send again: the texts of its lines, one after another,
 * as there may be a million.
 */
export async function* errorCsv(
  rejected: Rows,
  kind: Kind,
  columns: readonly Column[] | null,
  lang: Lang,
): AsyncGenerator<string> {
  const { titles, keys, cellsOf } = await layOut(rejected, kind, columns, lang)
  yield `\ufeff${csvLine([...titles, REASON[lang]])}\r\n`
  for await (const row of rejected())
    yield `${csvLine([...cellsOf(row), reasonOf(row, titles, keys, lang)])}\r\n`
}

/** The same as a workbook, with the faulty cells coloured and their reasons in notes. */
export async function errorWorkbook(
  rejected: readonly RejectedRow[],
  kind: Kind,
  columns: readonly Column[] | null,
  lang: Lang,
  leftOut: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { titles, keys, cellsOf } = await layOut(() => rejected, kind, columns, lang)
  const heads = [...titles, REASON[lang]]
  const cells: NonNullable<WriteSheet['cells']> = new Map()
  heads.forEach((value, i) => {
    cells.set(`0,${i}`, { value, type: 'string', style: HEADER_STYLE })
  })
  rejected.forEach((row, i) => {
    const own = cellsOf(row)
    heads.forEach((_, column) => {
      const key = keys[column]
      const faults = row.faults.filter(({ path }) => path === key || path.split('.')[0] === key)
      const value = column === titles.length ? reasonOf(row, titles, keys, lang) : textOf(own[column])
      const text = faults.map((fault) => faultMessage(fault, lang)).join('\n')
      cells.set(`${i + 1},${column}`, {
        value,
        type: 'string',
        style: text ? FAULT_STYLE : TEXT_STYLE,
        ...(text ? { comment: { text } } : {}),
      })
    })
  })
  const sheets: WriteSheet[] = [
    {
      name: SHEET[lang],
      columns: heads.map((title) => ({ width: Math.max(12, title.length * 2 + 4), style: TEXT_STYLE })),
      rows: [heads, ...rejected.map(() => heads.map(() => null))],
      cells,
      freezePane: { rows: 1 },
    },
  ]
  if (leftOut > 0) sheets.push({ name: MORE[lang].sheet, rows: [[MORE[lang].text(leftOut)]] })
  return new Uint8Array((await writeXlsx({ sheets })) as Uint8Array<ArrayBuffer>)
}

/**
 * Columns as the sender had them and, where rows came as JSON, the fields they name, as many as a sheet that is sent back may have.
 * Goes through the rows once.
 */
async function layOut(
  rejected: Rows,
  kind: Kind,
  columns: readonly Column[] | null,
  lang: Lang,
): Promise<Sheet> {
  const metas = new Map(fieldsOf(kind).map((field) => [field.key, field.meta]))
  const isAgain = ({ field, how }: Column, at: number) =>
    how === 'joined' && columns?.[at - 1]?.field === field
  const kept = columns?.filter((column, at) => column.how !== 'ignored' && !isAgain(column, at)) ?? []
  // What several columns had between them comes back in one.
  const titleOf = ({ title, field, how }: Column) =>
    (how === 'joined' && field !== null && metas.get(field)?.[lang]) || title
  const keyOf = (column: Column) => column.field ?? column.title
  const named = new Set(kept.map(keyOf))
  const extra = new Set<string>()
  let isBare = false
  for await (const { value } of rejected()) {
    if (!isObject(value)) isBare = true
    else
      for (const key in value)
        if (!named.has(key) && kept.length + extra.size < COLUMNS_MAX - 1) extra.add(key)
  }
  const keys = [...kept.map(keyOf), ...extra]
  if (keys.length === 0 && isBare) keys.push('row')
  return {
    titles: [...kept.map(titleOf), ...keys.slice(kept.length)],
    keys,
    cellsOf: ({ value }) =>
      isObject(value)
        ? keys.map((key) => written(value[key], columns ? metas.get(key) : undefined, lang))
        : Array.isArray(value) && columns
          ? columns.flatMap((column, i) => (column.how === 'ignored' ? [] : [value[i]]))
          : [value],
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function reasonOf(row: RejectedRow, titles: readonly string[], keys: readonly string[], lang: Lang): string {
  return row.faults
    .map((fault) => {
      const [head = '', ...rest] = fault.path.split('.')
      const title = titles[keys.indexOf(head)] ?? head
      const path = [title, ...rest].join('.')
      return path ? `${path}: ${faultMessage(fault, lang)}` : faultMessage(fault, lang)
    })
    .join('; ')
}

const REASON = { zh: '原因', en: 'reason' } as const
const SHEET = { zh: '待更正', en: 'To correct' } as const
const MORE = {
  zh: { sheet: '未列出', text: (rows: number) => `另有 ${rows} 行未列出，请下载 CSV 格式的错误表。` },
  en: {
    sheet: 'Left out',
    text: (rows: number) => `${rows} more rows are not shown here; the CSV has them all.`,
  },
} as const
