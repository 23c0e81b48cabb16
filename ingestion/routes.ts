import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import { describeEach, describeRoute, type Operation } from '#domain/operation.ts'
import { maskTitle } from '#domain/person.ts'
import { KINDS, type Kind } from '#domain/signal.ts'
import { langFrom, storableText } from '#domain/text.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Postgres } from '#sql/postgres.ts'
import type { AcceptPool } from './accept-pool.ts'
import { BATCH_OPERATION, BATCHES_OPERATION, BatchPage } from './batch-operations.ts'
import type { Batches, KnownBatch } from './batches.ts'
import type { Buffer as CommitBuffer } from './buffer.ts'
import type { ColumnMemory } from './column-memory.ts'
import type { Committers } from './commit.ts'
import { signalSchema, signalTemplate } from './contract.ts'
import { errorRoutes } from './error-routes.ts'
import type { Body } from './formats/body.ts'
import { type Mapping, withMapping } from './formats/columns.ts'
import type { KeptFiles } from './kept-files.ts'
import { langOf } from './lang-of.ts'
import {
  COLUMNS_OPERATION,
  inNameOfSource,
  PREVIEW_OPERATION,
  REMEMBER_COLUMNS_OPERATION,
  SCHEMA_OPERATION,
  sendOperation,
  TEMPLATE_OPERATION,
  TEMPLATE_WORKBOOK_OPERATION,
  XLSX,
} from './operations.ts'
import { previewSignals } from './preview.ts'
import type { Quarantine } from './quarantine.ts'
import type { Keys } from './secret.ts'
import { SendOptions, takeSignals } from './send.ts'
import {
  type Env,
  type FindSender,
  findBatch,
  kindFor,
  senderByAddress,
  senderByKey,
  sourceOfAddress,
} from './senders.ts'
import { templateWorkbook } from './sheets/template.ts'
import type { Sources } from './sources.ts'
import type { Uploads } from './uploads.ts'
import type { WhoDeps } from './who.ts'

export type IngestionDeps = {
  sources: Sources
  batches: Batches
  columns: ColumnMemory
  uploads: Uploads
  keptFiles: KeptFiles
  committers: Committers
  buffers: { [K in Kind]: CommitBuffer<K> }
  keys: Keys
  acceptPool: AcceptPool
  keyVersion: () => number
  /** @throws AppError `store_away` when there is no room for more. */
  rejectWhenFull: () => Promise<void>
  /** Something that counts has changed: the bell for those who judge it. */
  committed: (kind: Kind) => void
  allow: WhoDeps['allow']
  audited: WhoDeps['audited']
  postgres: Postgres
  quarantine: Quarantine
  /** Counts rows by what became of them, for `/metrics`. */
  counted: (kind: Kind, outcome: 'accepted' | 'unchanged' | 'rejected', rows: number) => void
}

/** `POST /signals/{kind}` and what senders look up around it. Errors are AppError; `api/app.ts` turns them into HTTP. */
export function signalRoutes(deps: IngestionDeps) {
  return new Hono<Env>()
    .route(
      '/signals/:kind',
      sendingRoutes(deps, senderByKey, (operation) => operation),
    )
    .route('/sources/:source/signals/:kind', sendingRoutes(deps, senderByAddress, inNameOfSource))
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
      return c.body(await templateWorkbook(kind, langOf(c)), 200, {
        'content-type': XLSX,
        'content-disposition': `attachment; filename="${kind}.xlsx"`,
      })
    })
    .get('/sources/:source/batches', describeRoute(BATCHES_OPERATION), async (c) => {
      const source = await sourceOfAddress(deps, c)
      const page = BatchPage.safeParse(c.req.query())
      if (!page.success)
        throw new AppError('bad_request', 'limit is 1 to 200; before is the id of a batch of this source')
      const batches = await deps.batches.list(source.id, page.data.limit, page.data.before ?? null)
      if (!batches) throw new AppError('bad_request', 'before: this source has no such batch')
      return c.json({ batches: batches.map(shownBatch) })
    })
    .get('/batches/:batch', describeRoute(BATCH_OPERATION), async (c) =>
      c.json(shownBatch(await findBatch(deps, c, 'sources.read'))),
    )
    .route('/', errorRoutes(deps))
}

