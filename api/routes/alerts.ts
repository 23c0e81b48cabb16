import { Hono } from 'hono'
import { z } from 'zod'
import { Alert, AlertState } from '#domain/alert.ts'
import { AppError } from '#domain/error.ts'
import { fenToYuan } from '#domain/money.ts'
import { Tier } from '#domain/tier.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { CASE_EVIDENCE } from '#sql/queries/case-evidence.ts'
import { SITE_CASES } from '#sql/queries/site-cases.ts'
import { appendLog, readLastSeq, readLog } from '../alerts/log.ts'
import { readRules } from '../alerts/rules.ts'
import { RegionParam, readBody, readQuery } from '../http.ts'
import type { Gate } from '../identity/gate.ts'

const ListParams = z.object({
  state: z
    .enum(['active', ...AlertState.options], `must be active, ${AlertState.options.join(', ')}`)
    .default('active'),
  tier: Tier.optional(),
  region: RegionParam.optional(),
  rule: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
})
const LogParams = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(500),
})
const Action = z.object({
  action: z.enum(['acknowledge', 'comment'], 'must be acknowledge or comment'),
  note: z.string().max(2000).optional(),
})

/** Alerts, their proof, their log, and what a person does with them. */
export function alertRoutes(deps: { engine: Engine; postgres: Postgres; gate: Gate }) {
  const find = async (id: string): Promise<Alert> => {
    const [row] = await deps.postgres.query<{ body: unknown }>('SELECT body FROM alerts WHERE id = $1', [id])
    if (!row) throw new AppError('not_found', 'there is no such alert')
    return Alert.parse(row.body)
  }
  return new Hono()
    .get('/alerts', async (c) => {
      await deps.gate.viewer(c.req.raw.headers)
      const { state, tier, region, rule, limit } = readQuery(c, ListParams)
      const rows = await deps.postgres.query<{ body: unknown }>(
        `SELECT body FROM alerts WHERE ($1 = state OR ($1 = 'active' AND state <> 'resolved')) AND ($2::text IS NULL OR tier = $2)
         AND ($3::text IS NULL OR starts_with(region, $3)) AND ($4::text IS NULL OR rule = $4) ORDER BY seq DESC LIMIT $5`,
        [state, tier ?? null, region ?? null, rule ?? null, limit],
      )
      return c.json({ alerts: rows.map((row) => Alert.parse(row.body)) })
    })
    .get('/alerts/log', async (c) => {
      await deps.gate.viewer(c.req.raw.headers)
      const { after, limit } = readQuery(c, LogParams)
      const [entries, seq] = [await readLog(deps.postgres, after, limit), await readLastSeq(deps.postgres)]
      return c.json({ entries, seq })
    })
    .get('/alerts/:id', async (c) => {
      await deps.gate.viewer(c.req.raw.headers)
      return c.json(await find(c.req.param('id')))
    })
    .get('/alerts/:id/evidence', async (c) => {
      // Evidence names employers and quotes notes: for people who are logged in, not for a wall in a hall.
      await deps.gate.person(c.req.raw.headers)
      const alert = await find(c.req.param('id'))
      const isSite = /^(project|employer):/.test(alert.group)
      const cases = isSite
        ? (await deps.engine.query(SITE_CASES, { site: alert.group })).map((row) => row.caseKey)
        : [alert.group]
      const rows = await deps.engine.query(CASE_EVIDENCE, { cases })
      return c.json({
        alert: alert.id,
        rows: rows.map(({ caseKey: _, owedFen, paidFen, observedMs, receivedMs, ...row }) => ({
          ...row,
          owed: fenToYuan(owedFen),
          paid: fenToYuan(paidFen),
          observedAt: toShanghaiIso(observedMs),
          receivedAt: toShanghaiIso(receivedMs),
        })),
      })
    })
    .post('/alerts/:id/actions', async (c) => {
      const person = await deps.gate.person(c.req.raw.headers)
      const { action, note } = await readBody(c, Action)
      const id = c.req.param('id')
      const alert = await deps.postgres.withLock('evaluate', async () => {
        const before = await find(id)
        if (action === 'acknowledge' && before.state !== 'open')
          throw new AppError('conflict', `this alert is already ${before.state}`)
        const nowMs = Date.now()
        const after: Alert =
          action === 'acknowledge'
            ? {
                ...before,
                state: 'acknowledged',
                acknowledgedBy: person.username,
                changedAt: toShanghaiIso(nowMs),
              }
            : before
        const change = action === 'acknowledge' ? 'acknowledged' : 'commented'
        await deps.postgres.transaction((sql) =>
          appendLog(sql, [{ change, alert: after, by: person.username, note: note ?? null }], nowMs),
        )
        return after
      })
      return c.json(alert)
    })
    .get('/rules', async (c) => {
      await deps.gate.viewer(c.req.raw.headers)
      return c.json({ rules: await readRules(deps.postgres) })
    })
}
