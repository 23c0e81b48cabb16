import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { LeftOut } from '#domain/batch.ts'
import { AppError } from '#domain/error.ts'
import { maskIdentifiers } from '#domain/person.ts'
import { faultMessage } from '#domain/reason.ts'
import type { Kind } from '#domain/signal.ts'
import type { Lang } from '#domain/text.ts'
import { type RawRows, type RejectedRow, withRefused } from './accept.ts'
import { release } from './accept-pool.ts'
import type { Batch, KeptAnswer } from './batches.ts'
import { type Body, type Received, receiveBody } from './formats/body.ts'
import type { Mapping } from './formats/columns.ts'
import type { RawRow } from './formats/raw-row.ts'
import { openRows, type ReadOptions } from './formats/rows.ts'
import { holdBody } from './memory-room.ts'
import { NONE_GOOD, NOT_ALL_GOOD, noneOfRegion, noRow, type Refusal } from './nothing-to-take.ts'
import type { Draft } from './observation.ts'
import type { Verdict } from './pick.ts'
import type { IngestionDeps } from './routes.ts'
import type { SendingSource } from './sources.ts'
import { isJudgedFirst } from './take-upload.ts'
import type { Ended, Upload } from './upload-log.ts'

/** Rows an answer names; all of them are kept with the batch. */
const ERRORS_SHOWN = 100
/** An XLSX with no more rows than this is taken in one piece. */
const PIECE_ROWS_MAX = 20_000

export const SendOptions = z.strictObject({
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
  sheet: z.string().max(100).optional().meta({
    zh: 'XLSX 的工作表名，默认第一张；请改用 Xiangrong-Sheet 头',
    en: 'The sheet of an XLSX, the first by default; rather say it in the header Xiangrong-Sheet',
    example: 'Sheet1',
  }),
  hiddenRows: z.enum(['read', 'leaveOut']).default('read').meta({
    zh: 'XLSX 中隐藏或筛选掉的行：read 照常导入，leaveOut 不导入',
    en: 'Rows of an XLSX that are hidden or filtered out: read takes them as others, leaveOut does not',
    example: 'leaveOut',
  }),
})
export type SendOptions = z.infer<typeof SendOptions>

/** A request to take signals, authenticated; what it says beside its body. */
export type Sending = {
  kind: Kind
  source: SendingSource
  options: SendOptions
  columns: Mapping | null
  /** Idempotency-Key. */
  key: string | null
  /** `Prefer: respond-async`: the sender does not wait for the rows. */
  isAsync: boolean
  lang: Lang
  body: Body
}

/** What is answered: 200 all that could be was taken, 202 it will be, 422 nothing was; kept ones as first given. */
export type Sent = { status: number; answer: Record<string, unknown> }

/** Receives a body and takes its rows, in one piece where it is small, in chunks where it is large. @throws AppError. */
export async function takeSignals(deps: IngestionDeps, sending: Sending): Promise<Sent> {
  deps.sources.rejectTooOften(sending.source)
  await deps.rejectWhenFull()
  const batch = `bat_${randomUUID().replaceAll('-', '')}`
  const held = holdBody()
  const spool = { ...deps.uploads.placeFor(batch), rejectWhenFull: deps.rejectWhenFull, held }
  /** The file of the body, where there is one, is nobody else's yet. */
  let isToDiscard = true
  try {
    const body = await receiveBody(sending.body, spool, sending.isAsync)
    isToDiscard = body.kind === 'spooled'
    const bodyHash = sending.key === null ? '' : hashOf(sending, body)
    const before = sending.key === null ? null : await deps.batches.keptAnswer(sending.source.id, sending.key)
    if (before && before.bodyHash !== bodyHash)
      throw new AppError('conflict', 'this Idempotency-Key was used with another body; use a new one')
    if (before) return before
    const keptAs = ({ status, answer }: Sent): (KeptAnswer & { key: string }) | null =>
      sending.key === null ? null : { key: sending.key, bodyHash, status, answer }
    const piece = body.kind === 'memory' ? await inOnePiece(deps, sending, body) : null
    if (piece) {
      const taken = await takePiece(deps, sending, batch, piece, body.heardMs)
      await deps.batches.put(taken.batch, taken.rejected, keptAs(taken), taken.table)
      return taken
    }
    const upload = uploadFor(sending, batch, body)
    isToDiscard = false
    if (sending.isAsync) {
      const accepted = { status: 202, answer: { batch, state: 'waiting' } }
      await deps.uploads.enqueue(upload, keptAs(accepted))
      return accepted
    }
    const { counts, refusal, shown, leftOut } = await deps.uploads.take(upload, body, sending.source)
    const sent = answerFor(batch, counts, shown, leftOut, refusal, sending.lang)
    const kept = keptAs(sent)
    if (kept) await deps.batches.keepAnswer(sending.source.id, kept)
    return sent
  } finally {
    held.release()
    if (isToDiscard) await deps.uploads.discard(batch)
  }
}

function hashOf({ kind, options, columns }: Sending, body: Received): string {
  const { mode, atomic, sheet = '', hiddenRows } = options
  // As before for who says nothing of it: answers are kept for days.
  const hidden = hiddenRows === 'read' ? [] : [hiddenRows]
  return createHash('sha256')
    .update(JSON.stringify([kind, mode, atomic, sheet, columns, body.hash(), ...hidden]))
    .digest('hex')
}

