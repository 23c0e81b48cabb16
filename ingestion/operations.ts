import { z } from 'zod'
import { csvLine } from '#domain/csv.ts'
import { type Contents, json, type Operation, text } from '#domain/operation.ts'
import { REASONS, type Reason } from '#domain/reason.ts'
import { Kind, SIGNALS } from '#domain/signal.ts'
import { signalTemplate } from './contract.ts'
import { SIGNAL_EXAMPLES } from './examples.ts'

const RowFault = z
  .object({
    row: z.int().meta({ zh: '行号，从 1 起', en: 'Number of the row, from 1' }),
    path: z.string().meta({ zh: '字段；整行有误时为空', en: 'Field; empty when it is the whole row' }),
    code: z
      .enum(Object.keys(REASONS) as [Reason, ...Reason[]])
      .meta({ zh: '原因代码', en: 'Reason', 'x-enum-titles': REASONS }),
    message: z.string(),
  })
  .meta({ id: 'RowFault' })
const counts = {
  received: z.int(),
  accepted: z.int(),
  unchanged: z.int().meta({ zh: '以前收到过，不再计', en: 'Seen before, not counted again' }),
  rejected: z.int(),
}
const Receipt = z
  .object({ batch: z.string(), ...counts, errors: z.array(RowFault).max(100) })
  .meta({ id: 'Receipt' })
const NothingTaken = Receipt.extend({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.literal(422),
  code: z.literal('unprocessable'),
  detail: z.string(),
}).meta({ id: 'NothingTaken' })
const BatchState = z
  .object({
    batch: z.string(),
    source: z.string(),
    kind: Kind,
    mode: z.enum(['commit', 'validate']),
    receivedAt: z.string(),
    ...counts,
  })
  .meta({ id: 'Batch' })

const BATCH = 'bat_0f1e2d3c4b5a69788796a5b4c3d2e1f0'
const FAULT = { row: 2, path: 'owed', code: 'negative', message: REASONS.negative.zh }
const COUNTS = { received: 2, accepted: 1, unchanged: 0, rejected: 1 }

/** How rows are taken; the very schema that the route parses its query with. */
export const Options = z.object({
  mode: z.enum(['commit', 'validate']).default('commit').meta({
    zh: 'validate 只检查、不入库',
    en: 'validate only judges and keeps nothing',
    example: 'validate',
  }),
  atomic: z.enum(['row', 'all']).default('row').meta({
    zh: 'all 表示有一行不合格即全不接受',
    en: 'all takes nothing when one row is bad',
    example: 'all',
  }),
})

const Headers = z.object({
  'Idempotency-Key': z.string().min(1).max(255).optional().meta({
    zh: '重试用的键：7 天内同键同正文得到同一答复',
    en: 'For retries: the same key and body get the same answer for 7 days',
    example: 'ledger-2026-08-16',
  }),
  'Content-Encoding': z.enum(['gzip']).optional().meta({ zh: '正文已压缩', en: 'The body is packed' }),
  'Accept-Language': z.string().optional().meta({
    zh: '原因的语言，默认中文',
    en: 'Language of the reasons, Chinese by default',
    example: 'zh',
  }),
})

/** `POST /signals/{kind}`. */
export const sendOperation = (kind: Kind): Operation => ({
  chapter: 'signals',
  summary: {
    workers: { zh: '报送农民工', en: 'Send workers' },
    arrears: { zh: '报送欠薪案件', en: 'Send arrears cases' },
    industry: { zh: '报送监测点数据', en: 'Send reports of monitoring points' },
  }[kind],
  description: {
    zh: '200 表示已写入并计数。合格的行照收，不合格的行带原因退回。正文至多 64 MiB（解压后）。',
    en: 'A 200 means committed and counted. Good rows are taken although others are bad. At most 64 MiB, unpacked.',
  },
  access: 'source',
  query: Options,
  headers: Headers,
  body: bodies(kind),
  answers: {
    200: json(Receipt, { batch: BATCH, ...COUNTS, errors: [FAULT] }),
    422: {
      'application/problem+json': {
        schema: NothingTaken,
        examples: {
          example: {
            value: {
              type: 'about:blank',
              title: 'Unprocessable Content',
              status: 422,
              code: 'unprocessable',
              detail: 'no row could be accepted; see errors',
              batch: BATCH,
              ...COUNTS,
              received: 1,
              accepted: 0,
              errors: [FAULT],
            },
          },
        },
      },
    },
  },
  errors: ['forbidden', 'conflict', 'too_large', 'unsupported_media', 'queue_full'],
})

