import { createHash } from 'node:crypto'
import type { LeftOut } from '#domain/batch.ts'
import { AppError } from '#domain/error.ts'
import type { Fault } from '#domain/reason.ts'
import type { Kind } from '#domain/signal.ts'
import { DAY_MS } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import { batchObservationsFor } from '#sql/queries/batch-observations.ts'
import { type RejectedRow, withRefused } from './accept.ts'
import { type AcceptPool, release } from './accept-pool.ts'
import type { Buffer } from './buffer.ts'
import type { ColumnMemory } from './column-memory.ts'
import type { Committers } from './commit.ts'
import type { Received } from './formats/body.ts'
import type { Column, Mapping } from './formats/columns.ts'
import { NOTHING_LEFT_OUT } from './formats/left-out.ts'
import type { RawRow } from './formats/raw-row.ts'
import { openRows } from './formats/rows.ts'
import { NONE_GOOD, NOT_ALL_GOOD, noneOfRegion, noRow, type Refusal } from './nothing-to-take.ts'
import type { Draft } from './observation.ts'
import { refusedIn, type Verdict } from './pick.ts'
import type { SendingSource, Sources } from './sources.ts'
import { stopping } from './stopping.ts'
import { type Counts, type Ended, NO_COUNTS, type Upload, type UploadLog } from './upload-log.ts'

export type TakeDeps = {
  engine: Engine
  sources: Sources
  committers: Committers
  buffers: { [K in Kind]: Buffer<K> }
  columns: ColumnMemory
  acceptPool: AcceptPool
  keyVersion: () => number
  log: UploadLog
  /** Takes back what an upload has committed. */
  withdraw: (upload: Upload, reason: string) => Promise<void>
  /** Dismisses what an upload has had rejected. */
  dismiss: (upload: Upload, reason: string) => Promise<void>
  /** @throws AppError `store_away` while the disk is nearly full. */
  rejectWhenFull: () => Promise<void>
  /** Counts rows by what became of them, for `/metrics`. */
  counted: (kind: Kind, outcome: 'accepted' | 'unchanged' | 'rejected', rows: number) => void
  /** The process is stopping: the upload is left where it is and goes on at the next start. */
  isStopping: () => boolean
}

/** What a finished upload came to: its counts, why nothing of it was taken if so, and its first rejected rows. */
export type Outcome = { counts: Ended; refusal: Refusal | null; shown: RejectedRow[]; leftOut: LeftOut }

/** Rows of one file: more than any honest one of 200 MB has, and a bound to what a packed one of lines that are no rows can leave behind. */
const ROWS_MAX = 10_000_000

/** Rejected rows kept at hand for the answer. */
const SHOWN_MAX = 100

/**
 * Goes through a body chunk by chunk. What must be taken whole is only judged in a first pass, and nothing is committed
 * unless every row is good. Where one no more is when its turn comes (another source told of its point, or a period was
 * closed, meanwhile) what was committed is withdrawn. A commit that broke off goes on after the last
 * chunk written down; the chunk after that is taken again, and what of it was stored before counts as accepted, as the
 * store is asked in the end what it has of this batch.
 * @throws AppError of the body (`bad_request`, `too_large`, …), `forbidden`, `store_away`. What was taken before stays, but where
 * the fault gives it another meaning (`OtherMeaningBelow`): whoever ends the upload takes that back.
 */
export async function takeUpload(
  deps: TakeDeps,
  upload: Upload,
  body: Received,
  source: SendingSource,
): Promise<Outcome> {
  const take = new Take(deps, upload, body, source)
  const isCommit = upload.mode === 'commit'
  const isFromStart = !isCommit || upload.pass === 'judge'
  if (upload.pass === 'judge') {
    await take.pass('judge', true, (drafts) => take.judge(drafts))
    take.rejectNothing()
    if (take.hasRejected) return await take.outcome()
  }
  await take.pass(
    'take',
    isFromStart,
    isCommit ? (drafts, isWholeYet) => take.commit(drafts, isWholeYet) : judgeOnce(deps, upload.kind),
  )
  take.rejectNothing()
  return await take.outcome()
}

/** Whether all rows are to be taken or none. */
export const isWhole = ({ options }: Pick<Upload, 'options'>): boolean => options.atomic === 'all'

/** Whether a pass that only judges comes before the one that takes. A trial commits nothing, so one pass judges all of it. */
export const isJudgedFirst = (upload: Pick<Upload, 'mode' | 'options'>): boolean =>
  isWhole(upload) && upload.mode === 'commit'

/** One file is read in one way, although what is remembered of its columns changes between its passes, or while the server is away. What is joined is so by its titles. */
const asRead = (columns: readonly Column[]): Mapping =>
  Object.fromEntries(
    columns.flatMap(({ title, field, how }) =>
      title !== '' && how !== 'joined' && (field !== null || how === 'ignored') ? [[title, field]] : [],
    ),
  )

