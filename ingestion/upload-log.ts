import type { LeftOut } from '#domain/batch.ts'
import type { ErrorCode } from '#domain/error.ts'
import type { Kind } from '#domain/signal.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import type { RejectedRow } from './accept.ts'
import type { Batch, Batches, KeptAnswer } from './batches.ts'
import type { Received } from './formats/body.ts'
import type { Column, Mapping } from './formats/columns.ts'

type UploadOptions = {
  atomic: 'row' | 'all'
  sheet: string | null
  columns: Mapping | null
  /** Absent in what an earlier release began. */
  leavesHidden?: boolean
}
/** Why an upload was refused or broke off, in English and in Chinese. `internal` has been logged. */
export type UploadProblem = { code: ErrorCode | 'internal'; detail: string; zh: string }
export type Counts = Pick<Batch, 'received' | 'accepted' | 'unchanged' | 'rejected'>
/** What an upload came to in the end. */
export type Ended = Counts & { notKept: number }
export const NO_COUNTS: Readonly<Ended> = { received: 0, accepted: 0, unchanged: 0, rejected: 0, notKept: 0 }

/** A body that is gone through in chunks, with how far that has come. */
export type Upload = {
  batch: string
  source: string
  kind: Kind
  mode: Batch['mode']
  body: Omit<Extract<Received, { kind: 'spooled' }>, 'hash' | 'path' | 'read' | 'heardMs'>
  options: UploadOptions
  isAsync: boolean
  pass: 'judge' | 'take'
  lastRow: number
  receivedAt: Date
  keyId: string | null
  /** When it began to come, in ms; `null` where an earlier release wrote it down. */
  heardMs: number | null
} & Counts

/** One chunk that is done with. */
export type Step = { counts: Counts; rejected: readonly RejectedRow[]; lastRow: number; bytesDone: number }

const IS_OPEN = "u.state IN ('waiting', 'running')"

/** The state of uploads in Postgres: every chunk is written down in one transaction with its rejected rows. */
export class UploadLog {
  readonly #postgres: Postgres
  readonly #batches: Batches
  readonly #place: string

  /** `place` names the directory that holds the files: only its own process goes on with them. */
  constructor(postgres: Postgres, batches: Batches, place: string) {
    this.#postgres = postgres
    this.#batches = batches
    this.#place = place
  }

