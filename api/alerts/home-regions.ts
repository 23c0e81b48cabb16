import { Alert } from '#domain/alert.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { CASE_HOMES } from '#sql/queries/case-homes.ts'
import { readCaseKeys } from './cases.ts'
import { once } from './once.ts'

const DONE = 'alerts-have-homes'
/** Rounds up: an alert opens within the millisecond after the commit of its case. */
const micros = (iso: string) => Date.parse(iso) * 1_000 + 999

/**
 * Tells whose the alerts are by home that were opened before alerts knew it, them and their entries in the log: else
 * nobody whose scope is by home would see them. Once over the life of an installation, whole or not at all; the log's
 * numbers do not move. Answers how many alerts it placed.
 */
export async function fillHomeRegions(engine: Engine, postgres: Postgres, nowMs: number): Promise<number> {
  return await once(postgres, DONE, async (done) => {
    const rows = await postgres.query<{ body: unknown }>(
      `SELECT body FROM alerts WHERE coalesce(body->'homeRegions', '[]') = '[]' ORDER BY seq`,
    )
    const homes: [string, string[]][] = []
    for (const row of rows) {
      const alert = Alert.parse(row.body)
      const found = await engine.query(CASE_HOMES, {
        cases: await readCaseKeys(engine, alert),
        from: micros(alert.openedAt),
        until: alert.resolvedAt === null ? nowMs * 1_000 : micros(alert.resolvedAt),
      })
      if (found.length > 0) homes.push([alert.id, found.map(({ home }) => home)])
    }
    await postgres.transaction(async (sql) => {
      for (const [id, codes] of homes) await putHomes(sql, id, codes)
      await done(sql)
    })
    return homes.length
  })
}

async function putHomes(sql: Sql, id: string, codes: readonly string[]): Promise<void> {
  const placed = JSON.stringify({ homeRegions: codes })
  await sql.query('UPDATE alerts SET body = body || $2::jsonb WHERE id = $1', [id, placed])
  await sql.query(
    `UPDATE alert_log SET body = body || $2::jsonb WHERE "alertId" = $1 AND coalesce(body->'homeRegions', '[]') = '[]'`,
    [id, placed],
  )
}
