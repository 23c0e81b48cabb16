import { Alert, type AlertChange, AlertLogEntry } from '#domain/alert.ts'
import { alertInScope, entryInScope } from '#domain/alert-scope.ts'
import type { Scope } from '#domain/scope.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { checkedCode } from '#sql/within.ts'

/** The bell that tells every process of the installation that the log has grown. */
export const LOG_CHANNEL = 'alert_log'

export type NewEntry = { change: AlertChange; alert: Alert; by: string | null; note: string | null }

/**
 * Appends to the log and brings the alerts to their new state. Must run inside a transaction: the counter's row lock
 * makes the numbers gap-free and in commit order, and a rollback takes the numbers back.
 */
export async function appendLog(sql: Sql, entries: readonly NewEntry[], nowMs: number): Promise<void> {
  if (entries.length === 0) return
  const at = new Date(nowMs).toISOString()
  const [counter] = await sql.query<{ seq: number }>('UPDATE log_counter SET seq = seq + $1 RETURNING seq', [
    entries.length,
  ])
  const first = Number(counter?.seq ?? 0) - entries.length + 1
  const column = (read: (entry: NewEntry, i: number) => unknown) => entries.map(read)
  const bodies = column((entry) => JSON.stringify(entry.alert))
  await sql.query(
    `INSERT INTO alerts (id, rule, "group", tier, state, region, "changedAt", seq, body)
     SELECT DISTINCT ON (id) id, rule, grp, tier, state, region, $8::timestamptz, seq, body
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $9::jsonb[])
       AS t(id, rule, grp, tier, state, region, seq, body) ORDER BY id, seq DESC
     ON CONFLICT (id) DO UPDATE SET tier = excluded.tier, state = excluded.state, region = excluded.region,
       "changedAt" = excluded."changedAt", seq = excluded.seq, body = excluded.body`,
    [
      column((entry) => entry.alert.id),
      column((entry) => entry.alert.rule),
      column((entry) => entry.alert.group),
      column((entry) => entry.alert.tier),
      column((entry) => entry.alert.state),
      column((entry) => entry.alert.region),
      column((_, i) => first + i),
      at,
      bodies,
    ],
  )
  await sql.query(
    `INSERT INTO alert_log (seq, at, change, "alertId", "by", note, body)
     SELECT seq, $2::timestamptz, change, id, by, note, body
     FROM unnest($1::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[]) AS t(seq, change, id, by, note, body)`,
    [
      column((_, i) => first + i),
      at,
      column((entry) => entry.change),
      column((entry) => entry.alert.id),
      column((entry) => entry.by),
      column((entry) => entry.note),
      bodies,
    ],
  )
  await sql.query(`SELECT pg_notify('${LOG_CHANNEL}', '')`)
}

/** Log entries of a scope after a number as it may see them, oldest first, at most `limit`. */
export async function readLog(
  postgres: Sql,
  scope: Scope,
  after: number,
  limit: number,
): Promise<AlertLogEntry[]> {
  const rows = await postgres.query<{
    seq: number | string
    at: Date
    change: string
    by: string | null
    note: string | null
    body: unknown
  }>(
    `SELECT seq, at, change, "by", note, body FROM alert_log WHERE seq > $1 AND ${alertsWithin(scope)} ORDER BY seq LIMIT $2`,
    [after, limit],
  )
  return rows.map((row) => {
    const entry = AlertLogEntry.parse({
      seq: Number(row.seq),
      at: toShanghaiIso(new Date(row.at).getTime()),
      change: row.change,
      by: row.by,
      note: row.note,
      alert: row.body,
    })
    return entryInScope(scope, entry)
  })
}

/**
 * `readLog`, with the newest number of the log. That is read first: what is written between the two is answered, and not passed
 * over by who goes on from the number.
 */
export async function readLogSince(
  postgres: Sql,
  scope: Scope,
  after: number,
  limit: number,
): Promise<{ entries: AlertLogEntry[]; seq: number }> {
  const newest = await readLastSeq(postgres)
  const entries = await readLog(postgres, scope, after, limit)
  return { entries, seq: Math.max(newest, entries.at(-1)?.seq ?? 0) }
}

/** The newest number of the log; 0 when it is empty. */
export async function readLastSeq(postgres: Sql): Promise<number> {
  const [counter] = await postgres.query<{ seq: number | string }>('SELECT seq FROM log_counter')
  return Number(counter?.seq ?? 0)
}