  async begin(upload: Upload, kept: (KeptAnswer & { key: string }) | null): Promise<void> {
    await this.#postgres.transaction(async (sql) => {
      await this.#batches.insert(sql, upload, null)
      await sql.query(
        'INSERT INTO uploads (batch, place, body, options, "isAsync", state, pass, "bytesTotal") VALUES ($1,$2,$3,$4,$5,$6,$7,$8)',
        [
          upload.batch,
          this.#place,
          JSON.stringify({ ...upload.body, heardMs: upload.heardMs }),
          JSON.stringify(upload.options),
          upload.isAsync,
          'waiting',
          upload.pass,
          upload.body.bytes,
        ],
      )
      if (kept) await this.#batches.keep(sql, upload.source, kept)
    })
  }

  /** Uploads of this place that are not finished, in the order they came. */
  async open(): Promise<Upload[]> {
    return await this.#read(`u.place = $1 AND ${IS_OPEN}`, this.#place)
  }

  /** An upload that is not finished; `null` of any other. */
  async findOpen(batch: string): Promise<Upload | null> {
    return (await this.#read(`u.batch = $1 AND ${IS_OPEN}`, batch))[0] ?? null
  }

  /** Marks the beginning of a pass over the file; `isFromStart` forgets what a pass before counted. */
  async start(batch: string, pass: Upload['pass'], isFromStart: boolean): Promise<void> {
    await this.#postgres.transaction(async (sql) => {
      await sql.query(
        `UPDATE uploads SET state = 'running', pass = $2, "startedAt" = coalesce("startedAt", now()) WHERE batch = $1`,
        [batch, pass],
      )
      if (!isFromStart) return
      await sql.query('UPDATE uploads SET "lastRow" = 0, "bytesDone" = 0 WHERE batch = $1', [batch])
      await sql.query(
        'UPDATE batches SET received = 0, accepted = 0, unchanged = 0, rejected = 0, "notKept" = 0 WHERE id = $1',
        [batch],
      )
      await sql.query('DELETE FROM rejected_rows WHERE batch = $1', [batch])
    })
  }

  /** What the columns were read as by a pass before; `null` before the first. */
  async columnsOf(batch: string): Promise<Column[] | null> {
    const [found] = await this.#postgres.query<{ columns: Column[] | null }>(
      'SELECT columns FROM batches WHERE id = $1',
      [batch],
    )
    return found?.columns ?? null
  }

  async putColumns(batch: string, columns: readonly Column[]): Promise<void> {
    await this.#postgres.query('UPDATE batches SET columns = $2 WHERE id = $1', [
      batch,
      JSON.stringify(columns),
    ])
  }

  /** The lines that are no rows, as far as a pass came. */
  async putLeftOut(batch: string, leftOut: LeftOut): Promise<void> {
    await this.#postgres.query('UPDATE batches SET "leftOut" = $2 WHERE id = $1', [
      batch,
      JSON.stringify(leftOut),
    ])
  }

  /** Writes a chunk down; answers what the batch has come to with it. */
  async step(upload: Upload, { counts, rejected, lastRow, bytesDone }: Step): Promise<Counts> {
    const { batch } = upload
    return await this.#postgres.transaction(async (sql) => {
      const [before] = await sql.query<{ kept: number }>(
        'SELECT rejected - "notKept" AS kept FROM batches WHERE id = $1',
        [batch],
      )
      await this.#batches.putRejected(sql, upload, rejected, before?.kept)
      await sql.query('UPDATE uploads SET "lastRow" = $2, "bytesDone" = $3 WHERE batch = $1', [
        batch,
        lastRow,
        bytesDone,
      ])
      const notKept = this.#batches.tooMany(rejected.length, before?.kept)
      const [after] = await sql.query<Counts>(
        `UPDATE batches SET received = received + $2, accepted = accepted + $3, unchanged = unchanged + $4, rejected = rejected + $5,
           "notKept" = "notKept" + $6 WHERE id = $1 RETURNING received, accepted, unchanged, rejected`,
        [batch, counts.received, counts.accepted, counts.unchanged, counts.rejected, notKept],
      )
      return after ?? NO_COUNTS
    })
  }

  /** Of this batch nothing was taken, whatever its steps said. */
  async takeNothing(batch: string): Promise<void> {
    await this.#postgres.query('UPDATE batches SET accepted = 0, unchanged = 0 WHERE id = $1', [batch])
  }

  /** `accepted` is set where the store was asked; the rest of the good rows were unchanged. */
  async finish(batch: string, problem: UploadProblem | null, accepted: number | null): Promise<Ended> {
    return await this.#postgres.transaction(async (sql: Sql) => {
      if (accepted !== null)
        await sql.query(
          // A chunk that is stored and not counted yet was never written down: it is received with what the store has of it.
          'UPDATE batches SET accepted = $2, received = greatest(received, rejected + $2), unchanged = greatest(received, rejected + $2) - rejected - $2 WHERE id = $1',
          [batch, accepted],
        )
      await sql.query(
        // The name of a sheet may be that of a person.
        `UPDATE uploads SET state = $2, problem = $3, options = jsonb_set(options, '{sheet}', 'null'), "finishedAt" = now(), "startedAt" = coalesce("startedAt", now()),
         "bytesDone" = CASE WHEN $2 = 'done' THEN "bytesTotal" ELSE "bytesDone" END WHERE batch = $1`,
        [batch, problem ? 'failed' : 'done', problem ? JSON.stringify(problem) : null],
      )
      const [counts] = await sql.query<Ended>(
        'SELECT received, accepted, unchanged, rejected, "notKept" FROM batches WHERE id = $1',
        [batch],
      )
      return counts ?? NO_COUNTS
    })
  }

  async #read(where: string, param: string): Promise<Upload[]> {
    return await this.#postgres.query<Upload>(
      `SELECT u.batch, b.source, b.kind, b.mode, u.body, u.options, u."isAsync", u.pass, u."lastRow", b."receivedAt",
              b.received, b.accepted, b.unchanged, b.rejected, b."keyId", (u.body ->> 'heardMs')::float8 AS "heardMs"
       FROM uploads u JOIN batches b ON b.id = u.batch WHERE ${where} ORDER BY b."receivedAt", b.id`,
      [param],
    )
  }
}
