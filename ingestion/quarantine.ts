import { randomUUID } from 'node:crypto'
import { AppError } from '#domain/error.ts'
import type { Fault, Reason } from '#domain/reason.ts'
import type { Kind } from '#domain/signal.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { QUARANTINE_LOCK } from '#sql/queries/identities.ts'
import { withRefused } from './accept.ts'
import type { AcceptPool } from './accept-pool.ts'
import { type Batches, faultsJson } from './batches.ts'
import type { Buffer } from './buffer.ts'
import type { Verdict } from './pick.ts'
import { withoutMarks } from './quarantine-cells.ts'
import type { Keys } from './secret.ts'
import type { SendingSource, Sources } from './sources.ts'

export const QUARANTINE_STATES = ['waiting', 'corrected', 'replayed', 'dismissed'] as const
export type QuarantineState = (typeof QUARANTINE_STATES)[number]

/** Which rows: all of them where nothing is said. */
export type QuarantineFilter = {
  source?: string | undefined
  batch?: string | undefined
  kind?: Kind | undefined
  code?: Reason | undefined
  state?: QuarantineState | undefined
  /** Of these sources only. */
  among?: string[] | undefined
}

/** The place of a row, and where a walk over rows goes on after. */
export type RowPlace = { batch: string; row: number }

/** A row in quarantine. What it says may name a person and is `sealed`; `Quarantine.valueOf` opens it. */
export type QuarantinedRow = RowPlace & {
  source: string
  kind: Kind
  /** The key it was sent with; `null` where a session or an older release sent it. */
  keyId: string | null
  receivedAt: Date
  sealed: string
  state: QuarantineState
  faults: Fault[]
  by: string | null
  changedAt: Date | null
  reason: string | null
  into: string | null
}

export type QuarantineDeps = {
  postgres: Postgres
  sources: Sources
  batches: Batches
  buffers: { [K in Kind]: Buffer<K> }
  keys: Keys
  acceptPool: AcceptPool
  keyVersion: () => number
}

/** Writes an act on rows down, in the transaction that settles them: neither is there without the other. */
type Settled = (sql: Sql, rows: readonly RowPlace[]) => Promise<void>

const ROWS_PER_CHUNK = 500
/** A row that could not be read is not judged anew: what is left of it may be the wrong half. */
const UNREADABLE: readonly Reason[] = [
  'not_json',
  'row_too_large',
  'wrong_columns',
  'larger_unit',
  'merged_cell',
  'digits_lost',
  'code_as_date',
  'year_missing',
  'cell_error',
  'no_saved_value',
  'not_told',
]
const COLUMNS =
  'batch, row, source, kind, "keyId", "receivedAt", sealed, state, faults, "by", "changedAt", reason, "into"'

/**
 * Rejected rows, each waiting until it is corrected, taken by a later replay, or dismissed by a named person. The row as
 * it was sent is never changed nor removed; its state is written after what takes its place is committed, so a crash in
 * between leaves it waiting, and the next try finds it unchanged.
 */
export class Quarantine {
  readonly #deps: QuarantineDeps

  constructor(deps: QuarantineDeps) {
    this.#deps = deps
  }

