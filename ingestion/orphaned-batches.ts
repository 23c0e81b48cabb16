import { KINDS } from '#domain/signal.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { newestBatchesFor } from '#sql/queries/newest-batches.ts'
import { NEWEST_RECEIPTS } from '#sql/queries/newest-receipts.ts'

/** How long before the last commit, or before a failure is told, something may have been stored and not written down of which batch it was. */
const BEFORE_MS = 10 * 60_000
/** What is stored is written down in this time by who stored it, unless something has failed. */
const OWN_MS = 60_000
const ROWS_PER_INSERT = 5_000

/**
 * Writes down the batches that the store has rows of and Postgres knows nothing of: what nobody knows nobody can withdraw. A
 * process that was killed between the commit and what is kept of it leaves one, and so does a store that goes away between
 * them: the sender sends again, and those rows are `unchanged` then.
 */
export class OrphanedBatches {
  readonly #engine: Engine
  readonly #postgres: Postgres
  /** From the first to the last failure (ms) that has not been looked after. */
  #failed: { fromMs: number; toMs: number } | null = null

  constructor(engine: Engine, postgres: Postgres) {
    this.#engine = engine
    this.#postgres = postgres
  }

  /** Something may just have been stored and not written down. */
  suspect(nowMs: number): void {
    this.#failed = { fromMs: this.#failed?.fromMs ?? nowMs, toMs: nowMs }
  }

  /** What a process before left, looked for before the first request; `isShared`: other processes may be committing. Answers how many. */
  async adoptLeft(isShared: boolean, nowMs: number): Promise<number> {
    const receipts = await this.#engine.query(NEWEST_RECEIPTS)
    const until = nowMs - (isShared ? OWN_MS : 0)
    let adopted = 0
    for (const { kind, knownAtMicros } of receipts)
      adopted += await this.#adopt(kind, Math.floor(knownAtMicros / 1000) - BEFORE_MS, until)
    return adopted
  }

  /** What failures since the last look have left, once they are over. Answers how many. @throws AppError `store_away`; asked again, it looks again. */
  async adoptFailed(nowMs: number): Promise<number> {
    const failed = this.#failed
    if (!failed || nowMs - failed.toMs < OWN_MS) return 0
    let adopted = 0
    for (const kind of KINDS) adopted += await this.#adopt(kind, failed.fromMs - BEFORE_MS, nowMs - OWN_MS)
    if (this.#failed === failed) this.#failed = null
    return adopted
  }

  async #adopt(kind: string, since: number, until: number): Promise<number> {
    const known = KINDS.find((one) => one === kind)
    if (!known) return 0
    const batches = await this.#engine.query(newestBatchesFor(known), { since, until })
    let adopted = 0
    for (let i = 0; i < batches.length; i += ROWS_PER_INSERT) {
      const some = batches.slice(i, i + ROWS_PER_INSERT)
      const inserted = await this.#postgres.query(
        `INSERT INTO batches (id, source, kind, mode, "receivedAt", received, accepted, unchanged, rejected)
         SELECT id, source, $1, 'commit', to_timestamp(ms / 1000.0), n, n, 0, 0
         FROM unnest($2::text[], $3::text[], $4::float8[], $5::int[]) AS b(id, source, ms, n)
         ON CONFLICT DO NOTHING RETURNING id`,
        [
          known,
          some.map(({ batch }) => batch),
          some.map(({ source }) => source),
          some.map(({ receivedMs }) => receivedMs),
          some.map(({ observations }) => observations),
        ],
      )
      adopted += inserted.length
    }
    return adopted
  }
}
