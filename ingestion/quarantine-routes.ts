import { Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import { describeRoute, json } from '#domain/operation.ts'
import { REASONS, type Reason } from '#domain/reason.ts'
import { holdsRegion, isEverything, type Scope } from '#domain/scope.ts'
import { Kind } from '#domain/signal.ts'
import { langFrom } from '#domain/text.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Batches } from './batches.ts'
import { QUARANTINE_STATES, type Quarantine, type QuarantineFilter, type RowPlace } from './quarantine.ts'
import { readJson, readParams } from './read-json.ts'
import { errorsOf } from './send.ts'
import { isWithinScope, personFor, type Who, type WhoDeps, wholeFor } from './who.ts'
import { REASON } from './withdraw-routes.ts'

export type QuarantineRoutesDeps = WhoDeps & { quarantine: Quarantine; batches: Batches }

/** Rows judged in one request to replay; `next` says where the following one begins. */
const ROWS_PER_REPLAY = 20_000

const Code = z.enum(Object.keys(REASONS) as [Reason, ...Reason[]])
const Place = z.object({
  batch: z.string().max(100),
  row: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
})
const filter = { source: z.string().max(100).optional(), kind: Kind.optional(), code: Code.optional() }
const List = z.object({
  source: filter.source.meta({ zh: '来源', en: 'Source' }),
  kind: filter.kind.meta({ zh: '信号种类', en: 'Kind of signal', example: 'arrears' }),
  code: filter.code.meta({ zh: '原因代码', en: 'Reason' }),
  state: z.enum(QUARANTINE_STATES).optional().meta({ zh: '状态', en: 'State', example: 'waiting' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .meta({ zh: '行数', en: 'Rows', example: 100 }),
  after: z
    .string()
    .regex(/^[^/]{1,100}\/\d{1,9}$/, 'must be batch/row, as next gives it')
    .optional()
    .meta({ zh: '从此行之后继续', en: 'Go on after this row' }),
})
const Row = z.object({
  ...Place.shape,
  source: z.string(),
  kind: Kind,
  receivedAt: z.string(),
  state: z.enum(QUARANTINE_STATES),
  by: z.string().nullable(),
  changedAt: z.string().nullable(),
  reason: z.string().nullable(),
  into: z.string().nullable().meta({ zh: '取代它的批次', en: 'The batch that took its place' }),
  errors: z.array(z.object({ row: z.int(), path: z.string(), code: Code, message: z.string() })),
})
const counts = z.object({ waiting: z.int(), corrected: z.int(), replayed: z.int(), dismissed: z.int() })
const Listed = z
  .object({ counts, rows: z.array(Row), next: z.string().nullable() })
  .meta({ id: 'Quarantine' })
const Correct = z.strictObject({ value: z.unknown() })
const Corrected = z.object({ state: z.literal('corrected'), into: z.string() })
const Refused = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.literal(422),
  code: z.literal('unprocessable'),
  detail: z.string(),
  errors: Row.shape.errors,
})
const REFUSED = {
  type: 'about:blank',
  title: 'Unprocessable Content',
  status: 422,
  code: 'unprocessable',
  detail: 'the row is rejected again; see errors',
} as const
const FAULT = { row: 2, path: 'owed', code: 'negative', message: REASONS.negative.zh }
const Dismiss = z.strictObject({ rows: z.array(Place).min(1).max(10_000), reason: REASON })
const Replay = z.strictObject({ ...filter, after: Place.optional() })
const Replayed = z.object({ judged: z.int(), replayed: z.int(), next: Place.nullable() })
const BATCH = 'bat_0f1e2d3c4b5a69788796a5b4c3d2e1f0'

/** Rejected rows that wait: seen by who may manage them, and by a source its own. What they say is in `errors.json` of the batch. */
export function quarantineRoutes(deps: QuarantineRoutesDeps) {
  return new Hono()
    .get(
      '/quarantine',
      describeRoute({
        chapter: 'signals',
        summary: { zh: '待处理的退回行', en: 'Rejected rows and what became of them' },
        access: 'sourceOrPerson',
        right: 'quarantine.manage',
        query: List,
        answers: {
          200: json(Listed, {
            counts: { waiting: 1, corrected: 0, replayed: 0, dismissed: 0 },
            rows: [],
            next: null,
          }),
        },
      }),
      async (c) => {
        const who = await wholeFor(deps, c, 'quarantine.manage')
        const { after, limit, ...asked } = readParams(c, List)
        const bounded = await boundTo(deps, who, asked)
        const rows = await deps.quarantine.list(bounded, after === undefined ? null : placeOf(after), limit)
        const lang = langFrom(c.req.header('accept-language'))
        const last = rows.length === limit ? rows.at(-1) : undefined
        return c.json({
          counts: await deps.quarantine.counts(bounded),
          rows: rows.map(({ faults, receivedAt, changedAt, ...row }) => ({
            ...row,
            receivedAt: toShanghaiIso(receivedAt.getTime()),
            changedAt: changedAt && toShanghaiIso(changedAt.getTime()),
            errors: errorsOf([{ row: row.row, value: null, faults }], lang),
          })),
          next: last ? `${last.batch}/${last.row}` : null,
        })
      },
    )
    .post(
      '/quarantine/dismiss',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '放弃退回行', en: 'Dismiss rejected rows' },
        access: 'person',
        right: 'quarantine.manage',
        body: json(Dismiss, { rows: [{ batch: BATCH, row: 2 }], reason: '重复填报' }),
        answers: { 200: json(z.object({ dismissed: z.int() }), { dismissed: 1 }) },
      }),
      async (c) => {
        const who = await personFor(deps, c.req.raw.headers, 'quarantine.manage')
        const { rows, reason } = await readJson(c, Dismiss)
        const own = await rowsWithin(deps, who.scope, rows)
        const dismissed = await deps.quarantine.dismiss(own, reason, who.name)
        await deps.audited(
          c,
          who,
          'quarantine.dismiss',
          own.map(({ batch, row }) => `${batch}/${row}`).join(' '),
          reason,
        )
        return c.json({ dismissed })
      },
    )
    .post(
      '/quarantine/replay',
      describeRoute({
        chapter: 'signals',
        summary: { zh: '按现行规则重放退回行', en: 'Judge what waits by the rules of now' },
        description: {
          zh: '合格的入库，其余更新原因后继续等待。一次最多两万行；next 不为空时以它为 after 再次调用。',
          en: 'What is accepted now is committed, the rest waits on with its new reasons. At most 20,000 rows at a time: while next is not null, ask again with it as after.',
        },
        access: 'sourceOrPerson',
        right: 'quarantine.manage',
        body: json(Replay, { kind: 'arrears' }),
        answers: { 200: json(Replayed, { judged: 12, replayed: 12, next: null }) },
        errors: ['queue_full'],
      }),
      async (c) => {
        const who = await wholeFor(deps, c, 'quarantine.manage')
        const { after, ...asked } = await readJson(c, Replay)
        const bounded = await boundTo(deps, who, asked)
        const sum = { judged: 0, replayed: 0, next: after ?? null }
        do {
          const one = await deps.quarantine.replay(bounded, sum.next, who.name)
          sum.judged += one.judged
          sum.replayed += one.replayed
          sum.next = one.next
        } while (sum.next !== null && sum.judged < ROWS_PER_REPLAY)
        await deps.audited(c, who, 'quarantine.replay', JSON.stringify(bounded), `${sum.replayed}`)
        return c.json(sum)
      },
    )
    .post(
      '/quarantine/:batch/:row/correct',
      describeRoute({
        chapter: 'signals',
        summary: { zh: '更正一行', en: 'Correct a rejected row' },
        description: {
          zh: 'value 取代整行，像新行一样检查；仍不合格时答 422 及原因，原行继续等待。',
          en: 'value takes the place of the whole row and is judged like a fresh one; if it is rejected again the answer is 422 with the reasons and the row waits on.',
        },
        access: 'sourceOrPerson',
        right: 'quarantine.manage',
        path: z.object({
          batch: z.string().meta({ zh: '批次', en: 'Batch', example: BATCH }),
          row: z.string().meta({ zh: '行号', en: 'Row', example: '2' }),
        }),
        body: {
          'application/json': { schema: Correct, examples: { bad: { value: { value: {} }, status: 422 } } },
        },
        answers: {
          200: json(Corrected, { state: 'corrected', into: BATCH }),
          422: {
            'application/problem+json': {
              schema: Refused,
              examples: { example: { value: { ...REFUSED, errors: [FAULT] } } },
            },
          },
        },
        errors: ['not_found', 'conflict', 'queue_full'],
      }),
      async (c) => {
        const who = await wholeFor(deps, c, 'quarantine.manage')
        const place = placeOf(`${c.req.param('batch')}/${c.req.param('row')}`)
        const { value } = await readJson(c, Correct)
        const { source } = await deps.quarantine.find(place)
        const isOwn =
          who.kind === 'source'
            ? who.source.id === source
            : await isWithinScope(deps.sources, who.scope, source)
        if (!isOwn) throw new AppError('not_found', 'there is no such row in quarantine')
        const done = await deps.quarantine.correct(place, value, who.name)
        if ('faults' in done) {
          const lang = langFrom(c.req.header('accept-language'))
          return c.json(
            { ...REFUSED, errors: errorsOf([{ row: place.row, value: null, faults: done.faults }], lang) },
            422,
            { 'content-type': 'application/problem+json' },
          )
        }
        await deps.audited(c, who, 'quarantine.correct', `${place.batch}/${place.row}`, '')
        return c.json({ state: 'corrected' as const, into: done.into })
      },
    )
}