  /** Rows in the order they were received, after `after`; at most `limit`. */
  async list(filter: QuarantineFilter, after: RowPlace | null, limit: number): Promise<QuarantinedRow[]> {
    const { where, params } = conditions(filter, after)
    return await this.#deps.postgres.query<QuarantinedRow>(
      `SELECT ${COLUMNS} FROM quarantine WHERE ${where} ORDER BY ${IN_ORDER} LIMIT ${limit}`,
      params,
    )
  }

  /** How many rows are in each state. */
  async counts(filter: QuarantineFilter): Promise<Record<QuarantineState, number>> {
    const { where, params } = conditions({ ...filter, state: undefined }, null)
    const rows = await this.#deps.postgres.query<{ state: QuarantineState; n: number | string }>(
      `SELECT state, count(*) AS n FROM quarantine WHERE ${where} GROUP BY state`,
      params,
    )
    const counts = { waiting: 0, corrected: 0, replayed: 0, dismissed: 0 }
    for (const { state, n } of rows) counts[state] = Number(n)
    return counts
  }

  /**
   * Judges a value in place of a waiting row. Accepted, it is committed in a batch of its own and the row is corrected;
   * else the faults are answered and the row waits on.
   * @throws AppError `not_found`, `conflict` when it does not wait any more, `store_away`, `queue_full`.
   */
  correct(
    place: RowPlace,
    value: unknown,
    by: string,
    settled: Settled,
  ): Promise<{ into: string } | { faults: Fault[] }> {
    const { postgres, batches } = this.#deps
    return postgres.withLock(QUARANTINE_LOCK, async () => {
      const row = await this.find(place)
      if (row.state !== 'waiting') throw new AppError('conflict', `this row is already ${row.state}`)
      // Who corrects it answers for it: a person, or the source by a key that nothing narrows.
      const source = await this.#sourceOf(row.source, null)
      // Who somebody is may stand in the row as it came: an erasure since holds.
      const heardMs = row.receivedAt.getTime()
      const { into, taken, rejected } = await this.#take(row.kind, source, [{ row: row.row, value }], heardMs)
      if (taken.length === 0) return { faults: rejected[0]?.faults ?? [] }
      const persons = batches.personsIn(row.kind, value)
      await postgres.transaction(async (sql) => {
        await settle(sql, [place], { state: 'corrected', by, reason: null, into, persons })
        await settled(sql, [place])
      })
      return { into }
    })
  }

  /**
   * Lets waiting rows go, for good, by a named person with a reason: those named, or all of a batch. Answers how many
   * did wait.
   */
  dismiss(
    which: readonly RowPlace[] | { batch: string },
    reason: string,
    by: string,
    settled: Settled,
  ): Promise<number> {
    const { postgres } = this.#deps
    return postgres.withLock(QUARANTINE_LOCK, () =>
      postgres.transaction(async (sql) => {
        const places =
          'batch' in which
            ? await sql.query<RowPlace>(
                `SELECT batch, row FROM quarantine WHERE batch = $1 AND state = 'waiting'`,
                [which.batch],
              )
            : which
        const dismissed = await settle(sql, places, { state: 'dismissed', by, reason, into: null })
        await settled(sql, places)
        return dismissed
      }),
    )
  }

  /**
   * Lets refused reports go whose place another has taken, which is in the batch `into`: of `batches` those of this source
   * that a session sent and that hold one row, as reports do. `settled` hears which of them did wait.
   */
  replace(
    report: { source: string; batches: readonly string[]; into: string; by: string; reason: string },
    settled: Settled,
  ): Promise<void> {
    const { postgres } = this.#deps
    return postgres.withLock(QUARANTINE_LOCK, () =>
      postgres.transaction(async (sql) => {
        const { source, batches, ...to } = report
        const places = await sql.query<RowPlace>(
          `SELECT q.batch, q.row FROM quarantine q JOIN batches b ON b.id = q.batch
           WHERE q.batch = ANY($1::text[]) AND q.source = $2 AND q.state = 'waiting' AND b."keyId" IS NULL AND b.received = 1
           ORDER BY q."receivedAt", q.batch`,
          [batches, source],
        )
        if (places.length === 0) return
        await settle(sql, places, { state: 'dismissed', ...to })
        await settled(sql, places)
      }),
    )
  }

  /** The row as it was sent. */
  valueOf({ sealed }: Pick<QuarantinedRow, 'sealed'>): unknown {
    return JSON.parse(this.#deps.keys.unseal(sealed))
  }

  /**
   * Judges one chunk of what waits, first received first, by the schema, the mappings and the locks of now, and by the region
   * of the key it was sent with, whether or not that key has ended. What is accepted is committed and replayed, the rest waits
   * on with its new reasons. `next` is where the following chunk begins, `null` at the end.
   */
  replay(
    filter: QuarantineFilter,
    after: RowPlace | null,
    by: string,
    settled: Settled,
  ): Promise<{ judged: number; replayed: number; next: RowPlace | null }> {
    return this.#deps.postgres.withLock(QUARANTINE_LOCK, async () => {
      const { where, params } = conditions({ ...filter, state: 'waiting' }, after)
      const rows = await this.#deps.postgres.query<QuarantinedRow>(
        `SELECT ${COLUMNS} FROM quarantine WHERE ${where} ORDER BY ${IN_ORDER} LIMIT ${ROWS_PER_CHUNK}`,
        params,
      )
      const readable = rows.filter((row) => !row.faults.some((fault) => UNREADABLE.includes(fault.code)))
      let replayed = 0
      for (const group of Map.groupBy(readable, (row) => `${row.source} ${row.kind} ${row.keyId}`).values())
        replayed += await this.#replayGroup(group, by, settled)
      const last = rows.length === ROWS_PER_CHUNK ? rows.at(-1) : undefined
      return { judged: readable.length, replayed, next: last ? { batch: last.batch, row: last.row } : null }
    })
  }

  /** A row by its place. @throws AppError `not_found`. */
  async find({ batch, row }: RowPlace): Promise<QuarantinedRow> {
    const [found] = await this.#deps.postgres.query<QuarantinedRow>(
      `SELECT ${COLUMNS} FROM quarantine WHERE batch = $1 AND row = $2`,
      [batch, row],
    )
    if (!found) throw new AppError('not_found', 'there is no such row in quarantine')
    return found
  }

  async #replayGroup(rows: readonly QuarantinedRow[], by: string, settled: Settled): Promise<number> {
    const [first] = rows
    if (!first) return 0
    const source = await this.#sourceOf(first.source, first.keyId)
    const sheets = await this.#deps.postgres.query<{ id: string }>(
      'SELECT id FROM batches WHERE id = ANY($1::text[]) AND columns IS NOT NULL',
      [rows.map((row) => row.batch)],
    )
    const ofSheets = new Set(sheets.map(({ id }) => id))
    const values = rows.map((row, i) => ({
      row: i,
      value: ofSheets.has(row.batch) ? withoutMarks(row.kind, this.valueOf(row)) : this.valueOf(row),
      saidAt: row.receivedAt.getTime() * 1000,
    }))
    const { into, taken, rejected } = await this.#take(first.kind, source, values, first.receivedAt.getTime())
    const places = taken.flatMap((i) => rows[i] ?? [])
    await this.#deps.postgres.transaction(async (sql) => {
      await settle(sql, places, { state: 'replayed', by, reason: null, into })
      if (places.length > 0) await settled(sql, places)
      for (const { row, faults } of rejected) {
        const place = rows[row]
        const kept = faultsJson(faults)
        if (!place || faultsJson(place.faults) === kept) continue
        await sql.query('UPDATE rejected_rows SET faults = $3 WHERE batch = $1 AND row = $2', [
          place.batch,
          place.row,
          kept,
        ])
      }
    })
    return places.length
  }

  /**
   * Commits what can be taken of some values of a source as a batch of its own; `taken` are the rows that went in.
   * `saidAt` (µs) is when they were told where that is not now, `heardMs` when the first of them came.
   */
  async #take(
    kind: Kind,
    source: SendingSource,
    values: readonly { row: number; value: unknown; saidAt?: number }[],
    heardMs: number,
  ) {
    const into = `bat_${randomUUID().replaceAll('-', '')}`
    const receivedAt = new Date()
    const body = { rows: values.map(({ row, value }) => ({ row, value, fault: null })), table: null }
    const { drafts, rejected: unfit } = await this.#deps.acceptPool.accept(kind, body, source, {
      source: source.id,
      batch: into,
      keyVersion: this.#deps.keyVersion(),
      heardMs,
    })
    if (drafts.length === 0) return { into, taken: [], rejected: unfit }
    const isUnfit = new Set(unfit.map((one) => one.row))
    const fit = values.filter(({ row }) => !isUnfit.has(row))
    drafts.forEach((draft, i) => {
      draft.saidAt = fit[i]?.saidAt ?? null
    })
    const verdict: Verdict = await this.#deps.buffers[kind].add(drafts as never)
    const rejected = withRefused(body, unfit, verdict.refused)
    const left = new Set(rejected.map((one) => one.row))
    const taken = values.map((one) => one.row).filter((row) => !left.has(row))
    if (taken.length === 0) return { into, taken, rejected }
    const { accepted, unchanged } = verdict
    await this.#deps.batches.insert(
      this.#deps.postgres,
      {
        batch: into,
        source: source.id,
        kind,
        mode: 'commit',
        receivedAt,
        received: taken.length,
        accepted,
        unchanged,
        rejected: 0,
      },
      null,
    )
    return { into, taken, rejected }
  }

  async #sourceOf(id: string, keyId: string | null): Promise<SendingSource> {
    const source = await this.#deps.sources.find(id, keyId)
    if (!source) throw new AppError('not_found', 'the source of this row is gone')
    return source
  }
}

