import { z } from 'zod'
import { counts, LeftOut, notKept } from '#domain/batch.ts'
import { csvLine } from '#domain/csv.ts'
import { type Contents, json, type Operation, text } from '#domain/operation.ts'
import { REASONS, type Reason } from '#domain/reason.ts'
import { Kind, SIGNALS } from '#domain/signal.ts'
import { Lang } from '#domain/text.ts'
import { signalTemplate } from './contract.ts'
import { SIGNAL_EXAMPLES } from './examples.ts'
import { KEPT_MS } from './kept-files.ts'
import { NONE_GOOD } from './nothing-to-take.ts'
import { SendOptions } from './send.ts'

export const RowFault = z
  .object({
    row: z.int().meta({ zh: '行号，从 1 起', en: 'Number of the row, from 1' }),
    path: z.string().meta({ zh: '字段；整行有误时为空', en: 'Field; empty when it is the whole row' }),
    code: z
      .enum(Object.keys(REASONS) as [Reason, ...Reason[]])
      .meta({ zh: '原因代码', en: 'Reason', 'x-enum-titles': REASONS }),
    message: z.string(),
  })
  .meta({ id: 'RowFault' })
const Receipt = z
  .object({
    batch: z.string(),
    ...counts,
    errors: z.array(RowFault).max(100),
    notKept: notKept.optional(),
    leftOut: LeftOut.optional().meta({
      zh: '有略过的行或未读取的工作表时才有',
      en: 'Only where lines or sheets were left out',
    }),
  })
  .meta({ id: 'Receipt' })
const NothingTaken = Receipt.extend({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.literal(422),
  code: z.literal('unprocessable'),
  detail: z.string(),
  zh: z.string().optional().meta({ zh: '原因的中文', en: 'The detail in Chinese' }),
}).meta({ id: 'NothingTaken' })
export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
export const BATCH = 'bat_0f1e2d3c4b5a69788796a5b4c3d2e1f0'
export const FAULT = { row: 2, path: 'owed', code: 'negative', message: REASONS.negative.zh }
export const COUNTS = { received: 2, accepted: 1, unchanged: 0, rejected: 1 }

