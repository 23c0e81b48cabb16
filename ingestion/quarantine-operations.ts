import { z } from 'zod'
import { ActReason, LookReason } from '#domain/audit.ts'
import { json, type Operation } from '#domain/operation.ts'
import { REASONS, type Reason } from '#domain/reason.ts'
import { Kind } from '#domain/signal.ts'
import { QUARANTINE_STATES } from './quarantine.ts'

const Code = z.enum(Object.keys(REASONS) as [Reason, ...Reason[]])
/** They are written into the audit log: a number of a person that was typed there is none. */
const Id = z
  .string()
  .regex(/^(?:src|bat)_[\w-]{1,90}$/, 'must be the id of a source (src_…) or a batch (bat_…)')
const Place = z.object({
  batch: Id,
  row: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
})
const id = Id.optional()
const filter = { source: id, batch: id, kind: Kind.optional(), code: Code.optional() }
const BATCH = 'bat_0f1e2d3c4b5a69788796a5b4c3d2e1f0'

/** What `GET /quarantine` is asked. */
export const ListParams = z.object({
  source: filter.source.meta({ zh: '来源', en: 'Source' }),
  batch: filter.batch.meta({ zh: '批次', en: 'Batch' }),
  kind: filter.kind.meta({ zh: '信号种类', en: 'Kind of signal', example: 'arrears' }),
  code: filter.code.meta({ zh: '原因代码', en: 'Reason' }),
  state: z.enum(QUARANTINE_STATES).optional().meta({ zh: '状态', en: 'State', example: 'waiting' }),
  cells: z.enum(['true', 'false']).default('false').meta({
    zh: '是否附各列内容（个人信息已遮盖）',
    en: 'With what the rows say, persons masked',
    example: 'true',
  }),
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
const oneOf =
  (a: string, b: string) =>
  (body: object): boolean =>
    a in body !== b in body
export const CorrectBody = z
  .strictObject({
    value: z.unknown().optional(),
    cells: z.record(z.string().max(200), z.string().max(10_000)).optional().meta({
      zh: '各列的文字，读法与表格相同；空白即不填',
      en: 'Texts by field, read as the cells of a sheet; blank ones are left out',
    }),
  })
  .refine(oneOf('value', 'cells'), 'give either value or cells')
export const DismissBody = z
  .strictObject({
    rows: z.array(Place).min(1).max(10_000).optional(),
    batch: Place.shape.batch.optional(),
    reason: ActReason,
  })
  .refine(oneOf('rows', 'batch'), 'give either rows or batch')
/** A source looks at what it sent itself; a person says why. */
export const ReadBody = z.strictObject({ reason: LookReason.optional() })
export const ReplayBody = z.strictObject({ ...filter, after: Place.optional() })

const Cells = z.record(z.string(), z.string())
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
  cells: Cells.optional(),
  errors: z.array(z.object({ row: z.int(), path: z.string(), code: Code, message: z.string() })),
})
const counts = z.object({ waiting: z.int(), corrected: z.int(), replayed: z.int(), dismissed: z.int() })
const Listed = z
  .object({ counts, rows: z.array(Row), next: z.string().nullable() })
  .meta({ id: 'Quarantine' })
const Opened = Row.extend({
  cells: Cells,
  raw: z.string().nullable().meta({ zh: '读不出来的行的原文', en: 'What was sent where it is no row' }),
})
const Refused = z.object({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.literal(422),
  code: z.literal('unprocessable'),
  detail: z.string(),
  errors: Row.shape.errors,
})
/** The answer to a correction that is rejected again, but for its errors. */
export const REFUSED = {
  type: 'about:blank',
  title: 'Unprocessable Content',
  status: 422,
  code: 'unprocessable',
  detail: 'the row is rejected again; see errors',
} as const
const FAULT = { row: 2, path: 'owed', code: 'negative', message: REASONS.negative.zh } as const
const OPENED: z.infer<typeof Opened> = {
  batch: BATCH,
  row: 2,
  source: 'src_0123456789abcdef',
  kind: 'arrears',
  receivedAt: '2026-08-15T09:31:02.114+08:00',
  state: 'waiting',
  by: null,
  changedAt: null,
  reason: null,
  into: null,
  cells: { caseId: '示例-0003', owed: '-1.00' },
  raw: null,
  errors: [FAULT],
}
const RowPath = z.object({
  batch: z.string().meta({ zh: '批次', en: 'Batch', example: BATCH }),
  row: z.string().meta({ zh: '行号', en: 'Row', example: '2' }),
})