/** All alerts of a scope, as it may see them, that are not resolved and the log number they are as of, read in one snapshot. */
export async function readOpenAlerts(
  postgres: Postgres,
  scope: Scope,
): Promise<{ seq: number; alerts: Alert[] }> {
  const rows = await postgres.query<{ seq: number | string; bodies: unknown[] | null }>(
    `SELECT (SELECT seq FROM log_counter) AS seq, (SELECT jsonb_agg(body ORDER BY seq DESC) FROM alerts WHERE state <> 'resolved' AND ${alertsWithin(scope)}) AS bodies`,
  )
  const alerts = Alert.array().parse(rows[0]?.bodies ?? [])
  return { seq: Number(rows[0]?.seq ?? 0), alerts: alerts.map((alert) => alertInScope(scope, alert)) }
}

/** `holdsAlert` as a condition on `body`. Codes are checked, then written out. */
export function alertsWithin(scope: Scope): string {
  const grants = scope.grants.map(({ regions, side, sectors }) => {
    // Everywhere, it does not matter which places are of which sector.
    if (regions.length === 0) return isOfSector(sectors)
    const places = (from: string) => [
      ...(side === 'home' ? [] : [someOf(from, 'workRegions', regions)]),
      ...(side === 'work' ? [] : [someOf(from, 'homeRegions', regions)]),
    ]
    const isRegion = side === 'home' ? [] : [insideOf("body->>'region'", regions)]
    const isPlace = [...isRegion, ...places('body')].join(' OR ')
    return `(${isPlace}) AND ${isOfSector(sectors, places('part').join(' OR '))}`
  })
  return grants.length === 0 ? 'false' : `(${grants.map((grant) => `(${grant})`).join(' OR ')})`
}

/**
 * Whether an alert lies in the region of a parameter, or has a place of work there that the scope holds: asking for one place
 * after the other tells nobody where else its cases lie.
 */
export function liesIn(scope: Scope, parameter: string): string {
  const held = scope.grants.flatMap(({ regions, side, sectors }) => {
    if (regions.length > 0 && side === 'home') return []
    const isInside = regions.length === 0 ? 'true' : insideOf('place', regions)
    return `(${isInside}) AND ${isOfSector(sectors, "part->'workRegions' ? place")}`
  })
  const isHeld = held.map((grant) => `(${grant})`).join(' OR ') || 'false'
  // Finer than the county, a site has only the places of its cases.
  const isTold = `length(${parameter}) <= 6 OR body->>'group' !~ '^(project|employer):' OR coalesce(body->'workRegions', '[]') = '[]'`
  return `(starts_with(body->>'region', ${parameter}) AND (${isTold}) OR EXISTS (SELECT 1 FROM ${listed('body', 'workRegions')}
    WHERE starts_with(place, ${parameter}) AND (${isHeld})))`
}

/**
 * Whether an alert is of one of the sectors (none: of any). Where it says which places are of which sector, one of these is a
 * `part` of it for which `holds` is true.
 */
function isOfSector(sectors: readonly string[], holds?: string): string {
  if (sectors.length === 0) return 'true'
  const codes = sectors.map((code) => `'${checkedCode(code)}'`).join(', ')
  const isOne = `coalesce(body->>'sector' IN (${codes}) OR body->'sectors' ?| ARRAY[${codes}], false)`
  if (holds === undefined) return isOne
  return `${isOne} AND (coalesce(body->'bySector', '[]') = '[]' OR EXISTS (SELECT 1 FROM jsonb_array_elements(body->'bySector') AS part
    WHERE part->>'sector' IN (${codes}) AND (${holds})))`
}

function someOf(from: string, list: string, regions: readonly string[]): string {
  return `EXISTS (SELECT 1 FROM ${listed(from, list)} WHERE ${insideOf('place', regions)})`
}

/** A list of an alert, or of a part of it, as rows of one column `place`; none where the alert is from before it had one. */
function listed(from: string, list: string): string {
  return `jsonb_array_elements_text(coalesce(${from}->'${list}', '[]')) AS place`
}

function insideOf(text: string, regions: readonly string[]): string {
  return regions.map((code) => `starts_with(${text}, '${checkedCode(code)}')`).join(' OR ')
}
