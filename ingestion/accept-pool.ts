import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { AppError } from '#domain/error.ts'
import type { Kind } from '#domain/signal.ts'
import type { RawRows, SourceScope } from './accept.ts'
import type { AcceptResult, AcceptTask } from './accept-thread.ts'
import { type Accepted, acceptorFor, type Request } from './acceptor.ts'
import { type Draft, unpackDrafts } from './observation.ts'
import { rowsJson } from './row-json.ts'
import { stopping } from './stopping.ts'

/** A body from this size on is gone through on another thread; what is smaller is done (2 ms) before it would get there. */
const ELSEWHERE_BYTES_MIN = 64 * 1024
const ELSEWHERE_ROWS_MIN = 200
/** A thread that had nothing to do for so long gives its memory back. */
const IDLE_MS = 30_000
/** What lives only for a row needs no more; larger is not faster (measured: 32 and 128 alike). */
const YOUNG_MB_MAX = 32

/**
 * Goes through the rows of bodies: reading, checking, hashing and sealing are most of the work of ingestion. Large bodies
 * are gone through on threads of their own, so that committing, alerting and answering go on meanwhile.
 */
export class AcceptPool {
  readonly #accept: ReturnType<typeof acceptorFor>
  readonly #threads: Piscina<AcceptTask, AcceptResult>
  readonly #coming: Record<Kind, number> = { workers: 0, arrears: 0, industry: 0 }
  #isClosed = false

  constructor(secret: string) {
    this.#accept = acceptorFor(secret)
    this.#threads = new Piscina({
      filename: new URL('./accept-thread.ts', import.meta.url).href,
      workerData: { secret },
      minThreads: 0,
      // One for each core: with one less, cores stand idle while the engine waits (measured on two: 33,400 and 37,900 rows/s).
      maxThreads: Math.min(4, availableParallelism()),
      idleTimeout: IDLE_MS,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB_MAX },
    })
  }

  /** Whether large bodies of a kind are being gone through: their drafts will be there soon. */
  isMoreComing = (kind: Kind): boolean => this.#coming[kind] > 0

  /**
   * A body in memory is lent: nobody may read it meanwhile, and it is there again afterwards, as a commit may yet refuse some of its rows.
   * @throws AppError `bad_request` where the body as a whole cannot be read, `store_away` when the server is stopping.
   */
  async accept<K extends Kind>(
    kind: K,
    body: RawRows,
    scope: SourceScope,
    request: Request,
  ): Promise<Accepted<K>> {
    if (this.#isClosed) throw stopping()
    if (isSmall(body)) return this.#accept(kind, body, scope, request)
    this.#coming[kind]++
    try {
      const { id, kinds, region, rules } = scope
      const sent = 'rows' in body ? { rows: rowsJson(body.rows) } : body
      const task = { kind, body: sent, scope: { id, kinds, region, ...(rules && { rules }) }, request }
      const lent = buffersOf(body)
      const result = await this.#threads.run(task, { transferList: lent })
      if ('fault' in result) {
        const { code, message, zh } = result.fault
        throw new AppError(code, message, { ...(zh !== null && { zh }) })
      }
      const { drafts, rejected, table, content } = result
      if (!('rows' in body) && lent.length > 0 && content) body.content = Buffer.from(content)
      return {
        drafts: unpackDrafts(kind, drafts),
        rejected: JSON.parse(rejected),
        table: 'rows' in body ? body.table : table,
      }
    } finally {
      this.#coming[kind]--
    }
  }

  /** Goes through what it has, then refuses more. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#threads.close()
  }
}

const isSmall = (body: RawRows) =>
  'rows' in body ? body.rows.length < ELSEWHERE_ROWS_MIN : body.content.length < ELSEWHERE_BYTES_MIN

/**
 * Gives a body and its drafts back when nobody reads them any more. Left to be collected they wait for it, and bring it about all the
 * earlier, as their bytes count against the limit of the heap.
 */
export function release(body: RawRows, drafts: readonly Draft[]): void {
  for (const buffer of buffersOf(body)) buffer.transfer(0)
  // All drafts of a body are of one page.
  drafts[0]?.page.release()
}

/** What is alone in its block changes hands; what shares one with others is copied. */
function buffersOf(body: RawRows): ArrayBuffer[] {
  if ('rows' in body) return []
  const { buffer, byteLength } = body.content
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []
}
