import { z } from 'zod'
import { Kind } from './signal.ts'

/** Rows of a batch by what became of them: `received` = accepted + unchanged + rejected. */
export const counts = {
  received: z.int(),
  accepted: z.int(),
  unchanged: z.int().meta({ zh: '以前收到过，不再计', en: 'Seen before, not counted again' }),
  rejected: z.int(),
}

/** Of very many rejected rows of a batch the first are kept. */
export const notKept = z.int().meta({
  zh: '退回行过多时只计数、不保留的行数：前 1000000 行可下载、更正，其余请在原文件中改',
  en: 'Rejected rows beyond the first 1,000,000: they are counted and not kept; correct them in the file that was sent',
})

const LeftOutLine = z.object({
  row: z.int().meta({ zh: '行号，从 1 起', en: 'Number of the row, from 1' }),
  why: z.enum(['total', 'signature', 'note', 'header', 'numbers', 'serial', 'hidden']).meta({
    zh: '合计、签字、附注、重复的表头、表头下的栏号、只有序号的空行，或按要求不导入的隐藏行',
    en: 'A line of totals, of signatures, a note, the titles again, the numbers of the columns below them, a running number alone, or a hidden row where these are left out',
  }),
})
export type LeftOutLine = z.infer<typeof LeftOutLine>

/** Lines left out that are named one by one; the others are only counted. */
export const LEFT_OUT_NAMED = 100

/**
 * What of a CSV or XLSX is none of its rows: lines, the first hundred of them, and the sheets that were not read. They count in no
 * number of rows.
 */
export const LeftOut = z
  .object({
    count: z.int().meta({ zh: '略过的行数', en: 'Lines left out' }),
    lines: z.array(LeftOutLine).max(LEFT_OUT_NAMED),
    sheets: z.array(z.string()).max(LEFT_OUT_NAMED).optional().meta({
      zh: '没有指定工作表时，未读取的其他工作表',
      en: 'The sheets that were not read, where none was named to be read',
    }),
  })
  .meta({
    id: 'LeftOut',
    zh: '略过的行和未读取的工作表',
    en: 'Lines that are no data, and sheets that were not read',
  })
export type LeftOut = z.infer<typeof LeftOut>

/** What was sent at once, and how far it has come. Instants are ISO 8601; bytes are `null` where it was taken in one piece. */
export const Batch = z
  .object({
    batch: z.string(),
    source: z.string(),
    kind: Kind,
    mode: z.enum(['commit', 'validate']),
    state: z.enum(['waiting', 'running', 'done', 'failed']),
    receivedAt: z.string(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
    rowsDone: z.int(),
    bytesDone: z.int().nullable(),
    bytesTotal: z.int().nullable(),
    problem: z
      .object({
        code: z.string(),
        detail: z.string(),
        zh: z.string().optional().meta({ zh: '原因的中文', en: 'The detail in Chinese' }),
      })
      .nullable(),
    withdrawn: z
      .object({
        at: z.string().nullable(),
        by: z.string(),
        reason: z.string(),
        histories: z.int().nullable(),
      })
      .nullable()
      .meta({ zh: '撤回；at 为空表示尚未算完', en: 'Withdrawn; at is null while that is not counted yet' }),
    ...counts,
    notKept,
    leftOut: LeftOut,
  })
  .meta({ id: 'Batch' })
export type Batch = z.infer<typeof Batch>
