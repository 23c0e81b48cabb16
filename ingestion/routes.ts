import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import { describeEach, describeRoute } from '#domain/operation.ts'
import { KINDS, Kind } from '#domain/signal.ts'
import { langFrom } from '#domain/text.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Postgres } from '#sql/postgres.ts'
import type { Batches } from './batches.ts'
import type { Buffer } from './buffer.ts'
import type { ColumnMemory } from './column-memory.ts'
import type { Committers } from './commit.ts'
import { signalSchema, signalTemplate } from './contract.ts'
import { type Mapping, withMapping } from './formats/columns.ts'
import {
  BATCH_OPERATION,
  COLUMNS_OPERATION,
  ERROR_SHEET_OPERATION,
  ERROR_WORKBOOK_OPERATION,
  ERRORS_OPERATION,
  PREVIEW_OPERATION,
  REMEMBER_COLUMNS_OPERATION,
  SCHEMA_OPERATION,
  sendOperation,
  TEMPLATE_OPERATION,
  TEMPLATE_WORKBOOK_OPERATION,
} from './operations.ts'
import { previewSignals } from './preview.ts'
import type { Quarantine } from './quarantine.ts'
import type { Keys } from './secret.ts'
import { errorsOf, SendOptions, takeSignals } from './send.ts'
import { errorCsv, errorWorkbook, WORKBOOK_ROWS_MAX } from './sheets/errors.ts'
import { templateWorkbook } from './sheets/template.ts'
import type { Source, Sources } from './sources.ts'
import type { Uploads } from './uploads.ts'
import type { WhoDeps } from './who.ts'

export type IngestionDeps = {
  sources: Sources
  batches: Batches
  columns: ColumnMemory
  uploads: Uploads
  committers: Committers
  buffers: { [K in Kind]: Buffer<K> }
  keys: Keys
  /** @throws AppError `store_away` when there is no room for more. */
  rejectWhenFull: () => Promise<void>
  /** Something that counts has changed: the bell for those who judge it. */
  committed: () => void
  /** The administrator of a session. @throws AppError `unauthenticated`, `forbidden`. */
  administrator: WhoDeps['administrator']
  audited: WhoDeps['audited']
  postgres: Postgres
  quarantine: Quarantine
  /** Counts rows by what became of them, for `/metrics`. */
  counted: (kind: Kind, outcome: 'accepted' | 'unchanged' | 'rejected', rows: number) => void
}

type Env = { Bindings: HttpBindings }

