import { hash } from 'node:crypto'
import { type AuditAction, AuditEntry, type BrokenLink } from '#domain/audit.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'

/**
 * What is to be written down. `who` is `null` when nobody known did it: people by their user name, never the full one, a
 * source by its id, a paired screen by the name it was given.
 */
export type Act = {
  who: { id: string; username: string } | null
  action: AuditAction
  subject: string
  reason: string
  address: string
}

/**
 * Which entries to read: `fromMs` ≤ time < `untilMs`, numbered below `before`; newest first. `who` is an id or a name,
 * `text` any part of subject, reason, name or address, in either case of letters.
 */
export type AuditFilter = {
  actions: readonly AuditAction[]
  who: string | null
  subject: string | null
  text: string | null
  fromMs: number | null
  untilMs: number | null
  before: number | null
  limit: number
}

type Row = Omit<AuditEntry, 'seq' | 'at'> & {
  seq: number | string
  at: Date
  prevHash: string
  hash: string
}

const ROWS_PER_PAGE = 1_000
const COLUMNS = 'seq, at, "whoId", "whoName", action, subject, reason, address, "prevHash", hash'

/** Writes an act down, in the transaction that `sql` belongs to; writers take turns until it ends. */
export async function appendAudit(sql: Sql, act: Act, nowMs = Date.now()): Promise<void> {
  const [head] = await sql.query<{ seq: number | string; hash: string }>(
    'UPDATE audit_head SET seq = seq + 1 RETURNING seq, hash',
  )
  if (!head) throw new Error('audit_head has no row: the audit log was tampered with')
  const { who, action, subject, reason, address } = act
  const entry = {
    seq: Number(head.seq),
    at: new Date(nowMs).toISOString(),
    whoId: who?.id ?? '',
    whoName: who?.username ?? '',
    action,
    subject,
    reason,
    address,
  }
  const own = hashOf(entry, head.hash)
  await sql.query(`INSERT INTO audit_log (${COLUMNS}) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`, [
    ...[entry.seq, entry.at, entry.whoId, entry.whoName, action, subject, reason, address],
    head.hash,
    own,
  ])
  await sql.query('UPDATE audit_head SET hash = $1', [own])
}

/** An entry by its number and hash; 0 and '' before the first. */
export type Anchor = { seq: number; hash: string }

/** The newest entry. */
export async function readHead(postgres: Postgres): Promise<Anchor> {
  const [head] = await postgres.query<{ seq: number | string; hash: string }>(
    'SELECT seq, hash FROM audit_head',
  )
  return { seq: Number(head?.seq ?? 0), hash: head?.hash ?? '' }
}

/**
 * Reads the whole log and follows its chain. `broken` is the first link that does not hold, `null` when all do. Held
 * against an anchor that was kept elsewhere, a chain that was made anew as a whole does not hold either.
 */
export async function verifyAudit(
  postgres: Postgres,
  anchor: Anchor | null = null,
): Promise<{ entries: number; broken: BrokenLink | null }> {
  // The head is read first: what is appended while we read comes after it.
  const head = await readHead(postgres)
  const last = Math.max(head.seq, anchor?.seq ?? 0)
  let seq = 0
  let prevHash = ''
  while (seq < last) {
    const rows = await postgres.query<Row>(
      `SELECT ${COLUMNS} FROM audit_log WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT ${ROWS_PER_PAGE}`,
      [seq, last],
    )
    if (rows.length === 0) return { entries: seq, broken: { seq: seq + 1, kind: 'cut' } }
    for (const row of rows) {
      const entry = entryOf(row)
      if (entry.seq !== seq + 1) return { entries: seq, broken: { seq: seq + 1, kind: 'missing' } }
      const isAnchored = entry.seq !== anchor?.seq || row.hash === anchor.hash
      if (row.prevHash !== prevHash || row.hash !== hashOf(entry, prevHash) || !isAnchored)
        return { entries: seq, broken: { seq: entry.seq, kind: 'altered' } }
      seq = entry.seq
      prevHash = row.hash
    }
  }
  return { entries: seq, broken: prevHash === head.hash ? null : { seq, kind: 'altered' } }
}

export async function readAudit(postgres: Postgres, filter: AuditFilter): Promise<AuditEntry[]> {
  const { actions, who, subject, text, fromMs, untilMs, before, limit } = filter
  const rows = await postgres.query<Row>(
    `SELECT ${COLUMNS} FROM audit_log
     WHERE (cardinality($1::text[]) = 0 OR action = ANY($1)) AND ($2::text IS NULL OR subject = $2)
       AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at < $4) AND ($5::bigint IS NULL OR seq < $5)
       AND ($7::text IS NULL OR "whoId" = $7 OR lower("whoName") = lower($7))
       AND ($8::text IS NULL OR concat_ws(chr(10), subject, reason, "whoName", address) ILIKE $8)
     ORDER BY seq DESC LIMIT $6`,
    [
      ...[[...actions], subject, isoOf(fromMs), isoOf(untilMs), before, limit, who],
      text === null ? null : `%${text.replace(/[\\%_]/g, '\\$&')}%`,
    ],
  )
  return rows.map(entryOf)
}

const isoOf = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

function entryOf(row: Row): AuditEntry {
  return AuditEntry.parse({ ...row, seq: Number(row.seq), at: row.at.toISOString() })
}

/** SHA-256 of the entry as a JSON array in a fixed order, which has one spelling only, with the hash before it last. */
function hashOf(entry: AuditEntry, prevHash: string): string {
  const { seq, at, whoId, whoName, action, subject, reason, address } = entry
  return hash('sha256', JSON.stringify([seq, at, whoId, whoName, action, subject, reason, address, prevHash]))
}
