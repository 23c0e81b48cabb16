import { setImmediate } from 'node:timers/promises'
import type { LeftOut } from '#domain/batch.ts'
import { AppError } from '#domain/error.ts'
import { idNumbersInJson, isIdNumber, maskTitle, normalIdNumber } from '#domain/person.ts'
import type { Fault } from '#domain/reason.ts'
import type { Kind } from '#domain/signal.ts'
import { DAY_MS, toShanghaiIso } from '#domain/time.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import type { RejectedRow } from './accept.ts'
import { erasedSince } from './erasures.ts'
import type { Column } from './formats/columns.ts'
import { NOTHING_LEFT_OUT } from './formats/left-out.ts'
import type { TableHead } from './formats/table.ts'
import { rowJson } from './row-json.ts'
import type { Keys } from './secret.ts'

/** What a request that came in at `receivedAt` came to, in rows. `received` = accepted + unchanged + rejected. */
export type Batch = {
  batch: string
  source: string
  kind: Kind
  mode: 'commit' | 'validate'
  receivedAt: Date
  received: number
  accepted: number
  unchanged: number
  rejected: number
  /** The key it was sent with; none where a session sent it. */
  keyId?: string | null
  /** Of the rejected rows those that are only counted. */
  notKept?: number
  /** When it began to come, in ms, where that is known to be before `receivedAt`. */
  heardMs?: number | null
}

/** A batch as it is looked up: its counts so far, how far its body was gone through, and the columns it came in. */
export type KnownBatch = Batch & {
  state: 'waiting' | 'running' | 'done' | 'failed'
  rowsDone: number
  /** Bytes of the body; `null` where it was taken in one piece. */
  bytesDone: number | null
  bytesTotal: number | null
  notKept: number
  startedAt: Date
  finishedAt: Date | null
  problem: { code: string; detail: string; zh?: string } | null
  columns: Column[] | null
  leftOut: LeftOut
  /** Who took it back and why; `at` and `histories` (people, cases or points) are `null` while that is not counted yet. */
  withdrawn: { at: string | null; by: string; reason: string; histories: number | null } | null
}

/** What is to be known of a batch to put its rejected rows by. */
type RejectedBatch = Pick<Batch, 'batch' | 'kind' | 'source' | 'receivedAt' | 'heardMs'>

/** A batch to be written down, with the columns it came in where it is a table's. */
type Ended = { batch: Batch; table: Pick<TableHead, 'columns' | 'leftOut'> | null }

/** The answer to a request as it was first given. */
export type KeptAnswer = { bodyHash: string; status: number; answer: Record<string, unknown> }

type BatchRow = Omit<KnownBatch, 'withdrawn'> & {
  bytesDone: string
  bytesTotal: string
  withdrawnAt: Date | null
  by: string | null
  reason: string | null
  histories: number | null
}

/**
 * Rejected rows of a batch that are kept: all of the largest workbook. What has more of them is wrong as a whole: the first show that
 * as well, the sender has all of them, and ten million sealed ones would fill the disk and keep the good ones waiting.
 */
const REJECTED_KEPT_MAX = 1_000_000
/** How long after its end the rejected rows of a trial are kept: who tried corrects them and tries again. */
const TRIAL_KEPT_MS = DAY_MS

/** How long an Idempotency-Key is remembered. */
const KEPT_DAYS = 7

/** Rejected rows go in by chunks that keep one statement small. */
const ROWS_PER_INSERT = 500
const ROWS_PER_PAGE = 1_000

/** What senders can look up again: their batches, their rejected rows, and the answers to retried requests. */
export class Batches {
  readonly #postgres: Postgres
  readonly #keys: Keys
  readonly #suspect: () => void
  readonly #keptMax: number
  #ending: (Ended & { resolve: () => void; reject: (error: unknown) => void })[] = []

  /** `suspect` is told when a batch could not be written down. */
  constructor(
    postgres: Postgres,
    keys: Keys,
    suspect: () => void = () => undefined,
    keptMax = REJECTED_KEPT_MAX,
  ) {
    this.#postgres = postgres
    this.#keys = keys
    this.#suspect = suspect
    this.#keptMax = keptMax
  }