/** `POST /signals/{kind}` and what senders look up around it. Errors are AppError; `api/app.ts` turns them into HTTP. */
export function signalRoutes(deps: IngestionDeps) {
  return new Hono<Env>()
    .get('/signals/:kind/schema', describeRoute(SCHEMA_OPERATION), (c) =>
      c.json(signalSchema(kindFor(c.req.param('kind')))),
    )
    .get('/signals/:kind/template.csv', describeRoute(TEMPLATE_OPERATION), (c) =>
      c.body(signalTemplate(kindFor(c.req.param('kind'))), 200, {
        'content-type': 'text/csv; charset=utf-8',
      }),
    )
    .get('/signals/:kind/template.xlsx', describeRoute(TEMPLATE_WORKBOOK_OPERATION), async (c) => {
      const kind = kindFor(c.req.param('kind'))
      return c.body(await templateWorkbook(kind, langFrom(c.req.header('accept-language'))), 200, {
        'content-type': XLSX,
        'content-disposition': `attachment; filename="${kind}.xlsx"`,
      })
    })
    .get('/signals/:kind/columns', describeRoute(COLUMNS_OPERATION), async (c) => {
      const { kind, source } = await senderOf(deps, c)
      return c.json({ remembered: await deps.columns.list(source.id, kind) })
    })
    .put('/signals/:kind/columns', describeRoute(REMEMBER_COLUMNS_OPERATION), async (c) => {
      const { kind, source } = await senderOf(deps, c)
      const body = RememberColumns.safeParse(await c.req.json().catch(() => null))
      if (!body.success)
        throw new AppError(
          'bad_request',
          'send {"titles": [the titles of the header in order], "columns": {"title": "field" or null}}',
        )
      const { titles, columns } = body.data
      const read = withMapping(kind, titles, columns, 'given')
      await deps.columns.put(source.id, kind, titles, columns)
      return c.json({ columns: read })
    })
    .post('/signals/:kind/preview', describeRoute(PREVIEW_OPERATION), async (c) => {
      const { kind, source } = await senderOf(deps, c)
      return c.json(
        await previewSignals(deps, {
          kind,
          source,
          sheet: c.req.query('sheet') ?? null,
          columns: columnsOf(c),
          lang: langFrom(c.req.header('accept-language')),
          body: { header: (name) => c.req.header(name), stream: c.env.incoming },
        }),
      )
    })
    .post('/signals/:kind', describeEach('kind', KINDS, sendOperation), async (c) => {
      const { kind, source } = await senderOf(deps, c)
      const options = SendOptions.safeParse(c.req.query())
      if (!options.success)
        throw new AppError('bad_request', 'mode is commit or validate; atomic is row or all')
      const key = c.req.header('idempotency-key') ?? null
      if (key !== null && (key.length === 0 || key.length > 255))
        throw new AppError('bad_request', 'Idempotency-Key has 1 to 255 characters')
      const { status, answer } = await takeSignals(deps, {
        kind,
        source,
        options: options.data,
        columns: columnsOf(c),
        key,
        isAsync: prefersAsync(c.req.header('prefer')),
        lang: langFrom(c.req.header('accept-language')),
        body: { header: (name) => c.req.header(name), stream: c.env.incoming },
      })
      if (status === 202) {
        c.header('location', `/v1/batches/${String(answer.batch)}`)
        c.header('preference-applied', 'respond-async')
      }
      return c.json(answer, status as 200, {
        'content-type': status === 422 ? 'application/problem+json' : 'application/json',
      })
    })
    .get('/batches/:batch', describeRoute(BATCH_OPERATION), async (c) => {
      const { columns: _columns, ...batch } = await findBatch(deps, c)
      return c.json({
        ...batch,
        receivedAt: toShanghaiIso(batch.receivedAt.getTime()),
        startedAt: batch.startedAt && toShanghaiIso(batch.startedAt.getTime()),
        finishedAt: batch.finishedAt && toShanghaiIso(batch.finishedAt.getTime()),
      })
    })
    .get('/batches/:batch/errors.json', describeRoute(ERRORS_OPERATION), async (c) => {
      const { batch } = await findBatch(deps, c)
      const lang = langFrom(c.req.header('accept-language'))
      const rows = await deps.batches.allRejected(batch)
      return c.json({
        batch,
        rows: rows.map((row) => ({ row: row.row, value: row.value, errors: errorsOf([row], lang) })),
      })
    })
    .get('/batches/:batch/errors.csv', describeRoute(ERROR_SHEET_OPERATION), async (c) => {
      const { batch, kind, columns } = await findBatch(deps, c)
      const rows = await deps.batches.allRejected(batch)
      return c.body(errorCsv(rows, kind, columns, langFrom(c.req.header('accept-language'))), 200, {
        'content-type': 'text/csv; charset=utf-8',
      })
    })
    .get('/batches/:batch/errors.xlsx', describeRoute(ERROR_WORKBOOK_OPERATION), async (c) => {
      const { batch, kind, columns, rejected } = await findBatch(deps, c)
      const rows = await deps.batches.allRejected(batch, WORKBOOK_ROWS_MAX)
      const lang = langFrom(c.req.header('accept-language'))
      const sheet = await errorWorkbook(rows, kind, columns, lang, Math.max(0, rejected - rows.length))
      return c.body(sheet, 200, {
        'content-type': XLSX,
        'content-disposition': `attachment; filename="${batch}-errors.xlsx"`,
      })
    })
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** The kind of the address and the source of the key, which may send it. @throws AppError. */
async function senderOf(deps: IngestionDeps, c: Context<Env>): Promise<{ kind: Kind; source: Source }> {
  const kind = kindFor(c.req.param('kind') ?? '')
  const source = await deps.sources.authenticate(c.req.header('authorization'))
  if (!source.kinds.includes(kind))
    throw new AppError(
      'forbidden',
      `this source may not send ${kind}; it may send ${source.kinds.join(', ')}`,
    )
  return { kind, source }
}

/** RFC 7240: preferences are separated by commas, over several headers, which Node joins. */
function prefersAsync(prefer: string | undefined): boolean {
  return (prefer ?? '').split(',').some((one) => /^\s*respond-async\s*(;|$)/i.test(one))
}

const Columns = z.record(z.string().max(200), z.string().max(50).nullable())
const RememberColumns = z.strictObject({
  titles: z.array(z.string().max(200)).min(1).max(500),
  columns: Columns,
})

/**
 * The header `Xiangrong-Columns`: `{title: field | null}` as JSON, percent-encoded as headers hold no Chinese. A header
 * and not the address, which servers on the way write down. @throws AppError `bad_request`.
 */
function columnsOf(c: Context<Env>): Mapping | null {
  const header = c.req.header('xiangrong-columns')
  if (header === undefined) return null
  try {
    return Columns.parse(JSON.parse(decodeURIComponent(header)))
  } catch {
    throw new AppError(
      'bad_request',
      'Xiangrong-Columns is JSON like {"title":"field","other title":null}, percent-encoded',
    )
  }
}

function kindFor(param: string): Kind {
  const kind = Kind.safeParse(param)
  if (!kind.success)
    throw new AppError(
      'not_found',
      `there is no kind ${param.slice(0, 30)}; the kinds are ${KINDS.join(', ')}`,
    )
  return kind.data
}

async function findBatch(deps: IngestionDeps, c: Context<Env>) {
  const source = await deps.sources.authenticate(c.req.header('authorization'))
  const batch = await deps.batches.find(c.req.param('batch') ?? '', source.id)
  if (!batch) throw new AppError('not_found', 'this source has no such batch')
  return batch
}
