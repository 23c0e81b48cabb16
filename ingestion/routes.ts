import { createHash, randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { z } from 'zod'
import { csvLine } from '#domain/csv.ts'
import { AppError } from '#domain/error.ts'
import { describeEach, describeRoute } from '#domain/operation.ts'
import { faultMessage } from '#domain/reason.ts'
import { KINDS, Kind } from '#domain/signal.ts'
import { type Lang, langFrom } from '#domain/text.ts'
import { acceptRows, type RejectedRow } from './accept.ts'
import type { Batch, Batches } from './batches.ts'
import type { Buffer } from './buffer.ts'
import type { Committers } from './commit.ts'
import { signalSchema, signalTemplate } from './contract.ts'
import { readRows } from './formats/body.ts'
import type { Draft } from './observation.ts'
import {
  BATCH_OPERATION,
  ERROR_SHEET_OPERATION,
  ERRORS_OPERATION,
  Options,
  SCHEMA_OPERATION,
  sendOperation,
  TEMPLATE_OPERATION,
} from './operations.ts'
import type { Keys } from './secret.ts'
import type { Source, Sources } from './sources.ts'

export type IngestionDeps = {
  sources: Sources
  batches: Batches
  committers: Committers
  buffers: { [K in Kind]: Buffer<K> }
  keys: Keys
  /** @throws AppError `store_away` when there is no room for more. */
  rejectWhenFull: () => Promise<void>
  /** Counts rows by what became of them, for `/metrics`. */
  counted: (kind: Kind, outcome: 'accepted' | 'unchanged' | 'rejected', rows: number) => void
}

/** Rows an answer names; all of them are kept with the batch. */
const ERRORS_SHOWN = 100

/** `POST /signals/{kind}` and what senders look up around it. Errors are AppError; `api/app.ts` turns them into HTTP. */
export function signalRoutes(deps: IngestionDeps) {
  return new Hono<{ Bindings: HttpBindings }>()
    .get('/signals/:kind/schema', describeRoute(SCHEMA_OPERATION), (c) =>
      c.json(signalSchema(kindFor(c.req.param('kind')))),
    )
    .get('/signals/:kind/template.csv', describeRoute(TEMPLATE_OPERATION), (c) =>
      c.body(signalTemplate(kindFor(c.req.param('kind'))), 200, {
        'content-type': 'text/csv; charset=utf-8',
      }),
    )
    .post('/signals/:kind', describeEach('kind', KINDS, sendOperation), async (c) => {
      const kind = kindFor(c.req.param('kind'))
      const source = await deps.sources.authenticate(c.req.header('authorization'))
      if (!source.kinds.includes(kind))
        throw new AppError(
          'forbidden',
          `this source may not send ${kind}; it may send ${source.kinds.join(', ')}`,
        )
      const options = Options.safeParse(c.req.query())
      if (!options.success)
        throw new AppError('bad_request', 'mode is commit or validate; atomic is row or all')
      const key = c.req.header('idempotency-key') ?? null
      if (key !== null && (key.length === 0 || key.length > 255))
        throw new AppError('bad_request', 'Idempotency-Key has 1 to 255 characters')
      await deps.rejectWhenFull()
      const { rows, bytes } = await readRows(
        { header: (name) => c.req.header(name), stream: c.env.incoming },
        kind,
      )
      const bodyHash =
        key === null
          ? ''
          : createHash('sha256')
              .update(`${kind} ${options.data.mode} ${options.data.atomic} `)
              .update(bytes)
              .digest('hex')
      if (key !== null) {
        const kept = await deps.batches.keptAnswer(source.id, key)
        if (kept && kept.bodyHash !== bodyHash)
          throw new AppError('conflict', 'this Idempotency-Key was used with another body; use a new one')
        if (kept) return c.json(kept.answer, kept.status as 200, contentType(kept.status))
      }
      if (rows.length === 0)
        throw new AppError('bad_request', 'the body holds no row; send at least one signal')
      const lang = langFrom(c.req.header('accept-language'))
      const { status, answer, batch, rejected } = await take(deps, kind, rows, source, options.data, lang)
      await deps.batches.put(batch, rejected, key === null ? null : { key, bodyHash, status, answer })
      return c.json(answer, status, contentType(status))
    })
    .get('/batches/:batch', describeRoute(BATCH_OPERATION), async (c) =>
      c.json(await findBatch(deps, c.req.param('batch'), c.req.header('authorization'))),
    )
    .get('/batches/:batch/errors.json', describeRoute(ERRORS_OPERATION), async (c) => {
      const batch = await findBatch(deps, c.req.param('batch'), c.req.header('authorization'))
      const lang = langFrom(c.req.header('accept-language'))
      const rows = await deps.batches.rejected(batch.batch)
      return c.json({
        batch: batch.batch,
        rows: rows.map((row) => ({ row: row.row, value: row.value, errors: errorsOf([row], lang) })),
      })
    })
    .get('/batches/:batch/errors.csv', describeRoute(ERROR_SHEET_OPERATION), async (c) => {
      const batch = await findBatch(deps, c.req.param('batch'), c.req.header('authorization'))
      const rows = await deps.batches.rejected(batch.batch)
      return c.body(errorSheet(rows, langFrom(c.req.header('accept-language'))), 200, {
        'content-type': 'text/csv; charset=utf-8',
      })
    })
}

async function take<K extends Kind>(
  deps: IngestionDeps,
  kind: K,
  rows: Parameters<typeof acceptRows>[1],
  source: Source,
  options: z.infer<typeof Options>,
  lang: Lang,
) {
  const id = `bat_${randomUUID().replaceAll('-', '')}`
  const { drafts, rejected } = acceptRows(kind, rows, source, {
    source: source.id,
    batch: id,
    keys: deps.keys,
  })
  if (
    drafts.length === 0 &&
    rejected.every((row) => row.faults.every((fault) => fault.code === 'region_forbidden'))
  )
    throw new AppError('forbidden', `none of these rows lies in the region of this source (${source.region})`)
  const isRefused = drafts.length === 0 || (options.atomic === 'all' && rejected.length > 0)
  const verdict = isRefused
    ? { accepted: 0, unchanged: 0 }
    : options.mode === 'validate'
      ? await deps.committers[kind].judge(drafts as Draft<never>[])
      : await deps.buffers[kind].add(drafts as Draft<never>[])
  const counts = { received: rows.length, ...verdict, rejected: rejected.length }
  if (options.mode === 'commit')
    for (const outcome of ['accepted', 'unchanged', 'rejected'] as const)
      deps.counted(kind, outcome, counts[outcome])
  const errors = errorsOf(rejected.slice(0, ERRORS_SHOWN), lang).slice(0, ERRORS_SHOWN)
  const batch: Batch = { batch: id, source: source.id, kind, mode: options.mode, ...counts }
  const answer = { batch: id, ...counts, errors }
  if (!isRefused) return { status: 200 as const, answer, batch, rejected }
  const detail =
    drafts.length === 0
      ? 'no row could be accepted; see errors'
      : 'atomic=all and some rows were rejected, so none was taken; see errors'
  return {
    status: 422 as const,
    answer: {
      type: 'about:blank',
      title: 'Unprocessable Content',
      status: 422,
      code: 'unprocessable',
      detail,
      ...answer,
    },
    batch,
    rejected,
  }
}

const contentType = (status: number) => ({
  'content-type': status === 200 ? 'application/json' : 'application/problem+json',
})

function kindFor(param: string): Kind {
  const kind = Kind.safeParse(param)
  if (!kind.success)
    throw new AppError(
      'not_found',
      `there is no kind ${param.slice(0, 30)}; the kinds are ${KINDS.join(', ')}`,
    )
  return kind.data
}

function errorsOf(rejected: readonly RejectedRow[], lang: Lang) {
  return rejected.flatMap(({ row, faults }) =>
    faults.map((fault) => ({ row, path: fault.path, code: fault.code, message: faultMessage(fault, lang) })),
  )
}

async function findBatch(deps: IngestionDeps, id: string, authorization: string | undefined) {
  const source = await deps.sources.authenticate(authorization)
  const batch = await deps.batches.find(id, source.id)
  if (!batch) throw new AppError('not_found', 'this source has no such batch')
  return batch
}

/** The sender's rows with the reasons in a last column, ready to correct and send again. */
function errorSheet(rejected: readonly RejectedRow[], lang: Lang): string {
  const values = rejected.map(({ value }) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : { row: value },
  )
  const columns = [...new Set(values.flatMap((value) => Object.keys(value)))]
  const reasons = rejected.map(({ faults }) =>
    faults.map((fault) => `${fault.path}: ${faultMessage(fault, lang)}`).join('; '),
  )
  const lines = values.map((value, i) => csvLine([...columns.map((column) => value[column]), reasons[i]]))
  return `\ufeff${[csvLine([...columns, lang === 'zh' ? '原因' : 'reason']), ...lines].join('\r\n')}\r\n`
}
