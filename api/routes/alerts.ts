import { Hono } from 'hono'
import { z } from 'zod'
import { Alert, AlertLogEntry, AlertState } from '#domain/alert.ts'
import { alertInScope } from '#domain/alert-scope.ts'
import { AppError } from '#domain/error.ts'
import { alertInHall, entryShownTo } from '#domain/hall.ts'
import { fenToYuan } from '#domain/money.ts'
import { describeRoute, json } from '#domain/operation.ts'
import { maskIdentifiers } from '#domain/person.ts'
import { Rule } from '#domain/rule.ts'
import type { Scope } from '#domain/scope.ts'
import { Tier } from '#domain/tier.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { CASE_EVIDENCE } from '#sql/queries/case-evidence.ts'
import { within } from '#sql/within.ts'
import { readCaseKeys } from '../alerts/cases.ts'
import { alertsWithin, appendLog, liesIn, readLogSince } from '../alerts/log.ts'
import { DEFAULT_RULES, readRules } from '../alerts/rules.ts'
import { rejectUnseen } from '../alerts/seen.ts'
import { RegionParam, readBody, readQuery } from '../http.ts'
import { rejectBeyondBoard } from '../identity/board.ts'
import { type Gate, requireRight, type Viewer } from '../identity/gate.ts'
import { noteAct } from '../identity/note-act.ts'
import { ALERT } from '../openapi/examples.ts'