function bodies(kind: Kind): Contents {
  const Row = SIGNALS[kind].meta({
    id: { workers: 'WorkersSignal', arrears: 'ArrearsSignal', industry: 'IndustrySignal' }[kind],
  })
  const { first, second, bad } = SIGNAL_EXAMPLES[kind]
  const cells = Object.keys(SIGNALS[kind].shape).map((key) => (first as Record<string, unknown>)[key])
  return {
    'application/json': {
      schema: z.union([Row, z.array(Row)]),
      examples: {
        one: { title: { zh: '一条', en: 'One' }, value: first },
        several: { title: { zh: '多条', en: 'Several' }, value: [first, second] },
        partly: {
          title: { zh: '一条合格、一条不合格', en: 'A good and a bad one' },
          value: [second, bad],
          status: 200,
        },
        refused: { title: { zh: '全部不合格', en: 'Only a bad one' }, value: [bad], status: 422 },
      },
    },
    ...text('application/x-ndjson', `${JSON.stringify(first)}\n${JSON.stringify(second)}\n`),
    ...text('text/csv', `${signalTemplate(kind)}${csvLine(cells)}\r\n`),
  }
}

const KindPath = z.object({
  kind: Kind.meta({ zh: '信号种类', en: 'Kind of signal', example: 'arrears' }),
})
const BatchPath = z.object({
  batch: z
    .string()
    .meta({ zh: '批次编号，见报送的答复', en: 'Id of the batch, as sending answered', example: BATCH }),
})

/** `GET /signals/{kind}/schema`. */
export const SCHEMA_OPERATION: Operation = {
  chapter: 'signals',
  summary: { zh: '字段约定（JSON Schema）', en: 'The fields as JSON Schema' },
  access: 'open',
  path: KindPath,
  answers: {
    200: json(z.looseObject({ $schema: z.string(), type: z.literal('object') }), {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
    }),
  },
}

/** `GET /signals/{kind}/template.csv`. */
export const TEMPLATE_OPERATION: Operation = {
  chapter: 'signals',
  summary: { zh: 'CSV 模板：中文表头，* 为必填', en: 'A CSV to fill: Chinese titles, * must be filled' },
  access: 'open',
  path: KindPath,
  answers: { 200: text('text/csv', signalTemplate('arrears')) },
}

/** `GET /batches/{batch}`. */
export const BATCH_OPERATION: Operation = {
  chapter: 'signals',
  summary: { zh: '一个批次的结果', en: 'What became of a batch' },
  access: 'source',
  path: BatchPath,
  answers: {
    200: json(BatchState, {
      batch: BATCH,
      source: 'src_0123456789abcdef',
      kind: 'arrears',
      mode: 'commit',
      receivedAt: '2026-08-15T01:31:02.114Z',
      ...COUNTS,
    }),
  },
}

/** `GET /batches/{batch}/errors.json`. */
export const ERRORS_OPERATION: Operation = {
  chapter: 'signals',
  summary: { zh: '被退回的行及原因', en: 'The rejected rows with their reasons' },
  access: 'source',
  path: BatchPath,
  answers: {
    200: json(
      z.object({
        batch: z.string(),
        rows: z.array(z.object({ row: z.int(), value: z.unknown(), errors: z.array(RowFault) })),
      }),
      { batch: BATCH, rows: [{ row: 2, value: { caseId: '示例-0003', owed: '-1.00' }, errors: [FAULT] }] },
    ),
  },
}

/** `GET /batches/{batch}/errors.csv`. */
export const ERROR_SHEET_OPERATION: Operation = {
  chapter: 'signals',
  summary: { zh: '被退回的行，可改后重报', en: 'The rejected rows, ready to correct and send again' },
  access: 'source',
  path: BatchPath,
  answers: {
    200: text('text/csv', `\ufeffcaseId,owed,原因\r\n示例-0003,-1.00,owed: ${REASONS.negative.zh}\r\n`),
  },
}
