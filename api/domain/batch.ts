import { z } from 'zod'
import { Kind } from './signal.ts'

/** Rows of a batch by what became of them: `received` = accepted + unchanged + rejected. */
export const counts = {
  received: z.int(),
  accepted: z.int(),
  unchanged: z.int().meta({ zh: '以前收到过，不再计', en: 'Seen before, not counted again' }),
  rejected: z.int(),
}

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
    problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
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
  })
  .meta({ id: 'Batch' })
export type Batch = z.infer<typeof Batch>
