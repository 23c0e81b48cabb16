import { Alert } from '#domain/alert.ts'
import type { Scope } from '#domain/scope.ts'
import type { Postgres } from '#sql/postgres.ts'
import { alertsWithin, liesIn } from './log.ts'

type Asked = {
  state: string
  tier?: string | undefined
  region?: string | null | undefined
  rule?: string | undefined
  before?: number | undefined
  limit: number
}

/**
 * Alerts of a scope as they are stored, in the order of their last change: one by value would tell of values that are hidden. `total` is
 * how many there are, `seq` the log number that all of it is as of, `next` what to ask `before` for those that follow; `null`
 * after the last.
 */
export async function readAlerts(
  postgres: Postgres,
  scope: Scope,
  { state, tier, region, rule, before, limit }: Asked,
): Promise<{ alerts: Alert[]; total: number; seq: number; next: number | null }> {
  const [row] = await postgres.query<{
    seq: number | string
    total: number | string
    page: { seq: number; body: unknown }[] | null
  }>(
    `WITH found AS MATERIALIZED (
       SELECT id, seq FROM alerts WHERE ($1 = state OR ($1 = 'active' AND state <> 'resolved')) AND ($2::text IS NULL OR tier = $2)
         AND ($3::text IS NULL OR ${liesIn(scope, '$3')}) AND ($4::text IS NULL OR rule = $4) AND ${alertsWithin(scope)}
     ), page AS (
       SELECT id, seq FROM found WHERE $5::bigint IS NULL OR seq < $5 ORDER BY seq DESC LIMIT $6
     )
     SELECT (SELECT seq FROM log_counter) AS seq, (SELECT count(*) FROM found) AS total,
       (SELECT jsonb_agg(jsonb_build_object('seq', page.seq, 'body', body) ORDER BY page.seq DESC) FROM page JOIN alerts USING (id)) AS page`,
    [state, tier ?? null, region ?? null, rule ?? null, before ?? null, limit + 1],
  )
  const page = row?.page ?? []
  const shown = page.slice(0, limit)
  return {
    alerts: shown.map(({ body }) => Alert.parse(body)),
    total: Number(row?.total ?? 0),
    seq: Number(row?.seq ?? 0),
    next: page.length > limit ? (shown.at(-1)?.seq ?? null) : null,
  }
}