/** Sending, and what is looked at before: once for who has a key, once in the name of a source. */
function sendingRoutes(
  deps: IngestionDeps,
  findSender: FindSender,
  told: (operation: Operation) => Operation,
) {
  return new Hono<Env>()
    .get('/columns', describeRoute(told(COLUMNS_OPERATION)), async (c) => {
      const { kind, source } = await findSender(deps, c)
      return c.json({ remembered: await deps.columns.list(source.id, kind) })
    })
    .put('/columns', describeRoute(told(REMEMBER_COLUMNS_OPERATION)), async (c) => {
      const { kind, source } = await findSender(deps, c)
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
    .post('/preview', describeRoute(told(PREVIEW_OPERATION)), async (c) => {
      const { kind, source, owner } = await findSender(deps, c)
      return c.json(
        await previewSignals(deps, {
          kind,
          source,
          owner,
          file: fileOf(c),
          sheet: sheetOf(c, c.req.query('sheet')) ?? null,
          leavesHidden: c.req.query('hiddenRows') === 'leaveOut',
          columns: columnsOf(c),
          lang: langFrom(c.req.header('accept-language')),
          body: bodyOf(c),
        }),
      )
    })
    .post(
      '/',
      describeEach('kind', KINDS, (kind) => told(sendOperation(kind))),
      async (c) => {
        const { kind, source, owner } = await findSender(deps, c)
        const said = sendOptionsOf(c)
        const options = { ...said, sheet: sheetOf(c, said.sheet) }
        const key = c.req.header('idempotency-key') ?? null
        if (key !== null && (key.length === 0 || key.length > 255))
          throw new AppError('bad_request', 'Idempotency-Key has 1 to 255 characters')
        const columns = columnsOf(c)
        const take = (body: Body) =>
          takeSignals(deps, {
            kind,
            source,
            options,
            columns,
            key,
            isAsync: prefersAsync(c.req.header('prefer')),
            lang: langFrom(c.req.header('accept-language')),
            body,
          })
        const file = fileOf(c)
        const { status, answer } =
          file === null ? await take(bodyOf(c)) : await deps.keptFiles.lendBody(file, owner, take)
        // Under a key the same request may come again for the answer, which is looked up by the file: it stays until it expires.
        const isDone = status < 300 && options.mode === 'commit' && key === null
        if (file !== null && isDone) await deps.keptFiles.discard(file)
        if (status === 202) {
          c.header('location', `/v1/batches/${String(answer.batch)}`)
          c.header('preference-applied', 'respond-async')
        }
        const text = JSON.stringify(answer)
        return c.body(text, status as 200, {
          'content-type': status === 422 ? 'application/problem+json' : 'application/json',
          // A short answer whose length is known is not compressed, which would cost more than taking a row.
          'content-length': String(Buffer.byteLength(text)),
        })
      },
    )
}

/** How rows are to be taken. What is said twice or not known is refused: `validate=true` would commit. @throws AppError `bad_request`. */
function sendOptionsOf(c: Context<Env>): SendOptions {
  const said = Object.entries(c.req.queries()).map(([name, values]) => [
    name,
    values.length === 1 ? values[0] : values,
  ])
  const options = SendOptions.safeParse(Object.fromEntries(said))
  if (!options.success)
    throw new AppError(
      'bad_request',
      'in the address stand, once each, mode (commit or validate), atomic (row or all), hiddenRows (read or leaveOut) and sheet (better said in Xiangrong-Sheet), and nothing else',
    )
  return options.data
}

/** A batch as it is looked up: all but the columns, in the time of China. */
function shownBatch({ columns: _columns, keyId: _keyId, ...batch }: KnownBatch) {
  return {
    ...batch,
    receivedAt: toShanghaiIso(batch.receivedAt.getTime()),
    startedAt: batch.startedAt && toShanghaiIso(batch.startedAt.getTime()),
    finishedAt: batch.finishedAt && toShanghaiIso(batch.finishedAt.getTime()),
  }
}

/** RFC 7240: preferences are separated by commas, over several headers, which Node joins. */
function prefersAsync(prefer: string | undefined): boolean {
  return (prefer ?? '').split(',').some((one) => /^\s*respond-async\s*(;|$)/i.test(one))
}

const bodyOf = (c: Context<Env>): Body => ({
  header: (name) => c.req.header(name),
  stream: c.env.incoming,
})

/**
 * The header `Xiangrong-File`: a file that was previewed, in place of a body. A header and not the address, which servers
 * on the way write down. @throws AppError `bad_request` where a body comes as well.
 */
function fileOf(c: Context<Env>): string | null {
  const file = c.req.header('xiangrong-file')
  if (file === undefined) return null
  if (Number(c.req.header('content-length') ?? 0) > 0 || c.req.header('transfer-encoding') !== undefined)
    throw new AppError('bad_request', 'send a body or name a file by Xiangrong-File, not both')
  return file
}

/**
 * The header `Xiangrong-Sheet`: the name of the sheet to read, percent-encoded as headers hold no Chinese. A header and not the
 * address, which servers on the way write down: a sheet may be named after a person. `inAddress` is how it was said at first.
 * @throws AppError `bad_request` for both.
 */
function sheetOf(c: Context<Env>, inAddress: string | undefined): string | undefined {
  const header = c.req.header('xiangrong-sheet')
  if (header === undefined) return inAddress
  try {
    if (inAddress === undefined) return SendOptions.shape.sheet.parse(decodeURIComponent(header))
  } catch {}
  throw new AppError(
    'bad_request',
    'name a sheet by Xiangrong-Sheet, percent-encoded and at most 100 characters, or by sheet in the address, not by both',
  )
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
    const columns = Columns.parse(JSON.parse(decodeURIComponent(header)))
    // As the titles of the file are read; what a large file is to be read by is kept with it.
    return Object.fromEntries(
      Object.entries(columns).map(([title, field]) => [
        maskTitle(storableText(title)),
        field === null ? null : storableText(field),
      ]),
    )
  } catch {
    throw new AppError(
      'bad_request',
      'Xiangrong-Columns is JSON like {"title":"field","other title":null}, percent-encoded',
    )
  }
}
