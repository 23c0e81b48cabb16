import { Hono } from 'hono'
import { z } from 'zod'
import { Alert, AlertLogEntry, AlertState } from '#domain/alert.ts'
import { alertInScope } from '#domain/alert-scope.ts'
import { AppError } from '#domain/error.ts'
import { alertInHall, entryShownTo } from '#domain/hall.ts'
import { describeRoute, json } from '#domain/operation.ts'
import { maskIdentifiers } from '#domain/person.ts'
import { Rule } from '#domain/rule.ts'
import type { Scope } from '#domain/scope.ts'
import { Tier } from '#domain/tier.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { Evidence, readEvidence } from '../alerts/evidence.ts'
import { readAlerts } from '../alerts/list.ts'
import { alertsWithin, appendLog, readLogSince } from '../alerts/log.ts'
import { DEFAULT_RULES, readRules } from '../alerts/rules.ts'
import { rejectUnseen } from '../alerts/seen.ts'
import { RegionParam, readBody, readQuery } from '../http.ts'
import { rejectBeyondBoard } from '../identity/board.ts'
import { type Gate, requireRight, type Viewer } from '../identity/gate.ts'
import { noteAct } from '../identity/note-act.ts'
import { ALERT } from '../openapi/examples.ts'

const limitOf = (usual: number) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(usual)
    .meta({ zh: '最多几条', en: 'At most so many', example: 50 })

const ListParams = z.object({
  state: z
    .enum(['active', ...AlertState.options], `must be active, ${AlertState.options.join(', ')}`)
    .default('active')
    .meta({ zh: '状态；active 为未解除的', en: 'State; active is all that are not resolved' }),
  tier: Tier.optional().meta({ zh: '等级', en: 'Tier', example: 'red' }),
  region: RegionParam.optional(),
  rule: z.string().optional().meta({ zh: '规则编号', en: 'Id of the rule', example: 'D14' }),
  limit: limitOf(200),
  before: z.coerce.number().int().min(0).optional().meta({
    zh: '从何处续取：上一答复的 next',
    en: 'Where to go on: `next` of the answer before',
    example: 120,
  }),
})
const AlertList = z.object({
  alerts: z.array(Alert),
  total: z.int(),
  seq: z.int(),
  next: z.int().nullable(),
})
const LogParams = z.object({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ zh: '已见到的最后序号', en: 'The last number seen', example: 0 }),
  limit: limitOf(500),
})
const EvidenceParams = z.object({
  offset: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0)
    .meta({ zh: '略过前面几条', en: 'Leave out so many', example: 0 }),
  limit: limitOf(1000),
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
const EVIDENCE: Evidence = {
  alert: ALERT.id,
  total: 1,
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
        description: {
          zh: '按最后变化的先后，新的在前。total 为共有几条；其余以 before=next 续取，next 为 null 即到末尾。其间又变化的预警移到了最前：见日志 seq 之后的条目。',
          en: 'By their last change, the newest first. `total` is how many there are; the rest follows with `before=<next>`, until `next` is null. One that changes meanwhile has moved to the front: it is in the log after `seq`.',
        },
        access: 'viewer',
        right: 'alerts.read',
        query: ListParams,
        answers: { 200: json(AlertList, { alerts: [ALERT], total: 1, seq: 1, next: null }) },
      }),
      async (c) => {
        const { viewer, scope } = await deps.gate.see(c.req.raw.headers, 'alerts.read')
        const asked = readQuery(c, ListParams)
        rejectBeyondBoard(viewer, { region: asked.region })
        const list = await readAlerts(deps.postgres, scope, asked)
        return c.json({ ...list, alerts: list.alerts.map((alert) => shownTo(viewer, scope, alert)) })
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
        description: {
          zh: 'total 为共有几条；一次最多 1000 条，其余以 offset 续取。其间 total 变了，说明证据有增减，请从头再取。',
          en: '`total` is how many there are; an answer has 1,000 at most, the rest follows from `offset`. A total that changes meanwhile says that the evidence has: begin again.',
        },
        access: 'person',
        right: 'individuals.read',
        path: Path,
        query: EvidenceParams,
        answers: { 200: json(Evidence, EVIDENCE) },
      }),
      async (c) => {
        // Evidence is single cases with their notes: for people who may see those, not for a wall in a hall.
        const { access, scope } = await deps.gate.allow(c.req.raw.headers, 'individuals.read')
        const alert = await find(requireRight(access, 'alerts.read'), c.req.param('id'))
        return c.json(await readEvidence(deps.engine, scope, alert, readQuery(c, EvidenceParams)))
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
