import { randomUUID } from 'node:crypto'
import { faultMessage } from '#domain/reason.ts'
import { fieldsOf, type Kind } from '#domain/signal.ts'
import type { Source } from '#domain/source.ts'
import type { Lang } from '#domain/text.ts'
import { acceptRows, withRefused } from './accept.ts'
import { type Body, type Received, receiveBody } from './formats/body.ts'
import { readAs } from './formats/cell.ts'
import { type Column, type Mapping, proposeColumns } from './formats/columns.ts'
import { NOTHING_LEFT_OUT } from './formats/left-out.ts'
import type { RawRow } from './formats/raw-row.ts'
import { openRows } from './formats/rows.ts'
import type { FileOwner } from './kept-files.ts'
import { holdBody } from './memory-room.ts'
import type { IngestionDeps } from './routes.ts'
import { rowJson } from './row-json.ts'

const ROWS_SHOWN = 20

/** What is to be looked at before it is sent. */
type Preview = {
  kind: Kind
  source: Source
  sheet: string | null
  leavesHidden: boolean
  columns: Mapping | null
  lang: Lang
  owner: FileOwner
  /** A file that came with a preview before, in place of `body`. */
  file: string | null
  body: Body
}

/**
 * How a body would be read: its sheets, the field of each column, and its first rows with their faults. The values go
 * back to who sent them and nowhere else; the body is kept for a while, so that it need not come again. Nothing else is
 * stored, and nothing committed. @throws AppError of the body, or `gone`.
 */
export async function previewSignals(deps: IngestionDeps, asked: Preview) {
  const { file, owner, body } = asked
  if (file !== null)
    return await deps.keptFiles.lend(file, owner, async (kept) => ({
      ...(await previewOf(deps, asked, kept.body)),
      file,
    }))
  await deps.rejectWhenFull()
  const name = `preview_${randomUUID()}`
  const held = holdBody()
  let isKept = false
  try {
    const place = deps.uploads.placeFor(name)
    const received = await receiveBody(body, { ...place, rejectWhenFull: deps.rejectWhenFull, held }, false)
    const preview = await previewOf(deps, asked, received)
    const token = await deps.keptFiles.keep(place, received, body.header('content-type') ?? '', owner)
    isKept = token !== null
    return { ...preview, file: token }
  } finally {
    held.release()
    if (!isKept) await deps.uploads.discard(name)
  }
}

async function previewOf(
  deps: IngestionDeps,
  { kind, source, sheet, leavesHidden, columns, lang }: Preview,
  received: Received,
) {
  const remembered = await deps.columns.mappings(source.id, kind)
  const options = { kind, sheet, leavesHidden, given: columns, remembered, isPreview: true }
  const reading = await openRows(received, options)
  try {
    const rows: RawRow[] = []
    for await (const chunk of reading.chunks) {
      rows.push(...chunk.slice(0, ROWS_SHOWN - rows.length))
      if (rows.length >= ROWS_SHOWN) break
    }
    const shown = reading.table?.columns ?? columnsOfFields(kind, rows)
    const sender = { source: source.id, batch: '', keys: deps.keys, sealer: null }
    const { drafts, rejected: unfit } = acceptRows(kind, rows, source, sender)
    const refused = await deps.committers[kind].refusedOf(drafts as never)
    const rejected = withRefused({ rows, table: null }, unfit, refused)
    const faults = new Map(rejected.map((row) => [row.row, row.faults]))
    return {
      sheets: reading.sheets,
      headerRow: reading.table?.headerRow ?? null,
      columns: shown,
      leftOut: reading.table?.leftOut ?? NOTHING_LEFT_OUT,
      hiddenRows: reading.hiddenRows,
      rows: rows.map((row) => ({
        row: row.row,
        read: readOtherwise(kind, shown, row, lang),
        values:
          row.cells ?? shown.map((column) => textOf((row.value as Record<string, unknown>)?.[column.title])),
        faults: (faults.get(row.row) ?? []).map((fault) => ({
          path: fault.path,
          code: fault.code,
          message: faultMessage(fault, lang),
        })),
      })),
    }
  } finally {
    await reading.close()
  }
}

/** The cells of a row, by the place of their column, that were read as something else than they say. */
function readOtherwise(kind: Kind, columns: readonly Column[], { value, cells }: RawRow, lang: Lang) {
  const metas = new Map(fieldsOf(kind).map(({ key, meta }) => [key, meta]))
  return columns.flatMap(({ field, how }, column) => {
    const meta = field === null ? undefined : metas.get(field)
    const text = cells?.[column]
    if (field === null || !meta || !text) return []
    const own = (value as Record<string, unknown> | null)?.[field]
    const isLast = how === 'joined' && columns[column + 1]?.field !== field
    const read = isLast && typeof own === 'string' ? own : readAs(text, own, meta, lang)
    return read === null ? [] : { column, value: read }
  })
}

/** The fields of rows that came as JSON, as columns. */
function columnsOfFields(kind: Kind, rows: readonly RawRow[]): Column[] {
  const keys = rows.flatMap(({ value }) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [],
  )
  return proposeColumns(kind, [...new Set(keys)])
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : rowJson(value)
}