async function settle(
  sql: Sql,
  places: readonly RowPlace[],
  to: {
    state: QuarantineState
    by: string
    reason: string | null
    into: string | null
    /** Whom the row turned out to tell of, beside those whose numbers it has. */
    persons?: string
  },
): Promise<number> {
  const settled = await sql.query(
    `UPDATE rejected_rows r SET state = $3, "by" = $4, reason = $5, "into" = $6, "changedAt" = now(),
       "personKey" = CASE WHEN strpos("personKey", $7) > 0 THEN "personKey" ELSE btrim("personKey" || ' ' || $7) END
     FROM unnest($1::text[], $2::int[]) AS p(batch, row)
     WHERE r.batch = p.batch AND r.row = p.row AND r.state = 'waiting'
       AND EXISTS (SELECT FROM quarantine q WHERE q.batch = r.batch AND q.row = r.row) RETURNING r.row`,
    [
      places.map((one) => one.batch),
      places.map((one) => one.row),
      to.state,
      to.by,
      to.reason,
      to.into,
      to.persons ?? '',
    ],
  )
  return settled.length
}

function conditions({ source, batch, kind, code, state, among }: QuarantineFilter, after: RowPlace | null) {
  const params: unknown[] = []
  const bound = (value: unknown) => `$${params.push(value)}`
  const parts = [
    'true',
    ...(source === undefined ? [] : [`source = ${bound(source)}`]),
    ...(batch === undefined ? [] : [`batch = ${bound(batch)}`]),
    ...(among === undefined ? [] : [`source = ANY(${bound(among)}::text[])`]),
    ...(kind === undefined ? [] : [`kind = ${bound(kind)}`]),
    ...(code === undefined ? [] : [`faults @> ${bound(JSON.stringify([{ code }]))}::jsonb`]),
    ...(state === undefined ? [] : [`state = ${bound(state)}`]),
    ...(after === null ? [] : [isAfter(bound(after.batch), bound(after.row))]),
  ]
  return { where: parts.join(' AND '), params }
}

/** The order of receipt: of two rows of one batch about one subject and instant the later must be taken later. */
const IN_ORDER = '"receivedAt", batch, row'
const isAfter = (batch: string, row: string) =>
  `(${IN_ORDER}) > ((SELECT "receivedAt" FROM batches WHERE id = ${batch}), ${batch}, ${row}::int)`