/** A source sees and moves its own rows only, a person those of the sources that the right holds for. */
async function boundTo(
  deps: QuarantineRoutesDeps,
  who: Who,
  asked: QuarantineFilter,
): Promise<QuarantineFilter> {
  if (who.kind === 'source') return { ...asked, source: who.source.id }
  if (holdsRegion(who.scope, '')) return asked
  const sources = await deps.sources.list()
  return { ...asked, among: sources.flatMap(({ id, region }) => (holdsRegion(who.scope, region) ? id : [])) }
}

/** Those of the sources that a right holds for; others are passed over as those that do not wait. */
async function rowsWithin(
  { batches, sources }: QuarantineRoutesDeps,
  scope: Scope,
  rows: readonly RowPlace[],
): Promise<readonly RowPlace[]> {
  if (isEverything(scope)) return rows
  const own = new Set<string>()
  for (const id of new Set(rows.map(({ batch }) => batch))) {
    const batch = await batches.find(id, null)
    if (batch && (await isWithinScope(sources, scope, batch.source))) own.add(id)
  }
  return rows.filter(({ batch }) => own.has(batch))
}

/** @throws AppError `not_found` for what is no place of a row. */
function placeOf(text: string): RowPlace {
  const [batch = '', row = ''] = text.split('/')
  if (!/^\d{1,9}$/.test(row)) throw new AppError('not_found', 'there is no such row in quarantine')
  return { batch, row: Number(row) }
}