/** `isWholeYet`: of all rows so far, those beside the drafts too, none was refused. */
type Judge = (drafts: readonly Draft[], isWholeYet: boolean) => Promise<Verdict>

class Take {
  readonly #deps: TakeDeps
  readonly #upload: Upload
  readonly #body: Received
  readonly #source: SendingSource
  #isForeign = true
  /** As they are written down, which is where they are counted. */
  #counts: Counts
  #shown: RejectedRow[] = []
  #leftOut = NOTHING_LEFT_OUT

  constructor(deps: TakeDeps, upload: Upload, body: Received, source: SendingSource) {
    this.#deps = deps
    this.#upload = upload
    this.#body = body
    this.#source = source
    this.#counts = upload
  }

  get hasRejected(): boolean {
    return this.#counts.rejected > 0
  }

  get #hasGood(): boolean {
    return this.#counts.received > this.#counts.rejected
  }

  async pass(pass: Upload['pass'], isFromStart: boolean, judge: Judge): Promise<void> {
    const { batch, kind, options } = this.#upload
    if (isFromStart) this.#forget()
    this.#upload.pass = pass
    await this.#deps.log.start(batch, pass, isFromStart)
    const before = await this.#deps.log.columnsOf(batch)
    const reading = await openRows(this.#body, {
      kind,
      sheet: options.sheet,
      leavesHidden: options.leavesHidden,
      given: before ? asRead(before) : options.columns,
      remembered: await this.#deps.columns.mappings(this.#source.id, kind),
    })
    let isLeftOutTold = false
    /** Once: where it is what failed, doing it again is in vain. */
    const tellLeftOut = async () => {
      if (!reading.table || isLeftOutTold) return
      isLeftOutTold = true
      await this.#deps.log.putLeftOut(batch, reading.table.leftOut)
    }
    // While one chunk is committed the next is read.
    let committing: Promise<void> = Promise.resolve()
    try {
      if (reading.table && !before) await this.#deps.log.putColumns(batch, reading.table.columns)
      if (reading.table && !before && options.columns && this.#upload.mode === 'commit')
        await this.#deps.columns.put(
          this.#source.id,
          kind,
          reading.table.columns.map((column) => column.title),
          options.columns,
        )
      const share = isJudgedFirst(this.#upload) ? 0.5 : 1
      const bytesBefore = pass === 'take' && share < 1 ? this.#body.bytes / 2 : 0
      const after = isFromStart ? 0 : this.#upload.lastRow
      for await (const chunk of reading.chunks) {
        if ((chunk.at(-1)?.row ?? 0) > ROWS_MAX) throw tooManyRows()
        // What is refused is kept too: of a file with one wrong column all of it.
        await this.#deps.rejectWhenFull()
        const rows = after === 0 ? chunk : chunk.filter((row) => row.row > after)
        if (rows.length === 0) continue
        if (this.#deps.isStopping()) throw stopping()
        const isToStore = pass === 'take' && this.#upload.mode === 'commit'
        const { drafts, rejected } = await this.#deps.acceptPool.accept(
          kind,
          { rows, table: null },
          // A period that is closed meanwhile takes nothing of the rest.
          {
            ...this.#source,
            rules: { ...this.#source.rules, locks: await this.#deps.sources.locksOf(this.#source.id) },
          },
          {
            source: this.#source.id,
            batch,
            keyVersion: isToStore ? this.#deps.keyVersion() : null,
            heardMs: this.#upload.heardMs ?? this.#upload.receivedAt.getTime(),
          },
        )
        const bytesDone = Math.round(bytesBefore + reading.bytesRead() * share)
        await committing
        committing = this.#finish(rows, drafts, rejected, bytesDone, pass, judge)
        committing.catch(() => undefined)
      }
      await committing
      this.#leftOut = reading.table?.leftOut ?? NOTHING_LEFT_OUT
      await tellLeftOut()
    } catch (error) {
      // A file that breaks off says what was taken of it, the chunk too that is being committed.
      await committing.catch(() => undefined)
      // What is wrong with the file matters more to its sender than that the store cannot be told of this.
      await tellLeftOut().catch(() => undefined)
      throw error
    } finally {
      await reading.close()
    }
  }

  async #finish(
    rows: readonly RawRow[],
    drafts: readonly Draft[],
    unfit: readonly RejectedRow[],
    bytesDone: number,
    pass: Upload['pass'],
    judge: Judge,
  ): Promise<void> {
    const isWholeYet = !this.hasRejected && unfit.length === 0
    const verdict = drafts.length > 0 ? await judge(drafts, isWholeYet) : { accepted: 0, unchanged: 0 }
    const body = { rows, table: null }
    const rejected = withRefused(body, unfit, verdict.refused)
    release(body, drafts)
    const { accepted, unchanged } = verdict
    const counts = { received: rows.length, accepted, unchanged, rejected: rejected.length }
    const lastRow = rows.at(-1)?.row ?? 0
    this.#counts = await this.#deps.log.step(this.#upload, { counts, rejected, lastRow, bytesDone })
    this.#shown.push(...rejected.slice(0, SHOWN_MAX - this.#shown.length))
    this.#isForeign &&= rejected.every((row) =>
      row.faults.every((fault) => fault.code === 'region_forbidden'),
    )
    if (pass === 'take' && this.#upload.mode === 'commit')
      for (const outcome of ['accepted', 'unchanged', 'rejected'] as const)
        this.#deps.counted(this.#upload.kind, outcome, counts[outcome])
  }

  /** What of the drafts a commit would refuse; none of them is committed. */
  async judge(drafts: readonly Draft[]): Promise<Verdict> {
    const refused = await this.#deps.committers[this.#upload.kind].refusedOf(drafts as never)
    return { accepted: 0, unchanged: 0, refused }
  }

  /**
   * Commits drafts; where too much waits, so does this. Of what must be whole and no more is, nothing: the rest is judged,
   * so that its sender hears of every fault. @throws AppError `store_away`.
   */
  async commit(drafts: readonly Draft[], isWholeYet: boolean): Promise<Verdict> {
    if (isWhole(this.#upload) && !isWholeYet) return await this.judge(drafts)
    for (;;)
      try {
        return await this.#deps.buffers[this.#upload.kind].add(drafts as never, isWhole(this.#upload))
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'queue_full')) throw error
        if (this.#deps.isStopping()) throw stopping()
        await new Promise((resolve) => setTimeout(resolve, 1_000 * (error.retryAfterS ?? 1)))
      }
  }

  /** @throws AppError when there was no row, or none of this source's region. */
  rejectNothing(): void {
    if (this.#counts.received === 0) throw noRow()
    if (!this.#hasGood && this.#isForeign && this.#shown.length > 0) throw noneOfRegion(this.#source)
  }

  async outcome(): Promise<Outcome> {
    const isRefused = isWhole(this.#upload) && this.hasRejected
    const refusal = !this.#hasGood ? NONE_GOOD : isRefused ? NOT_ALL_GOOD : null
    if (isRefused) await takeBack(this.#deps, this.#upload, NOT_WHOLE_REASON)
    const accepted = refusal ? null : await acceptedOf(this.#deps, this.#upload)
    const counts = await this.#deps.log.finish(
      this.#upload.batch,
      refusal && { code: 'unprocessable', ...refusal },
      accepted,
    )
    return { counts, refusal, shown: this.#shown, leftOut: this.#leftOut }
  }

  #forget(): void {
    this.#counts = NO_COUNTS
    this.#shown = []
    this.#isForeign = true
  }
}

/** What the store has of a batch; `null` when it was only to be judged. */
export async function acceptedOf({ engine }: TakeDeps, upload: Upload): Promise<number | null> {
  if (upload.mode !== 'commit') return null
  const since = upload.receivedAt.getTime() - DAY_MS
  const [stored] = await engine.query(batchObservationsFor(upload.kind), { batch: upload.batch, since })
  return stored?.observations ?? 0
}

/** Why what was taken of an upload that must be taken whole does not stay. */
export const NOT_WHOLE_REASON = '整批接受（atomic=all）：中途有行被退回，已入库的一并撤回'

/** Leaves nothing of an upload of which nothing may stay, of this run or of one before a crash. Doing it again changes nothing. */
export async function takeBack(deps: TakeDeps, upload: Upload, reason: string): Promise<void> {
  if (await acceptedOf(deps, upload)) await deps.withdraw(upload, reason)
  await deps.log.takeNothing(upload.batch)
}

const tooManyRows = () =>
  new AppError('too_large', `a file may have ${ROWS_MAX / 1e6} million rows; send it in several requests`, {
    zh: `文件超过 ${ROWS_MAX / 1e4} 万行，请拆成几个文件分别上传`,
  })

/** Judges drafts without committing; one that came in an earlier chunk is unchanged. Remembered by 48 bits of its name. */
function judgeOnce({ committers }: TakeDeps, kind: Kind): Judge {
  const seen = new Set<number>()
  return async (drafts) => {
    const fresh = drafts.filter((draft) => {
      const name = `${draft.historyKey} ${draft.observedAt} ${draft.contentHash}`
      const mark = createHash('sha256').update(name).digest().readUIntBE(0, 6)
      return seen.size < seen.add(mark).size
    })
    if (fresh.length === 0) return { accepted: 0, unchanged: drafts.length }
    const { accepted, refused = new Map<number, Fault>() } = await committers[kind].judge(fresh as never)
    const faults = new Map([...refused].map(([place, fault]) => [fresh[place], fault]))
    const ofAll = refusedIn(drafts, faults)
    return { accepted, unchanged: drafts.length - accepted - ofAll.size, refused: ofAll }
  }
}
