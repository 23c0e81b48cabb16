import type { EarlierReport } from '#domain/earlier-report.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'

/** Of each unit when the report of a period was received before the unit came here, ms, `null` for never; in order, periods from `from` on. */
export async function readEarlierReports(
  postgres: Postgres,
  unitIds: readonly string[],
  from = '',
): Promise<ReadonlyMap<string, ReadonlyMap<string, number | null>>> {
  const rows = await postgres.query<{ unitId: string; period: string; receivedAt: Date | null }>(
    'SELECT "unitId", period, "receivedAt" FROM earlier_reports WHERE "unitId" = ANY($1) AND period >= $2 ORDER BY period',
    [unitIds, from],
  )
  const reports = new Map<string, Map<string, number | null>>()
  for (const { unitId, period, receivedAt } of rows)
    reports.set(unitId, (reports.get(unitId) ?? new Map()).set(period, receivedAt?.getTime() ?? null))
  return reports
}

/** Puts them in the place of what was known of the unit's reports. */
export async function replaceEarlierReports(
  postgres: Postgres,
  unitId: string,
  reports: readonly EarlierReport[],
): Promise<void> {
  await postgres.transaction(async (sql) => {
    await sql.query('DELETE FROM earlier_reports WHERE "unitId" = $1', [unitId])
    await putEarlierReports(
      sql,
      reports.map((report) => ({ unitId, ...report })),
    )
  })
}

/** Enters them for new units. */
export async function putEarlierReports(
  sql: Sql,
  reports: readonly (EarlierReport & { unitId: string })[],
): Promise<void> {
  const records = reports.map(({ unitId, period, receivedMs }) => ({
    unitId,
    period,
    receivedAt: receivedMs === null ? null : new Date(receivedMs),
  }))
  await sql.query(
    `INSERT INTO earlier_reports SELECT * FROM jsonb_to_recordset($1::jsonb)
       AS r("unitId" text, period text, "receivedAt" timestamptz)`,
    [JSON.stringify(records)],
  )
}
