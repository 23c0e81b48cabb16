import { normalIdNumber } from '#domain/person.ts'
import type { Fault } from '#domain/reason.ts'
import type { Kind } from '#domain/signal.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import type { RejectedRow } from './accept.ts'
import type { Keys } from './secret.ts'

/** What a request came to, in rows. `received` = accepted + unchanged + rejected. */
export type Batch = {
  batch: string
  source: string
  kind: Kind
  mode: 'commit' | 'validate'
  received: number
  accepted: number
  unchanged: number
  rejected: number
}

/** The answer to a request as it was first given. */
export type KeptAnswer = { bodyHash: string; status: number; answer: Record<string, unknown> }

/** How long an Idempotency-Key is remembered. */
const KEPT_DAYS = 7

/** Rejected rows go in by chunks that keep one statement small. */
const ROWS_PER_INSERT = 500

/** What senders can look up again: their batches, their rejected rows, and the answers to retried requests. */
export class Batches {
  readonly #postgres: Postgres
  readonly #keys: Keys

  constructor(postgres: Postgres, keys: Keys) {
    this.#postgres = postgres
    this.#keys = keys
  }

  async put(
    batch: Batch,
    rejected: readonly RejectedRow[],
    kept: (KeptAnswer & { key: string }) | null,
  ): Promise<void> {
    if (rejected.length === 0 && !kept) return await this.#put(this.#postgres, batch)
    await this.#postgres.transaction(async (sql) => {
      await this.#put(sql, batch)
      for (let i = 0; i < rejected.length; i += ROWS_PER_INSERT)
        await this.#putRejected(sql, batch.batch, rejected.slice(i, i + ROWS_PER_INSERT))
      if (kept)
        await sql.query(
          'INSERT INTO idempotency (source, key, "bodyHash", status, answer) VALUES ($1,$2,$3,$4,$5) ON CONFLICT DO NOTHING',
          [batch.source, kept.key, kept.bodyHash, kept.status, JSON.stringify(kept.answer)],
        )
    })
  }

  async find(id: string, source: string): Promise<(Batch & { receivedAt: Date }) | null> {
    const [batch] = await this.#postgres.query<Batch & { receivedAt: Date }>(
      'SELECT id AS batch, source, kind, mode, "receivedAt", received, accepted, unchanged, rejected FROM batches WHERE id = $1 AND source = $2',
      [id, source],
    )
    return batch ?? null
  }

  /** The rejected rows of a batch in order, unsealed: as the sender sent them. */
  async rejected(id: string): Promise<RejectedRow[]> {
    const rows = await this.#postgres.query<{ row: number; sealed: string; faults: Fault[] }>(
      'SELECT row, sealed, faults FROM rejected_rows WHERE batch = $1 ORDER BY row',
      [id],
    )
    return rows.map(({ row, sealed, faults }) => ({
      row,
      value: JSON.parse(this.#keys.unseal(sealed)),
      faults,
    }))
  }

  /** The answer first given under this key, or `null`. */
  async keptAnswer(source: string, key: string): Promise<KeptAnswer | null> {
    const [kept] = await this.#postgres.query<KeptAnswer>(
      `SELECT "bodyHash", status, answer FROM idempotency WHERE source = $1 AND key = $2 AND "createdAt" > now() - interval '${KEPT_DAYS} days'`,
      [source, key],
    )
    return kept ?? null
  }

  async #put(sql: Sql, b: Batch): Promise<void> {
    await sql.query(
      'INSERT INTO batches (id, source, kind, mode, received, accepted, unchanged, rejected) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)',
      [b.batch, b.source, b.kind, b.mode, b.received, b.accepted, b.unchanged, b.rejected],
    )
  }

  async #putRejected(sql: Sql, batch: string, rows: readonly RejectedRow[]): Promise<void> {
    await sql.query(
      'INSERT INTO rejected_rows (batch, row, sealed, faults, "personKey") SELECT $1, * FROM unnest($2::int[], $3::text[], $4::jsonb[], $5::text[])',
      [
        batch,
        rows.map((rejected) => rejected.row),
        rows.map((rejected) => this.#keys.seal(textOf(rejected.value))),
        rows.map((rejected) => JSON.stringify(rejected.faults)),
        rows.map((rejected) => this.#personOf(rejected.value)),
      ],
    )
  }

  /** The key of the person that a row names, so that an erasure finds it; '' when it names none. */
  #personOf(value: unknown): string {
    const idNumber = (value as { idNumber?: unknown } | null)?.idNumber
    return typeof idNumber === 'string' ? this.#keys.personKey(normalIdNumber(idNumber)) : ''
  }
}

/** A row as JSON; one nested so deep that it cannot be written out is kept as `null`. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch {
    return 'null'
  }
}