/** The rows of a small body; `null` when it turns out to hold too many for one piece. */
async function inOnePiece(
  deps: IngestionDeps,
  { kind, source, options, columns }: Sending,
  body: Extract<Received, { kind: 'memory' }>,
): Promise<RawRows | null> {
  const isTable = body.type === 'csv' || body.type === 'xlsx'
  const remembered = isTable ? await deps.columns.mappings(source.id, kind) : new Map()
  const leavesHidden = options.hiddenRows === 'leaveOut'
  const reading = { kind, sheet: options.sheet ?? null, given: columns, remembered, leavesHidden }
  return body.type === 'xlsx'
    ? await xlsxPiece(body, reading)
    : { type: body.type, content: body.content, reading }
}

async function xlsxPiece(body: Received, options: ReadOptions): Promise<RawRows | null> {
  const reading = await openRows(body, options)
  try {
    const rows: RawRow[] = []
    for await (const chunk of reading.chunks) {
      if (rows.length + chunk.length > PIECE_ROWS_MAX) return null
      rows.push(...chunk)
    }
    return { rows, table: reading.table }
  } finally {
    await reading.close()
  }
}

function uploadFor(
  { kind, source, options, columns, isAsync }: Sending,
  batch: string,
  body: Received,
): Upload {
  const asked = {
    mode: options.mode,
    options: {
      atomic: options.atomic,
      sheet: options.sheet ?? null,
      columns,
      leavesHidden: options.hiddenRows === 'leaveOut',
    },
  }
  return {
    ...asked,
    batch,
    source: source.id,
    kind,
    heardMs: body.heardMs,
    body: {
      kind: 'spooled',
      type: body.type,
      bytes: body.bytes,
      ...(body.kind === 'spooled' ? { isGzip: body.isGzip, sealedAs: body.sealedAs } : { isGzip: false }),
    },
    isAsync,
    pass: isJudgedFirst(asked) ? 'judge' : 'take',
    lastRow: 0,
    receivedAt: new Date(),
    keyId: source.key?.id ?? null,
    received: 0,
    accepted: 0,
    unchanged: 0,
    rejected: 0,
  }
}

async function takePiece(
  deps: IngestionDeps,
  { kind, source, options, columns: given, lang }: Sending,
  id: string,
  rows: RawRows,
  heardMs: number,
) {
  const receivedAt = new Date()
  const keyVersion = options.mode === 'commit' ? deps.keyVersion() : null
  const {
    drafts,
    rejected: unfit,
    table,
  } = await deps.acceptPool.accept(kind, rows, source, {
    source: source.id,
    batch: id,
    keyVersion,
    heardMs,
  })
  if (table && given && options.mode === 'commit')
    await deps.columns.put(
      source.id,
      kind,
      table.columns.map((column) => column.title),
      given,
    )
  const received = drafts.length + unfit.length
  deps.sources.spend(source, received)
  if (received === 0) throw noRow()
  if (
    drafts.length === 0 &&
    unfit.every((row) => row.faults.every((fault) => fault.code === 'region_forbidden'))
  )
    throw noneOfRegion(source)
  const isWhole = options.atomic === 'all'
  const isTaken = drafts.length > 0 && !(isWhole && unfit.length > 0)
  const verdict: Verdict = !isTaken
    ? { accepted: 0, unchanged: 0 }
    : options.mode === 'validate'
      ? await deps.committers[kind].judge(drafts as Draft<never>[], isWhole)
      : await deps.buffers[kind].add(drafts as Draft<never>[], isWhole)
  const rejected = withRefused(rows, unfit, verdict.refused)
  const refusal =
    rejected.length === received ? NONE_GOOD : isWhole && rejected.length > 0 ? NOT_ALL_GOOD : null
  const { accepted, unchanged } = verdict
  const notKept = deps.batches.tooMany(rejected.length)
  const counts = { received, accepted, unchanged, rejected: rejected.length, notKept }
  if (options.mode === 'commit')
    for (const outcome of ['accepted', 'unchanged', 'rejected'] as const)
      deps.counted(kind, outcome, counts[outcome])
  const batch: Batch = {
    batch: id,
    source: source.id,
    kind,
    mode: options.mode,
    receivedAt,
    ...counts,
    keyId: source.key?.id ?? null,
    heardMs,
  }
  release(rows, drafts)
  return { ...answerFor(id, counts, rejected, table?.leftOut, refusal, lang), batch, rejected, table }
}

function answerFor(
  batch: string,
  counts: Ended,
  rejected: readonly RejectedRow[],
  leftOut: LeftOut | undefined,
  refusal: Refusal | null,
  lang: Lang,
): Sent {
  const errors = errorsOf(rejected.slice(0, ERRORS_SHOWN), lang).slice(0, ERRORS_SHOWN)
  const { received, accepted, unchanged } = counts
  const answer = {
    batch,
    received,
    accepted,
    unchanged,
    rejected: counts.rejected,
    errors,
    ...(counts.notKept > 0 && { notKept: counts.notKept }),
    ...(leftOut && (leftOut.count > 0 || leftOut.sheets) && { leftOut }),
  }
  if (refusal === null) return { status: 200, answer }
  const problem = { type: 'about:blank', title: 'Unprocessable Content', status: 422, code: 'unprocessable' }
  return { status: 422, answer: { ...problem, ...refusal, ...answer } }
}

/** The faults of rejected rows as an answer names them. A field that nobody knows is named by the sender, perhaps by a number. */
export function errorsOf(rejected: readonly RejectedRow[], lang: Lang) {
  return rejected.flatMap(({ row, faults }) =>
    faults.map((fault) => ({
      row,
      path: maskIdentifiers(fault.path),
      code: fault.code,
      message: faultMessage(fault, lang),
    })),
  )
}