  async put(
    batch: Batch,
    rejected: readonly RejectedRow[],
    kept: (KeptAnswer & { key: string }) | null,
    table: Ended['table'],
  ): Promise<void> {
    if (rejected.length === 0 && !kept) return await this.#told(this.#insertWithOthers({ batch, table }))
    const written = this.#postgres.transaction(async (sql) => {
      await this.#insertAll(sql, [{ batch, table }])
      await this.putRejected(sql, batch, rejected)
      if (kept) await this.keep(sql, batch.source, kept)
    })
    await this.#told(written)
  }

  /** What is not written down may be in the store all the same. */
  async #told(written: Promise<void>): Promise<void> {
    try {
      await written
    } catch (error) {
      this.#suspect()
      throw error
    }
  }

  /** What shares a commit ends at one moment: one statement for all of it instead of one each. */
  #insertWithOthers(ended: Ended): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ending.push({ ...ended, resolve, reject }) === 1) void this.#insertEnding()
    })
  }

  async #insertEnding(): Promise<void> {
    await setImmediate()
    const ending = this.#ending.splice(0)
    try {
      await this.#insertAll(this.#postgres, ending)
      for (const { resolve } of ending) resolve()
    } catch {
      // Each by itself: what is the matter with one is told to its sender only.
      for (const { batch, table, resolve, reject } of ending)
        await this.#insertAll(this.#postgres, [{ batch, table }]).then(resolve, reject)
    }
  }

  /** A batch by its id; of any source where `source` is `null`. */
  async find(id: string, source: string | null): Promise<KnownBatch | null> {
    return (await this.#read('b.id = $1 AND ($2::text IS NULL OR b.source = $2)', [id, source]))[0] ?? null
  }

  /** Batches of a source, newest first, those received before the batch `before`; `null` when there is no such batch. */
  async list(source: string, limit: number, before: string | null): Promise<KnownBatch[] | null> {
    if (before === null) return await this.#read('b.source = $1', [source], limit)
    if (!(await this.find(before, source))) return null
    return await this.#read(
      'b.source = $1 AND (b."receivedAt", b.id) < (SELECT "receivedAt", id FROM batches WHERE id = $2)',
      [source, before],
      limit,
    )
  }

  async #read(where: string, params: unknown[], limit = 1): Promise<KnownBatch[]> {
    const batches = await this.#postgres.query<BatchRow>(
      `SELECT b.id AS batch, b.source, b.kind, b.mode, b."receivedAt", b.received, b.accepted, b.unchanged, b.rejected, b.columns, b."leftOut", b."keyId",
              coalesce(u.state, 'done') AS state, b.received AS "rowsDone", b."notKept", u."bytesDone", u."bytesTotal",
              CASE WHEN u.batch IS NULL THEN b."receivedAt" ELSE u."startedAt" END AS "startedAt",
              CASE WHEN u.batch IS NULL THEN b."receivedAt" ELSE u."finishedAt" END AS "finishedAt", u.problem,
              w."withdrawnAt", w."by", w.reason, w.histories
       FROM batches b LEFT JOIN uploads u ON u.batch = b.id LEFT JOIN withdrawals w ON w.batch = b.id
       WHERE ${where} ORDER BY b."receivedAt" DESC, b.id DESC LIMIT ${limit}`,
      params,
    )
    return batches.map(({ withdrawnAt, by, reason, histories, ...batch }) => ({
      ...batch,
      withdrawn:
        by === null || reason === null
          ? null
          : { at: withdrawnAt && toShanghaiIso(withdrawnAt.getTime()), by, reason, histories },
      bytesDone: batch.bytesDone === null ? null : Number(batch.bytesDone),
      bytesTotal: batch.bytesTotal === null ? null : Number(batch.bytesTotal),
    }))
  }

  /** The rejected rows of a batch in order, unsealed, as the sender sent them; read off in pages. */
  async *rejected(id: string): AsyncGenerator<RejectedRow> {
    // Where pages end is asked once. By a LIMIT alone, what is left of the batch is sorted for each page, as long as nobody has
    // counted for the planner what a batch holds: 60 ms a page of 200,000 rows, and the embedded store is never counted.
    const ends = await this.#postgres.query<{ row: number }>(
      `SELECT row FROM (SELECT row, row_number() OVER (ORDER BY row) AS place FROM rejected_rows WHERE batch = $1) AS one
       WHERE place % ${ROWS_PER_PAGE} = 0 ORDER BY row`,
      [id],
    )
    let after = 0
    for (const end of [...ends.map(({ row }) => row), 2 ** 31 - 1]) {
      // The embedded store works on this thread: others are answered in between.
      await setImmediate()
      const rows = await this.#postgres.query<{ row: number; sealed: string; faults: Fault[] }>(
        'SELECT row, sealed, faults FROM rejected_rows WHERE batch = $1 AND row > $2 AND row <= $3 ORDER BY row',
        [id, after, end],
      )
      for (const { row, sealed, faults } of rows)
        yield { row, value: JSON.parse(this.#keys.unseal(sealed)), faults }
      after = end
    }
  }

  /** The first of them. */
  async firstRejected(id: string, rowsMax: number): Promise<RejectedRow[]> {
    const rows: RejectedRow[] = []
    for await (const row of this.rejected(id)) if (rows.push(row) >= rowsMax) break
    return rows
  }

  /** The answer first given under this key, or `null`. */
  async keptAnswer(source: string, key: string): Promise<KeptAnswer | null> {
    const [kept] = await this.#postgres.query<KeptAnswer>(
      `SELECT "bodyHash", status, answer FROM idempotency WHERE source = $1 AND key = $2 AND "createdAt" > now() - interval '${KEPT_DAYS} days'`,
      [source, key],
    )
    return kept ?? null
  }

  async insert(sql: Sql, batch: Batch, table: Ended['table']): Promise<void> {
    await this.#told(this.#insertAll(sql, [{ batch, table }]))
  }

  /** One that was slow may have been taken for orphaned by then: who sent it knows more of it. */
  async #insertAll(sql: Sql, ended: readonly Ended[]): Promise<void> {
    const rows = ended.map(({ batch: b, table }) => ({
      id: b.batch,
      source: b.source,
      kind: b.kind,
      mode: b.mode,
      receivedAt: b.receivedAt,
      received: b.received,
      accepted: b.accepted,
      unchanged: b.unchanged,
      rejected: b.rejected,
      columns: table?.columns ?? null,
      leftOut: table?.leftOut ?? NOTHING_LEFT_OUT,
      keyId: b.keyId ?? null,
      notKept: b.notKept ?? 0,
    }))
    await sql.query(
      `INSERT INTO batches (id, source, kind, mode, "receivedAt", received, accepted, unchanged, rejected, columns, "leftOut", "keyId", "notKept")
       SELECT id, source, kind, mode, "receivedAt", received, accepted, unchanged, rejected, columns, "leftOut", "keyId", "notKept"
       FROM jsonb_populate_recordset(NULL::batches, $1)
       ON CONFLICT (id) DO UPDATE SET received = EXCLUDED.received, accepted = EXCLUDED.accepted, unchanged = EXCLUDED.unchanged,
         rejected = EXCLUDED.rejected, columns = EXCLUDED.columns, "leftOut" = EXCLUDED."leftOut", "keyId" = EXCLUDED."keyId",
         "notKept" = EXCLUDED."notKept"`,
      [JSON.stringify(rows)],
    )
  }

  /** Remembers the answer to a request; the first one under a key stays, as long as answers are kept. */
  async keep(sql: Sql, source: string, kept: KeptAnswer & { key: string }): Promise<void> {
    await sql.query(
      `INSERT INTO idempotency (source, key, "bodyHash", status, answer) VALUES ($1,$2,$3,$4,$5)
       ON CONFLICT (source, key) DO UPDATE SET "bodyHash" = excluded."bodyHash", status = excluded.status, answer = excluded.answer, "createdAt" = now()
       WHERE idempotency."createdAt" <= now() - interval '${KEPT_DAYS} days'`,
      [source, kept.key, kept.bodyHash, kept.status, JSON.stringify(kept.answer)],
    )
  }

  async keepAnswer(source: string, kept: KeptAnswer & { key: string }): Promise<void> {
    await this.keep(this.#postgres, source, kept)
  }

  /** Clears away the answers that are not given any more. */
  async sweepAnswers(): Promise<void> {
    await this.#postgres.query(
      `DELETE FROM idempotency WHERE "createdAt" <= now() - interval '${KEPT_DAYS} days'`,
    )
  }

  /** Takes the rejected rows of trials away that have ended a day ago: nobody replays them, and they may name people. */
  async sweepTrials(nowMs: number): Promise<void> {
    await this.#postgres.query(
      `DELETE FROM rejected_rows WHERE batch IN (
         SELECT b.id FROM batches b LEFT JOIN uploads u ON u.batch = b.id
         WHERE b.mode = 'validate' AND b."receivedAt" <= $1 AND coalesce(u."finishedAt" <= $1, u.batch IS NULL)
           AND EXISTS (SELECT FROM rejected_rows r WHERE r.batch = b.id))`,
      [new Date(nowMs - TRIAL_KEPT_MS)],
    )
  }

  /** How many of so many rejected rows of a batch are only counted, where so many of it are kept already. */
  tooMany(rejected: number, keptBefore = 0): number {
    return Math.max(0, rejected - Math.max(0, this.#keptMax - keptBefore))
  }

  /**
   * Puts rejected rows by, within a transaction, as far as they are not too many beside the `keptBefore` of the batch; a row that is
   * there already stays as it is.
   */
  async putRejected(
    sql: Sql,
    { batch, kind, source, receivedAt, heardMs }: RejectedBatch,
    rejected: readonly RejectedRow[],
    keptBefore = 0,
  ): Promise<void> {
    const first = rejected.slice(0, rejected.length - this.tooMany(rejected.length, keptBefore))
    const told = first.map((row) => ({ ...row, persons: this.personsIn(kind, row.value) }))
    const kept = await this.#withoutErased(sql, source, heardMs ?? receivedAt.getTime(), told)
    for (let i = 0; i < kept.length; i += ROWS_PER_INSERT) {
      const rows = kept.slice(i, i + ROWS_PER_INSERT)
      // The embedded store works on this thread: others are answered in between.
      await setImmediate()
      await sql.query(
        'INSERT INTO rejected_rows (batch, row, sealed, faults, "personKey") SELECT $1, * FROM unnest($2::int[], $3::text[], $4::jsonb[], $5::text[]) ON CONFLICT DO NOTHING',
        [
          batch,
          rows.map((one) => one.row),
          rows.map((one) => this.#keys.seal(rowJson(one.value))),
          rows.map((one) => faultsJson(one.faults)),
          rows.map((one) => one.persons),
        ],
      )
    }
  }

  /** Of rows heard at `heardMs` those that tell of nobody who was erased since: an erasure took away what was there by then. */
  async #withoutErased<R extends { persons: string }>(
    sql: Sql,
    source: string,
    heardMs: number,
    rows: readonly R[],
  ): Promise<readonly R[]> {
    if (rows.every(({ persons }) => persons === '')) return rows
    // An erasure says so when what is put by here is there to be deleted.
    await sql.query('LOCK TABLE erasures IN SHARE MODE')
    const isErased = await erasedSince(sql, heardMs)
    if (!isErased) return rows
    return rows.filter(({ persons }) => !persons.split(' ').some((one) => isErased(one, source, heardMs)))
  }

  /**
   * The keys of the persons a row tells of, with blanks between, so that an erasure finds it; '' when there are none. One that
   * could not be read into its fields may have the number anywhere. A case is its employer's and goes with nobody it mentions.
   */
  personsIn(kind: Kind, value: unknown): string {
    const sent = (value as { idNumber?: unknown } | null)?.idNumber
    const idNumber = typeof sent === 'string' ? normalIdNumber(sent) : ''
    if (isIdNumber(idNumber)) return this.#keys.personKey(idNumber)
    if (kind !== 'workers') return ''
    const text = typeof value === 'string' ? value : rowJson(value)
    return idNumbersInJson(text).map(this.#keys.personKey).join(' ')
  }
}

/** @throws AppError `gone` where the rejected rows of a trial are kept no more. */
export function rejectPastTrial({ mode, rejected, receivedAt, finishedAt }: KnownBatch, nowMs: number): void {
  if (mode === 'validate' && rejected > 0 && (finishedAt ?? receivedAt).getTime() + TRIAL_KEPT_MS <= nowMs)
    throw new AppError('gone', 'the rejected rows of a trial are kept for a day; send the file again', {
      zh: '“只检查”的退回行只保留一天，请重新上传检查',
    })
}

/** Faults as they are kept: a field that nobody knows is named as its sender names it, perhaps by the number of a person. */
export const faultsJson = (faults: readonly Fault[]): string =>
  JSON.stringify(faults.map((fault) => ({ ...fault, path: maskTitle(fault.path) })))