/** What the routes of `quarantine-routes.ts` do. */
export const QUARANTINE_OPERATIONS = {
  list: {
    chapter: 'signals',
    summary: { zh: '待处理的退回行', en: 'Rejected rows and what became of them' },
    access: 'sourceOrPerson',
    right: 'quarantine.manage',
    query: ListParams,
    answers: {
      200: json(Listed, {
        counts: { waiting: 1, corrected: 0, replayed: 0, dismissed: 0 },
        rows: [],
        next: null,
      }),
    },
  },
  one: {
    chapter: 'signals',
    summary: { zh: '一行退回行的原文', en: 'A rejected row as it was sent' },
    description: {
      zh: '内容为明文，供更正用。人员须写明事由（至少 6 个字），先写入审计日志；来源以密钥看自己所报，可不写。',
      en: 'In clear, to correct it. A person must say why, in at least 6 characters, which is in the audit log first; a source may leave that out for what it sent.',
    },
    access: 'sourceOrPerson',
    right: 'quarantine.manage',
    path: RowPath,
    body: json(ReadBody, { reason: '核对后更正退回行' }),
    answers: { 200: json(Opened, OPENED) },
    errors: ['not_found'],
  },
  dismiss: {
    chapter: 'administration',
    summary: { zh: '放弃退回行', en: 'Dismiss rejected rows' },
    description: {
      zh: '给出各行，或给出批次以放弃其全部待处理行。',
      en: 'Name the rows, or a batch to dismiss all of it that waits.',
    },
    access: 'person',
    right: 'quarantine.manage',
    body: json(DismissBody, { rows: [{ batch: BATCH, row: 2 }], reason: '重复填报' }),
    answers: { 200: json(z.object({ dismissed: z.int() }), { dismissed: 1 }) },
    errors: ['not_found'],
  },
  replay: {
    chapter: 'signals',
    summary: { zh: '按现行规则重放退回行', en: 'Judge what waits by the rules of now' },
    description: {
      zh: '合格的入库，其余更新原因后继续等待。一次最多两万行；next 不为空时以它为 after 再次调用。',
      en: 'What is accepted now is committed, the rest waits on with its new reasons. At most 20,000 rows at a time: while next is not null, ask again with it as after.',
    },
    access: 'sourceOrPerson',
    right: 'quarantine.manage',
    body: json(ReplayBody, { kind: 'arrears' }),
    answers: {
      200: json(z.object({ judged: z.int(), replayed: z.int(), next: Place.nullable() }), {
        judged: 12,
        replayed: 12,
        next: null,
      }),
    },
    errors: ['queue_full'],
  },
  correct: {
    chapter: 'signals',
    summary: { zh: '更正一行', en: 'Correct a rejected row' },
    description: {
      zh: 'value（JSON）或 cells（表格文字）取代整行，像新行一样检查；仍不合格时答 422 及原因，原行继续等待。',
      en: 'value (JSON) or cells (texts of a sheet) takes the place of the whole row and is judged like a fresh one; if it is rejected again the answer is 422 with the reasons and the row waits on.',
    },
    access: 'sourceOrPerson',
    right: 'quarantine.manage',
    path: RowPath,
    body: {
      'application/json': { schema: CorrectBody, examples: { bad: { value: { value: {} }, status: 422 } } },
    },
    answers: {
      200: json(z.object({ state: z.literal('corrected'), into: z.string() }), {
        state: 'corrected',
        into: BATCH,
      }),
      422: {
        'application/problem+json': {
          schema: Refused,
          examples: { example: { value: { ...REFUSED, errors: [FAULT] } } },
        },
      },
    },
    errors: ['not_found', 'conflict', 'queue_full'],
  },
} as const satisfies Record<string, Operation>
