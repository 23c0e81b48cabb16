import { hash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { AppError } from '#domain/error.ts'
import { Serial } from '#sql/serial.ts'
import type { KeptAnswer } from './batches.ts'
import type { FilePlace, Received } from './formats/body.ts'
import { OtherMeaningBelow } from './formats/other-meaning-below.ts'
import { withLeanHeap } from './lean-heap.ts'
import { type FileSeal, SealBroken } from './sealed-files.ts'
import type { SendingSource } from './sources.ts'
import {
  acceptedOf,
  isJudgedFirst,
  isWhole,
  NOT_WHOLE_REASON,
  type Outcome,
  type TakeDeps,
  takeBack,
  takeUpload,
} from './take-upload.ts'
import type { Upload, UploadProblem } from './upload-log.ts'

type UploadsDeps = TakeDeps & {
  dataDir: string
  fileSeal: FileSeal
  /** Told of what must not happen; the upload fails with `internal`. */
  failed: (error: unknown) => void
}

/** How long an upload waits for a store that is away before it is tried again. */
const RETRY_MS = 5_000

/**
 * Names the directory of the files among those of other processes that share the database. The name stays with the directory: a
 * container that is made anew has another host name, and must go on with what it has answered for.
 */
export function placeOf(dataDir: string): string {
  const path = join(dataDir, 'place')
  if (!existsSync(path))
    writeFileSync(path, hash('sha256', `${hostname()} ${dataDir}`, 'hex').slice(0, 16), { mode: 0o600 })
  return readFileSync(path, 'utf8')
}

/**
 * Bodies that are too large to be taken in one piece, or whose sender does not wait. They lie in `DATA_DIR/uploads` until
 * they are done, and are gone through one after the other, so that memory is bounded; after a crash they go on.
 */
export class Uploads {
  readonly #deps: UploadsDeps
  readonly #line = new Serial()
  readonly #folder: string
  readonly #retries = new Map<string, NodeJS.Timeout>()
  #isStopping = false

  constructor(deps: Omit<UploadsDeps, 'isStopping'>) {
    this.#deps = { ...deps, isStopping: () => this.#isStopping }
    this.#folder = join(deps.dataDir, 'uploads')
  }

  /** Where the body of a batch is put down. */
  placeFor(batch: string): FilePlace {
    return { path: join(this.#folder, batch), seal: this.#deps.fileSeal }
  }

  /** Goes on with what a process before left; removes files that belong to nothing. Before the first request. */
  async recover(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const open = await this.#deps.log.open()
    const known = new Set(open.map((upload) => upload.batch))
    for (const name of await readdir(this.#folder)) if (!known.has(name)) await this.discard(name)
    for (const upload of open) void this.#run(upload.batch).catch(() => undefined)
  }

  /**
   * Takes an upload in its turn and resolves with what it came to.
   * @throws AppError as `takeUpload` does, and `store_away` when the server stops before it is done. One that must be taken
   * whole and has been begun then goes on all the same.
   */
  async take(upload: Upload, body: Received, source: SendingSource): Promise<Outcome> {
    await this.#begin(upload, null)
    try {
      return await this.#line.run(() => this.#take(upload, body, source))
    } catch (error) {
      if (isToGoOn(upload, error)) this.#retryLater(upload.batch)
      throw error
    }
  }

  /** Writes an upload down, with the answer its sender gets, and takes it when its turn comes. */
  async enqueue(upload: Upload, kept: (KeptAnswer & { key: string }) | null): Promise<void> {
    await this.#begin(upload, kept)
    void this.#run(upload.batch).catch(() => undefined)
  }

  async #begin(upload: Upload, kept: (KeptAnswer & { key: string }) | null): Promise<void> {
    try {
      await this.#deps.log.begin(upload, kept)
    } catch (error) {
      // Nobody knows of it, so nobody will take it.
      await this.discard(upload.batch)
      throw error
    }
  }

  async discard(batch: string): Promise<void> {
    await rm(this.placeFor(batch).path, { force: true })
  }

  /** Ends after the chunk that is being committed; what is not done goes on at the next start. */
  async close(): Promise<void> {
    this.#isStopping = true
    for (const retry of this.#retries.values()) clearTimeout(retry)
    await this.#line.run(async () => undefined)
  }

  async #run(batch: string): Promise<void> {
    await this.#line
      .run(async () => {
        const upload = await this.#deps.log.findOpen(batch)
        if (!upload || this.#isStopping) return
        const source = await this.#deps.sources.find(upload.source, upload.keyId)
        if (source?.key?.isRevoked) {
          await this.#fail(upload, KEY_REVOKED, whyNothingStays(upload, null))
          await this.discard(batch)
          return
        }
        const { path, seal } = this.placeFor(batch)
        const isThere = await stat(path).then(
          () => true,
          () => false,
        )
        if (!source || !isThere) {
          await this.#fail(upload, NOT_WHOLE, whyNothingStays(upload, null))
          return
        }
        const read = seal.readerOf({ ...upload.body, path })
        const heardMs = upload.heardMs ?? upload.receivedAt.getTime()
        await this.#take(upload, { ...upload.body, path, read, heardMs, hash: () => '' }, source)
      })
      .catch((error) => {
        // What is not about the body was written down and is tried again from there.
        if (error instanceof AppError && error.code === 'store_away') this.#retryLater(batch)
      })
  }

  async #take(upload: Upload, body: Received, source: SendingSource): Promise<Outcome> {
    try {
      const outcome = await withLeanHeap(() => takeUpload(this.#deps, upload, body, source))
      this.#deps.sources.spend(source, outcome.counts.received)
      await this.discard(upload.batch)
      return outcome
    } catch (error) {
      if (isToGoOn(upload, error)) throw error
      // Also what somebody did to the disk: the sender alone would hear of it.
      if (!(error instanceof AppError) || error instanceof SealBroken) this.#deps.failed(error)
      const reason = whyNothingStays(upload, error)
      // The sender is told of the fault itself, also where the store cannot be asked what it took before. What may not stay
      // is read to its fault again then, until it is gone; of the rest only how it ended is to be written down.
      const isEnded = await this.#fail(upload, problemOf(error), reason).then(
        () => true,
        () => false,
      )
      if (isEnded || reason === null) await this.discard(upload.batch)
      if (!isEnded) this.#retryLater(upload.batch)
      throw error
    }
  }

  /** Ends an upload that broke off: what was taken of it stays, unless there is a `reason` why it may not. */
  async #fail(upload: Upload, problem: UploadProblem, reason: string | null): Promise<void> {
    let accepted: number | null = null
    if (reason !== null) {
      await takeBack(this.#deps, upload, reason)
      // Nor may what waits to be judged again: a replay knows nothing of what was said about the whole file.
      await this.#deps.dismiss(upload, reason)
    } else if (upload.pass === 'take') accepted = await acceptedOf(this.#deps, upload).catch(() => null)
    await this.#deps.log.finish(upload.batch, problem, accepted)
  }

  #retryLater(batch: string): void {
    if (this.#isStopping || this.#retries.has(batch)) return
    const retry = setTimeout(() => {
      this.#retries.delete(batch)
      void this.#run(batch)
    }, RETRY_MS)
    this.#retries.set(batch, retry)
  }
}

const NOT_WHOLE: UploadProblem = {
  code: 'store_away',
  detail: 'the server stopped before it had the whole file; send it again',
  zh: '服务器在收完文件之前停止了，请重新上传',
}

const KEY_REVOKED: UploadProblem = {
  code: 'unauthenticated',
  detail:
    'the key this file was sent with was revoked before all of it was taken; send it again with a key that holds',
  zh: '上传这个文件用的密钥在处理完之前已被吊销，请用有效的密钥重新上传',
}

/** The stores alone say nothing in Chinese, and only that they are away. */
function problemOf(error: unknown): UploadProblem {
  if (error instanceof AppError)
    return { code: error.code, detail: error.message, zh: error.zh ?? '数据库暂时不可用，请稍后重新上传' }
  return {
    code: 'internal',
    detail: 'internal error; it has been logged',
    zh: '服务器内部出错，已记入日志；请告诉管理员',
  }
}

/** Why nothing that was taken of a failed upload may stay, for the withdrawal; `null` where it may. */
const whyNothingStays = (upload: Upload, error: unknown): string | null =>
  isWhole(upload) ? NOT_WHOLE_REASON : error instanceof OtherMeaningBelow ? error.zh : null

/** What nobody waits for goes on when the store is there again, and so does what must be taken whole and has been begun. */
const isToGoOn = (upload: Upload, error: unknown): boolean =>
  error instanceof AppError &&
  error.code === 'store_away' &&
  (upload.isAsync || (isJudgedFirst(upload) && upload.pass === 'take'))
