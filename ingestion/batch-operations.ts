import { z } from 'zod'
import { LookReason } from '#domain/audit.ts'
import { Batch } from '#domain/batch.ts'
import { json, type Operation, text } from '#domain/operation.ts'
import { REASONS } from '#domain/reason.ts'
import { BATCH, COUNTS, FAULT, FileQuery, RowFault, SourcePath, XLSX } from './operations.ts'

const BatchPath = z.object({
  batch: z
    .string()
    .meta({ zh: '批次编号，见报送的答复', en: 'Id of the batch, as sending answered', example: BATCH }),
})

const EXAMPLE_BATCH = {
  batch: BATCH,
  source: 'src_0123456789abcdef',
  kind: 'arrears',
  mode: 'commit',
  state: 'done',
  receivedAt: '2026-08-15T09:31:02.114+08:00',
  startedAt: '2026-08-15T09:31:02.114+08:00',
  finishedAt: '2026-08-15T09:31:02.114+08:00',
  rowsDone: 2,
  bytesDone: null,
  bytesTotal: null,
  problem: null,
  withdrawn: null,
  ...COUNTS,
  notKept: 0,
  leftOut: { count: 1, lines: [{ row: 3, why: 'total' }] },
}

/** `GET /batches/{batch}`. */
export const BATCH_OPERATION: Operation = {
  chapter: 'signals',
  summary: { zh: '一个批次的结果', en: 'What became of a batch' },
  access: 'sourceOrPerson',
  right: 'sources.read',
  path: BatchPath,
  answers: {
    200: json(Batch, EXAMPLE_BATCH),
  },
}

/** `GET /batches/{batch}/errors.json`. */
export const ERRORS_OPERATION: Operation = {
  chapter: 'signals',
  summary: { zh: '被退回的行及原因', en: 'The rejected rows with their reasons' },
  access: 'source',
  errors: ['gone'],
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
  errors: ['gone'],
  path: BatchPath,
  query: FileQuery,
  answers: {
    200: text('text/csv', `\ufeffcaseId,owed,原因\r\n示例-0003,-1.00,owed: ${REASONS.negative.zh}\r\n`),
  },
}

/** `GET /batches/{batch}/errors.xlsx`. */
export const ERROR_WORKBOOK_OPERATION: Operation = {
  chapter: 'signals',
  summary: {
    zh: '被退回的行（Excel）：标出有误的格、附原因',
    en: 'The rejected rows as a workbook, faulty cells marked',
  },
  access: 'source',
  errors: ['gone'],
  path: BatchPath,
  query: FileQuery,
  answers: { 200: { [XLSX]: { examples: {} } } },
}

/** Why a person asks for what was rejected. */
export const WhyBody = z.strictObject({ reason: LookReason })

/** The same rows for a person, who says why. */
export function askedByPerson(operation: Operation): Operation {
  return {
    ...operation,
    summary: {
      zh: `${operation.summary.zh}（由人查看，须写事由）`,
      en: `${operation.summary.en}, for a person who says why`,
    },
    access: 'person',
    right: 'quarantine.manage',
    description: {
      zh: '内容为明文，可能含个人信息。须写明事由（至少 6 个字），先写入审计日志。',
      en: 'In clear, and may tell of persons. Say why, in at least 6 characters, which is in the audit log first.',
    },
    body: json(WhyBody, { reason: '核对后更正退回行' }),
    errors: ['not_found', 'gone'],
  }
}

export const BatchPage = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .meta({ zh: '至多几个批次', en: 'At most so many batches', example: 20 }),
  before: z.string().max(100).optional().meta({
    zh: '只列此批次之前收到的：上一页最后一个批次的编号',
    en: 'Only those received before this batch: the last one of the page before',
  }),
})

/** `GET /sources/{source}/batches`. */
export const BATCHES_OPERATION: Operation = {
  chapter: 'signals',
  summary: { zh: '一个来源的批次，最新在前', en: 'The batches of a source, newest first' },
  access: 'sourceOrPerson',
  right: 'sources.read',
  path: SourcePath,
  query: BatchPage,
  answers: { 200: json(z.object({ batches: z.array(Batch) }), { batches: [EXAMPLE_BATCH] }) },
}