const ListParams = z.object({
  state: z
    .enum(['active', ...AlertState.options], `must be active, ${AlertState.options.join(', ')}`)
    .default('active')
    .meta({ zh: '状态；active 为未解除的', en: 'State; active is all that are not resolved' }),
  tier: Tier.optional().meta({ zh: '等级', en: 'Tier', example: 'red' }),
  region: RegionParam.optional(),
  rule: z.string().optional().meta({ zh: '规则编号', en: 'Id of the rule', example: 'D14' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(200)
    .meta({ zh: '最多几条', en: 'At most so many', example: 50 }),
})
const LogParams = z.object({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ zh: '已见到的最后序号', en: 'The last number seen', example: 0 }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(500)
    .meta({ zh: '最多几条', en: 'At most so many', example: 50 }),
})
const Action = z.object({
  action: z.enum(['acknowledge', 'comment'], 'must be acknowledge or comment'),
  /** Everyone in scope is sent it. */
  note: z.string().max(2000).transform(maskIdentifiers).optional(),
  tier: Tier.optional().meta({
    zh: '签收人所见的等级；现已更高的，不予签收',
    en: 'The tier that was seen; refused where it is higher by now',
  }),
  seq: z.int().min(0).optional().meta({
    zh: '所见时已知的日志最新序号；此后升级或延及别县的，不予签收',
    en: 'The newest number of the log that was known then; refused where the alert was raised, or reached another county, after it',
  }),
})
const Path = z.object({
  id: z.string().meta({ zh: '预警编号', en: 'Id of the alert', example: ALERT.id }),
})
const Evidence = z.object({
  alert: z.string(),
  rows: z.array(
    z.object({
      caseId: z.string(),
      source: z.string(),
      channel: z.string(),
      workRegion: z.string(),
      sector: z.string(),
      employer: z.string(),
      project: z.string(),
      status: z.string(),
      workers: z.int(),
      gathering: z.int(),
      note: z.string(),
      owed: z.string(),
      paid: z.string(),
      observedAt: z.string(),
      receivedAt: z.string(),
    }),
  ),
})
const EVIDENCE: z.infer<typeof Evidence> = {
  alert: ALERT.id,
  rows: [
    {
      caseId: '示例-0001',
      source: 'src_0123456789abcdef',
      channel: 'hotline12345',
      workRegion: '430503',
      sector: 'E',
      employer: '示例建筑',
      project: '示例安置房',
      status: 'reported',
      workers: 46,
      gathering: 46,
      note: '',
      owed: '512000.00',
      paid: '0.00',
      observedAt: ALERT.since,
      receivedAt: ALERT.openedAt,
    },
  ],
}

/** Alerts, their proof, their log, and what a person does with them. */
export function alertRoutes(deps: { engine: Engine; postgres: Postgres; gate: Gate }) {
  /** An alert as it is stored, with all its figures. @throws AppError `not_found`, also for one beyond the scope. */
  const find = async (scope: Scope, id: string): Promise<Alert> => {
    const [row] = await deps.postgres.query<{ body: unknown }>(
      `SELECT body FROM alerts WHERE id = $1 AND ${alertsWithin(scope)}`,
      [id],
    )
    if (!row) throw new AppError('not_found', 'there is no such alert')
    return Alert.parse(row.body)
  }
  return new Hono()
    .get(
      '/alerts',
      describeRoute({
        chapter: 'alerts',
        summary: { zh: '预警列表', en: 'Alerts' },
        access: 'viewer',
        right: 'alerts.read',
        query: ListParams,
        answers: { 200: json(z.object({ alerts: z.array(Alert) }), { alerts: [ALERT] }) },
      }),
      async (c) => {
        const { viewer, scope } = await deps.gate.see(c.req.raw.headers, 'alerts.read')
        const { state, tier, region, rule, limit } = readQuery(c, ListParams)
        rejectBeyondBoard(viewer, { region })
        // In the order of their last change: one by value would tell of values that are hidden.
        const rows = await deps.postgres.query<{ body: unknown }>(
          `SELECT body FROM alerts WHERE ($1 = state OR ($1 = 'active' AND state <> 'resolved')) AND ($2::text IS NULL OR tier = $2)
         AND ($3::text IS NULL OR ${liesIn(scope, '$3')}) AND ($4::text IS NULL OR rule = $4)
         AND ${alertsWithin(scope)} ORDER BY seq DESC LIMIT $5`,
          [state, tier ?? null, region ?? null, rule ?? null, limit],
        )
        return c.json({ alerts: rows.map((row) => shownTo(viewer, scope, Alert.parse(row.body))) })
      },
    )
    .get(
      '/alerts/log',
      describeRoute({
        chapter: 'alerts',
        summary: {
          zh: '预警日志：某序号之后的一切变化',
          en: 'The log of alerts: every change after a number',
        },
        description: {
          zh: '序号在库中连续无缺；答复只含本人任职所及的条目，其余序号略过。断线者以最后见到的序号再问，即不漏不重。',
          en: 'Numbers have no gaps in the store; an answer lacks the entries beyond one’s posts. Who was away asks again with the last number seen and misses nothing.',
        },
        access: 'viewer',
        right: 'alerts.read',
        query: LogParams,
        answers: {
          200: json(z.object({ entries: z.array(AlertLogEntry), seq: z.int() }), {
            entries: [{ seq: 1, at: ALERT.openedAt, change: 'opened', by: null, note: null, alert: ALERT }],
            seq: 1,
          }),
        },
      }),
      async (c) => {
        const { viewer, scope } = await deps.gate.see(c.req.raw.headers, 'alerts.read')
        const { after, limit } = readQuery(c, LogParams)
        const { entries, seq } = await readLogSince(deps.postgres, scope, after, limit)
        return c.json({ entries: entries.map((entry) => entryShownTo(viewer.kind, entry)), seq })
      },
    )
    .get(
      '/alerts/:id',
      describeRoute({
        chapter: 'alerts',
        summary: { zh: '一条预警', en: 'One alert' },
        access: 'viewer',
        right: 'alerts.read',
        path: Path,
        answers: { 200: json(Alert, ALERT) },
      }),
      async (c) => {
        const { viewer, scope } = await deps.gate.see(c.req.raw.headers, 'alerts.read')
        return c.json(shownTo(viewer, scope, await find(scope, c.req.param('id'))))
      },
    )
    .get(
      '/alerts/:id/evidence',
      describeRoute({
        chapter: 'alerts',
        summary: {
          zh: '预警的证据：相关案件的每次观测',
          en: 'What proves an alert: every observation of its cases',
        },
        access: 'person',
        right: 'individuals.read',
        path: Path,
        answers: { 200: json(Evidence, EVIDENCE) },
      }),
      async (c) => {
        // Evidence is single cases with their notes: for people who may see those, not for a wall in a hall.
        const { access, scope } = await deps.gate.allow(c.req.raw.headers, 'individuals.read')
        const alert = await find(requireRight(access, 'alerts.read'), c.req.param('id'))
        const cases = await readCaseKeys(deps.engine, alert)
        const rows = await deps.engine.query(within(CASE_EVIDENCE, scope), { cases })
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
      },
    )
    .post(
      '/alerts/:id/actions',
      describeRoute({
        chapter: 'alerts',
        summary: { zh: '签收或批注', en: 'Acknowledge or comment' },
        description: {
          zh: '签收的是所见的那个等级：请一并发送 tier（或 seq）。其间升级或延及别县的预警答复 409 changed_since，须看过再签收。',
          en: 'What is acknowledged is the alert as it was seen: send its tier (or seq) with it. One that was raised, or reached another county, meanwhile is answered 409 changed_since: look again first.',
        },
        access: 'person',
        right: 'alerts.act',
        path: Path,
        body: {
          'application/json': {
            schema: Action,
            examples: {
              acknowledge: {
                title: { zh: '签收', en: 'Acknowledge' },
                value: { action: 'acknowledge', tier: 'red' },
              },
              comment: {
                title: { zh: '批注', en: 'Comment' },
                value: { action: 'comment', note: '示例：已联系项目部' },
              },
            },
          },
        },
        answers: { 200: json(Alert, { ...ALERT, state: 'acknowledged', acknowledgedBy: 'demo' }) },
        errors: ['conflict', 'changed_since'],
      }),
      async (c) => {
        const { person, scope } = await deps.gate.allow(c.req.raw.headers, 'alerts.act')
        const { action, note, ...seen } = await readBody(c, Action)
        const id = c.req.param('id')
        const alert = await deps.postgres.withLock('evaluate', async () => {
          const before = await find(scope, id)
          if (action === 'acknowledge' && before.state !== 'open')
            throw new AppError('conflict', `this alert is already ${before.state}`)
          if (action === 'acknowledge') await rejectUnseen(deps.postgres, before, seen)
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
          await deps.postgres.transaction(async (sql) => {
            await appendLog(sql, [{ change, alert: after, by: person.username, note: note ?? null }], nowMs)
            await noteAct(sql, c, person, `alert.${action}`, id, note ?? '')
          })
          return after
        })
        return c.json(alertInScope(scope, alert))
      },
    )
    .get(
      '/rules',
      describeRoute({
        chapter: 'alerts',
        summary: { zh: '预警规则', en: 'The rules' },
        access: 'viewer',
        right: 'alerts.read',
        answers: { 200: json(z.object({ rules: z.array(Rule) }), { rules: DEFAULT_RULES }) },
      }),
      async (c) => {
        await deps.gate.see(c.req.raw.headers, 'alerts.read')
        return c.json({ rules: await readRules(deps.postgres) })
      },
    )
}

/** What of an alert is the viewer's; a screen in a hall gets what a hall may see of it. */
const shownTo = (viewer: Viewer, scope: Scope, alert: Alert): Alert => {
  const seen = alertInScope(scope, alert)
  return viewer.kind === 'device' ? alertInHall(seen) : seen
}