const Headers = z.object({
  'Idempotency-Key': z.string().min(1).max(255).optional().meta({
    zh: '重试用的键：7 天内同键同正文（压缩的按压缩后的字节）得到同一答复',
    en: 'For retries: the same key and body (the same bytes, packed ones as packed) get the same answer for 7 days',
    example: 'ledger-2026-08-16',
  }),
  Prefer: z.enum(['respond-async']).optional().meta({
    zh: 'respond-async 表示不等待：先答 202，进度见批次',
    en: 'respond-async does not wait: 202 at once, progress at the batch',
  }),
  'Xiangrong-Columns': z.string().optional().meta({
    zh: '表头与字段的对应，JSON 后百分号编码；默认自动识别',
    en: 'Which field a column title stands for: JSON, percent-encoded; found automatically by default',
  }),
  'Xiangrong-Sheet': z.string().optional().meta({
    zh: 'XLSX 的工作表名，百分号编码，默认第一张；表名可能含人名，不要写在地址里',
    en: 'The sheet of an XLSX, percent-encoded, the first by default; it may be named after a person, so it is better not in the address',
    example: '%E4%B8%83%E6%9C%88',
  }),
  'Xiangrong-File': z.string().optional().meta({
    zh: '预览答复中的 file：用它代替正文，不必再传一遍；此时不带正文',
    en: 'The file that a preview answered, in place of the body, which need not come again; then there is none',
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
    zh: '200 表示已写入并计数。合格的行照收，不合格的行带原因退回。CSV、NDJSON、XLSX 至多 200 MiB，JSON 至多 64 MiB。同一对象中重复的字段以最后一个为准。',
    en: 'A 200 means committed and counted. Good rows are taken although others are bad. CSV, NDJSON and XLSX may have 200 MiB, JSON 64 MiB. Of a field that an object has twice the last one holds.',
  },
  access: 'source',
  query: SendOptions,
  headers: Headers,
  body: bodies(kind),
  isBodyOptional: true,
  answerHeaders: {
    202: {
      Location: { zh: '批次的地址', en: 'The address of the batch' },
      'Preference-Applied': { zh: '恒为 respond-async', en: 'Always respond-async' },
    },
  },
  answers: {
    200: json(Receipt, { batch: BATCH, ...COUNTS, errors: [FAULT] }),
    202: json(z.object({ batch: z.string(), state: z.string() }).meta({ id: 'Waiting' }), {
      batch: BATCH,
      state: 'waiting',
    }),
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
              ...NONE_GOOD,
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
  errors: ['forbidden', 'conflict', 'gone', 'too_slow', 'too_large', 'unsupported_media', 'queue_full'],
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
    [XLSX]: { examples: {} },
  }
}

const KindPath = z.object({
  kind: Kind.meta({ zh: '信号种类', en: 'Kind of signal', example: 'arrears' }),
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

/** The language of a file; without it that of the browser. */
export const FileQuery = z.object({
  lang: Lang.optional().meta({ zh: '文件的语言', en: 'Language of the file', example: 'zh' }),
})

/** `GET /signals/{kind}/template.xlsx`. */
export const TEMPLATE_WORKBOOK_OPERATION: Operation = {
  chapter: 'signals',
  summary: {
    zh: 'Excel 模板：下拉选项、示例行、填表说明',
    en: 'A workbook to fill: drop-downs, an example row, notes',
  },
  access: 'open',
  path: KindPath,
  query: FileQuery,
  answers: { 200: { [XLSX]: { examples: {} } } },
}

const Column = z
  .object({ title: z.string(), field: z.string().nullable(), how: z.string() })
  .loose()
  .meta({ id: 'Column' })
const EXAMPLE_COLUMN = { title: '尚欠金额（元）', field: 'owed', how: 'synonym' }
const Mapping = z.record(z.string(), z.string().nullable())

/** `POST /signals/{kind}/preview`. */
export const PREVIEW_OPERATION: Operation = {
  chapter: 'signals',
  summary: {
    zh: '预览：识别表头，试判前 20 行，不入库',
    en: 'Preview: the columns and the first 20 rows judged; nothing is committed',
  },
  description: {
    zh: `文件保留到最后一次使用后 ${KEPT_MS / 60_000} 分钟（入库后即删，带 Idempotency-Key 的除外）：再次预览或报送时用请求头 Xiangrong-File 代替正文，只有同一来源、同一发送者可用。答 410 时请重新发送文件。`,
    en: `The file is kept until ${KEPT_MS / 60_000} minutes after its last use, or until it is committed without an Idempotency-Key: look again, or send it, by the header Xiangrong-File in place of the body; only the same sender may, for the same source. On 410 send the file again.`,
  },
  access: 'source',
  path: KindPath,
  query: z.object({ sheet: SendOptions.shape.sheet, hiddenRows: SendOptions.shape.hiddenRows }),
  headers: Headers.omit({ 'Idempotency-Key': true, Prefer: true }),
  body: {
    ...text('text/csv', '案件编号,尚欠金额\r\n示例-0001,100.00\r\n'),
    [XLSX]: { examples: {} },
    ...json(z.unknown(), [SIGNAL_EXAMPLES.arrears.first]),
    ...text('application/x-ndjson', `${JSON.stringify(SIGNAL_EXAMPLES.arrears.first)}\n`),
  },
  isBodyOptional: true,
  answers: {
    200: json(
      z.object({
        sheets: z.array(z.string()).nullable(),
        headerRow: z.int().nullable(),
        columns: z.array(Column),
        leftOut: LeftOut,
        hiddenRows: z.int().meta({
          zh: '工作表中隐藏或筛选掉的行数，含不导入的',
          en: 'Rows of the sheet that are hidden or filtered out, whether or not they are left out',
        }),
        rows: z.array(
          z.object({
            row: z.int(),
            values: z.array(z.string()),
            read: z.array(z.object({ column: z.int(), value: z.string() })).meta({
              zh: '读出的内容与单元格写法不同的，按列（从 0 数起），如“1.2万”读作“12000元”',
              en: 'What is read of cells that do not say so themselves, by column from 0: 1.2万 as 12000 yuan',
            }),
            faults: z.array(RowFault.omit({ row: true })),
          }),
        ),
        file: z.string().nullable().meta({
          zh: '保留的文件，供 Xiangrong-File 使用；没有空位时为空',
          en: 'The kept file, for Xiangrong-File; null where there was no room',
        }),
      }),
      {
        sheets: null,
        headerRow: 1,
        columns: [EXAMPLE_COLUMN],
        leftOut: { count: 1, lines: [{ row: 2, why: 'total' }] },
        hiddenRows: 0,
        rows: [{ row: 1, values: ['100.00'], read: [], faults: [] }],
        file: 'h3Yk0pQ2m7Zt9rXw4Lc1sVn6Bd8Fg5Ja',
      },
    ),
  },
  errors: ['forbidden', 'gone', 'too_slow', 'too_large', 'unsupported_media', 'queue_full'],
}

/** `GET /signals/{kind}/columns`. */
export const COLUMNS_OPERATION: Operation = {
  chapter: 'signals',
  summary: { zh: '已记住的表头对应', en: 'The column mappings that are remembered' },
  access: 'source',
  path: KindPath,
  answers: {
    200: json(
      z.object({
        remembered: z.array(
          z.object({ titles: z.array(z.string()), columns: Mapping, changedAt: z.string() }),
        ),
      }),
      {
        remembered: [
          {
            titles: ['尚欠金额（元）'],
            columns: { '尚欠金额（元）': 'owed' },
            changedAt: '2026-08-15T01:31:02.114Z',
          },
        ],
      },
    ),
  },
  errors: ['forbidden'],
}

/** `PUT /signals/{kind}/columns`. */
export const REMEMBER_COLUMNS_OPERATION: Operation = {
  chapter: 'signals',
  summary: { zh: '记住一种表头的对应', en: 'Remember which field each column of a header stands for' },
  access: 'source',
  path: KindPath,
  body: json(z.object({ titles: z.array(z.string()).min(1), columns: Mapping }), {
    titles: ['案件编号', '还欠多少'],
    columns: { 还欠多少: 'owed' },
  }),
  answers: { 200: json(z.object({ columns: z.array(Column) }), { columns: [EXAMPLE_COLUMN] }) },
  errors: ['forbidden'],
}

export const SourcePath = z.object({
  source: z.string().meta({ zh: '来源编号', en: 'Id of the source', example: 'src_0123456789abcdef' }),
})

/** An operation of senders as a person does it in the name of the source of the address. */
export const inNameOfSource = (operation: Operation): Operation => ({
  ...operation,
  chapter: 'administration',
  summary: {
    zh: `${operation.summary.zh}（代来源）`,
    en: `${operation.summary.en} in the name of a source`,
  },
  access: 'person',
  right: 'batches.send',
  path: operation.path ? SourcePath.extend(operation.path.shape) : SourcePath,
})
