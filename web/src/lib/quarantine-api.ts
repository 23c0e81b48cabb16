import { z } from 'zod'
import { Kind } from '#domain/signal.ts'
import { post, postJudged, read } from './api.ts'

/** What may have become of a rejected row. */
export const ROW_STATES = ['waiting', 'corrected', 'replayed', 'dismissed'] as const
export type RowState = (typeof ROW_STATES)[number]

const Row = z.object({
  batch: z.string(),
  row: z.int(),
  source: z.string(),
  kind: Kind,
  receivedAt: z.string(),
  state: z.enum(ROW_STATES),
  by: z.string().nullable(),
  changedAt: z.string().nullable(),
  reason: z.string().nullable(),
  into: z.string().nullable(),
  cells: z.record(z.string(), z.string()),
  errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
})
/** A rejected row: its cells by field, persons masked. */
export type QuarantinedRow = z.infer<typeof Row>

const OpenRow = Row.extend({ raw: z.string().nullable() })
/** The same in clear; `raw` where what was sent is no row. */
export type OpenRow = z.infer<typeof OpenRow>

const Counts = z.object({ waiting: z.int(), corrected: z.int(), replayed: z.int(), dismissed: z.int() })
export type Counts = z.infer<typeof Counts>
const Replayed = z.object({
  judged: z.int(),
  replayed: z.int(),
  next: z.object({ batch: z.string(), row: z.int() }).nullable(),
})

const Corrected = z.object({ errors: Row.shape.errors.default([]) })

type Place = { batch: string; row: number }
/** The rows of a source, or of one batch. */
export type Scope = { source: string; batch?: string }

const at = ({ batch, row }: Place) => `/v1/quarantine/${encodeURIComponent(batch)}/${row}`

/** Rejected rows and what is done about them. */
export const quarantineApi = {
  list: (scope: Scope, state: RowState, limit: number, after?: string) =>
    read(
      '/v1/quarantine',
      { ...scope, state, limit, after, cells: 'true' },
      z.object({ counts: Counts, rows: z.array(Row), next: z.string().nullable() }),
    ),
  counts: async (scope: Scope) =>
    (await read('/v1/quarantine', { ...scope, limit: 1 }, z.object({ counts: Counts }))).counts,
  /** A row in clear; the reason is in the audit log before the answer comes. */
  open: (place: Place, reason: string) => post(`${at(place)}/read`, { reason }, OpenRow),
  /** What is wrong with the row as corrected; nothing when it was taken. @throws ApiError. */
  correct: async (place: Place, cells: Readonly<Record<string, string>>) =>
    (await postJudged(`${at(place)}/correct`, { cells }, Corrected)).errors,
  dismiss: (which: { rows: readonly Place[] } | { batch: string }, reason: string) =>
    post('/v1/quarantine/dismiss', { ...which, reason }, z.object({ dismissed: z.int() })),
  /** Judges everything that waits by the rules of now. */
  async replay(scope: Scope): Promise<{ judged: number; replayed: number }> {
    const sum = { judged: 0, replayed: 0 }
    let after: Place | undefined
    do {
      const one = await post('/v1/quarantine/replay', { ...scope, after }, Replayed)
      sum.judged += one.judged
      sum.replayed += one.replayed
      after = one.next ?? undefined
    } while (after)
    return sum
  },
}
