import { setTimeout } from 'node:timers/promises'
import { AppError } from '#domain/error.ts'
import type { Kind } from '#domain/signal.ts'
import type { Committer } from './commit.ts'
import type { Draft } from './observation.ts'
import type { Verdict } from './pick.ts'
import { stopping } from './stopping.ts'

/** Rows waiting beyond which a request is told to come back: about two seconds of work. */
const WAITING_ROWS_MAX = 100_000
/** How long the first request of an idle buffer waits for company. */
const LINGER_MS = 5
/** How long large requests wait for others that are about to be ready: one large commit costs less than several. */
const COMPANY_MS = 600
/** A request of fewer rows waits for nobody. */
const LARGE_ROWS = 1_000
/** From the beginning of a commit to that of the next, at least: each is some 80 ms of work, whatever little it brings. */
const PACE_MS = 50

type Waiting<K extends Kind> = {
  drafts: readonly Draft<K>[]
  isWhole: boolean
  resolve: (verdict: Verdict) => void
  reject: (error: unknown) => void
}

/**
 * Group commit: requests that arrive while a commit runs share the next one. Requests are committed in the order they
 * came, so the later received wins. Holds nothing that has been answered.
 */
export class Buffer<K extends Kind> {
  readonly #committer: Committer<K>
  readonly #committed: () => void
  readonly #isMoreComing: () => boolean
  readonly #suspect: () => void
  #waiting: Waiting<K>[] = []
  #waitingRows = 0
  #beganMs = Number.NEGATIVE_INFINITY
  #running: Promise<void> | null = null
  #isClosed = false

  /**
   * `committed` is called after each commit that may have changed something; `isMoreComing` tells of large requests on their
   * way; `suspect` is told of a commit that failed: it may be in the store all the same.
   */
  constructor(
    committer: Committer<K>,
    committed: () => void,
    isMoreComing: () => boolean = () => false,
    suspect: () => void = () => undefined,
  ) {
    this.#committer = committer
    this.#committed = committed
    this.#isMoreComing = isMoreComing
    this.#suspect = suspect
  }

  get waitingRows(): number {
    return this.#waitingRows
  }

  /**
   * Resolves when the drafts are committed and counted; `isWhole`: all, or none where one is refused.
   * @throws AppError `queue_full` when too much waits, `store_away` when the store fails or is closing. The drafts may then be sent again.
   */
  add(drafts: readonly Draft<K>[], isWhole = false): Promise<Verdict> {
    if (this.#isClosed) throw stopping()
    if (this.#waitingRows > 0 && this.#waitingRows + drafts.length > WAITING_ROWS_MAX)
      throw new AppError('queue_full', 'too many rows are waiting to be committed; send again', {
        retryAfterS: 2,
      })
    this.#waitingRows += drafts.length
    return new Promise((resolve, reject) => {
      this.#waiting.push({ drafts, isWhole, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Commits what waits, then refuses more. */
  async drain(): Promise<void> {
    this.#isClosed = true
    await this.#running
  }

  async #run(): Promise<void> {
    await setTimeout(LINGER_MS)
    let counting: Promise<void> = Promise.resolve()
    for (;;) {
      if (this.#waiting.length === 0) await counting
      if (this.#waiting.length === 0) break
      await this.#gather()
      const pauseMs = this.#beganMs + PACE_MS - performance.now()
      if (pauseMs > 0) await setTimeout(pauseMs)
      this.#beganMs = performance.now()
      const group = this.#take()
      const whole = new Set(group.flatMap(({ isWhole }, i) => (isWhole ? i : [])))
      const { stored, counted } = this.#committer.commit(
        group.map((waiting) => waiting.drafts),
        whole,
      )
      const answered = this.#answer(group, counted)
      await stored
      await counting
      counting = answered
    }
    this.#running = null
  }

  async #gather(): Promise<void> {
    const untilMs = Date.now() + COMPANY_MS
    const isPatient = () => this.#waiting.every(({ drafts }) => drafts.length >= LARGE_ROWS)
    const isFull = () =>
      this.#waiting.reduce((rows, { drafts }) => rows + drafts.length, 0) >= this.#committer.rowsAtOnce
    while (this.#isMoreComing() && isPatient() && !isFull() && Date.now() < untilMs)
      await setTimeout(LINGER_MS)
  }

  async #answer(group: readonly Waiting<K>[], counted: Promise<Verdict[]>): Promise<void> {
    try {
      const verdicts = await counted
      group.forEach((waiting, i) => {
        waiting.resolve(verdicts[i] ?? { accepted: 0, unchanged: 0 })
      })
      if (verdicts.some((verdict) => verdict.accepted > 0)) this.#committed()
    } catch (error) {
      this.#suspect()
      for (const waiting of group) waiting.reject(error)
    } finally {
      for (const waiting of group) this.#waitingRows -= waiting.drafts.length
    }
  }

  /** What the next commit takes: requests kept whole, a single larger one by itself. */
  #take(): Waiting<K>[] {
    let rows = 0
    let requests = 0
    for (const { drafts } of this.#waiting) {
      if (requests > 0 && rows + drafts.length > this.#committer.rowsAtOnce) break
      rows += drafts.length
      requests++
    }
    return this.#waiting.splice(0, requests)
  }
}
