import { type Context, Hono } from 'hono'
import { AppError } from '#domain/error.ts'
import { describeRoute, type Operation } from '#domain/operation.ts'
import { type Lang, langFrom } from '#domain/text.ts'
import type { RejectedRow } from './accept.ts'
import {
  askedByPerson,
  ERROR_SHEET_OPERATION,
  ERROR_WORKBOOK_OPERATION,
  ERRORS_OPERATION,
  WhyBody,
} from './batch-operations.ts'
import { type KnownBatch, rejectPastTrial } from './batches.ts'
import { langOf } from './lang-of.ts'
import { XLSX } from './operations.ts'
import { readJson } from './read-json.ts'
import type { IngestionDeps } from './routes.ts'
import { errorsOf } from './send.ts'
import type { Env } from './senders.ts'
import { errorCsv, errorWorkbook, WORKBOOK_ROWS_MAX } from './sheets/errors.ts'
import { batchFor, personFor, sourceByKey } from './who.ts'

type Form = {
  form: string
  operation: Operation
  answer: (deps: IngestionDeps, c: Context<Env>, batch: KnownBatch) => Promise<Response>
}

const FORMS: readonly Form[] = [
  {
    form: 'json',
    operation: ERRORS_OPERATION,
    async answer({ batches }, c, { batch }) {
      const lang = langFrom(c.req.header('accept-language'))
      return c.body(await streamed(c, errorJson(batch, batches.rejected(batch), lang)), 200, {
        'content-type': 'application/json',
      })
    },
  },
  {
    form: 'csv',
    operation: ERROR_SHEET_OPERATION,
    async answer({ batches }, c, { batch, kind, columns }) {
      const rows = () => batches.rejected(batch)
      return c.body(await streamed(c, errorCsv(rows, kind, columns, langOf(c))), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${batch}-errors.csv"`,
      })
    },
  },
  {
    form: 'xlsx',
    operation: ERROR_WORKBOOK_OPERATION,
    async answer({ batches }, c, { batch, kind, columns, rejected }) {
      const rows = await batches.firstRejected(batch, WORKBOOK_ROWS_MAX)
      const sheet = await errorWorkbook(rows, kind, columns, langOf(c), Math.max(0, rejected - rows.length))
      return c.body(sheet, 200, {
        'content-type': XLSX,
        'content-disposition': `attachment; filename="${batch}-errors.xlsx"`,
      })
    },
  },
]

/**
 * The rejected rows of a batch in clear, to correct and send again. A source gets back by its key what it sent; a person asks
 * by POST and says why, which the audit log has before the rows leave.
 */
export function errorRoutes(deps: IngestionDeps) {
  const app = new Hono<Env>()
  const idOf = (c: Context<Env>) => c.req.param('batch') ?? ''
  for (const { form, operation, answer } of FORMS) {
    const path = `/batches/:batch/errors.${form}`
    app.get(path, describeRoute(operation), async (c) => {
      if (c.req.header('authorization') === undefined)
        throw new AppError(
          'unauthenticated',
          'send the key of the source as "Authorization: Bearer <key>"; a person asks by POST and gives a reason',
        )
      const source = await sourceByKey(deps.sources, c)
      const batch = await batchFor(deps, { kind: 'source', name: source.id, source }, idOf(c))
      rejectPastTrial(batch, Date.now())
      return await answer(deps, c, batch)
    })
    app.post(path, describeRoute(askedByPerson(operation)), async (c) => {
      const who = await personFor(deps, c.req.raw.headers, 'quarantine.manage')
      const batch = await batchFor(deps, who, idOf(c))
      rejectPastTrial(batch, Date.now())
      const { reason } = await readJson(c, WhyBody)
      c.set('reason', reason)
      c.header('cache-control', 'no-store')
      return await answer(deps, c, batch)
    })
  }
  return app
}

async function* errorJson(
  batch: string,
  rejected: AsyncIterable<RejectedRow>,
  lang: Lang,
): AsyncGenerator<string> {
  yield `{"batch":${JSON.stringify(batch)},"rows":[`
  let comma = ''
  for await (const row of rejected) {
    yield `${comma}${JSON.stringify({ row: row.row, value: row.value, errors: errorsOf([row], lang) })}`
    comma = ','
  }
  yield ']}'
}

const PART_CHARACTERS = 64 * 1024

/**
 * Texts as a body that is made while it is sent. What fails before its first part fails the request; later the connection is cut,
 * so that what came does not look whole: left to itself, the server would end the answer in order.
 */
async function streamed(c: Context<Env>, texts: AsyncGenerator<string>): Promise<ReadableStream<Uint8Array>> {
  const parts = inParts(texts)
  let next = await parts.next()
  return new ReadableStream(
    {
      async pull(controller) {
        if (next.done) return controller.close()
        controller.enqueue(ENCODER.encode(next.value))
        next = await parts.next().catch((error) => {
          c.env.outgoing.destroy()
          throw error
        })
      },
      cancel: async () => void (await parts.return(undefined)),
    },
    { highWaterMark: 0 },
  )
}

async function* inParts(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let part = ''
  for await (const text of texts) {
    part += text
    if (part.length < PART_CHARACTERS) continue
    yield part
    part = ''
  }
  yield part
}

const ENCODER = new TextEncoder()
