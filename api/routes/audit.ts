import { Hono } from 'hono'
import { z } from 'zod'
import { AUDIT_ACTIONS, AuditAction } from '#domain/audit.ts'
import { csvLine } from '#domain/csv.ts'
import { describeRoute } from '#domain/operation.ts'
import { holdsPersonNumber, maskIdentifiers } from '#domain/person.ts'
import { isEverything, rejectOutside } from '#domain/scope.ts'
import { Lang, langFrom } from '#domain/text.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Postgres } from '#sql/postgres.ts'
import { addressOf, InstantParam, readQuery } from '../http.ts'
import { scopeFor } from '../identity/access.ts'
import { appendAudit, readAudit, verifyAudit } from '../identity/audit.ts'
import { nameSubjects } from '../identity/audit-subjects.ts'
import { type Gate, requireRight } from '../identity/gate.ts'
import { readRoles } from '../identity/roles.ts'
import { IDENTITY_OPERATIONS } from './identity-operations.ts'

/** A sheet holds no more than this; narrow the time for the rest. */
const CSV_ROWS_MAX = 100_000

const actions = z
  .string()
  .transform((text, context) =>
    text.split(',').flatMap((part) => {
      const action = AuditAction.safeParse(part.trim())
      if (!action.success)
        context.addIssue({ code: 'custom', message: `is a list of ${AUDIT_ACTIONS.join(', ')}` })
      return action.data ?? []
    }),
  )
  .meta({ zh: '行为，逗号分隔', en: 'Acts, separated by commas', example: 'identity.read' })

/** What is looked for stands in the address, which goes into logs and histories. */
const filter = z
  .string()
  .max(100)
  .refine(
    (text) => !holdsPersonNumber(text),
    'must not hold the number of a person, as addresses are written down: find the person at /identity and look for the key',
  )
  .optional()

const Params = z.object({
  action: actions.optional(),
  subject: filter.meta({
    zh: '对象：人员键或编号',
    en: 'Subject: a person key or an id',
    example: 'p7Xk2mQv9sT4uWyZ1aBcDe',
  }),
  who: filter.meta({
    zh: '行为人：用户编号或姓名',
    en: 'Who did it: an id or a name',
    example: 'demo',
  }),
  text: filter.meta({
    zh: '对象、理由、姓名或地址中的文字',
    en: 'Text in subject, reason, name or address',
    example: '核实',
  }),
  from: InstantParam.optional().meta({ zh: '自（含）', en: 'From, inclusive', example: '2026-11-01' }),
  to: InstantParam.optional().meta({ zh: '至（不含）', en: 'To, exclusive', example: '2027-12-01' }),
  before: z.coerce
    .number('must be a number')
    .int()
    .positive()
    .optional()
    .meta({ zh: '早于此序号', en: 'Entries numbered below', example: 1000 }),
  limit: z.coerce
    .number('must be a number')
    .int()
    .min(1)
    .max(500, 'is at most 500')
    .default(100)
    .meta({ zh: '至多条数', en: 'Entries at the most', example: 100 }),
  format: z.enum(['json', 'csv'], 'must be json or csv').default('json').meta({
    zh: '答复的格式；导出 CSV 会留痕',
    en: 'Form of the answer; exporting CSV is logged',
    example: 'json',
  }),
  lang: Lang.optional().meta({ zh: 'CSV 中名称的语言', en: 'Language of the names in a CSV', example: 'zh' }),
})

/** What narrows a sheet, as its entry in the log says it. */
const FILTERS = ['action', 'subject', 'who', 'text', 'from', 'to'] as const

/**
 * The audit log, newest first, a page at a time (`before` = the last number seen), and whether its chain holds. Its entries
 * have no places, so it is read as a whole, by who has the right everywhere, or not at all.
 */
export function auditRoutes({ postgres, gate }: { postgres: Postgres; gate: Gate }) {
  return new Hono()
    .get('/audit', describeRoute({ ...IDENTITY_OPERATIONS.audit, query: Params }), async (c) => {
      const { person: who, access, scope } = await gate.allow(c.req.raw.headers, 'audit.read')
      rejectOutside(scope, '')
      const params = readQuery(c, Params)
      const isSheet = params.format === 'csv'
      if (isSheet) rejectOutside(requireRight(access, 'audit.export'), '')
      const wanted = {
        actions: params.action ?? [],
        who: params.who || null,
        subject: params.subject || null,
        text: params.text || null,
        fromMs: params.from ?? null,
        untilMs: params.to ?? null,
        before: params.before ?? null,
        limit: isSheet ? CSV_ROWS_MAX : params.limit,
      }
      const address = addressOf(c)
      if (isSheet) {
        const asked = c.req.query()
        const given = FILTERS.flatMap((name) => (asked[name] === undefined ? [] : `${name}=${asked[name]}`))
        const reason = maskIdentifiers(given.join('&')).slice(0, 500)
        const act = { who, action: 'audit.export', subject: '', reason, address } as const
        await postgres.transaction((sql) => appendAudit(sql, act))
      }
      const read = await readAudit(postgres, wanted)
      const alerts = scopeFor(access, 'alerts.read')
      const names = await nameSubjects(postgres, read, alerts !== null && isEverything(alerts))
      const entries = read.map((entry, i) => ({
        ...entry,
        at: toShanghaiIso(Date.parse(entry.at)),
        subjectName: names[i] ?? null,
      }))
      if (!isSheet) {
        const roles = (await readRoles(postgres)).map(({ id, title }) => [id, title] as const)
        return c.json({ entries, roles: Object.fromEntries(roles) })
      }
      const columns = [
        'seq',
        'at',
        'whoName',
        'action',
        'subject',
        'subjectName',
        'reason',
        'address',
      ] as const
      const lang = langFrom(params.lang ?? c.req.header('accept-language'))
      const rows = entries.map((entry) => ({ ...entry, subjectName: entry.subjectName?.[lang] }))
      const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))]
      return c.body(`\ufeff${lines.map(csvLine).join('\r\n')}\r\n`, 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="audit.csv"',
      })
    })
    .get('/audit/verify', describeRoute(IDENTITY_OPERATIONS.verify), async (c) => {
      const { scope } = await gate.allow(c.req.raw.headers, 'audit.read')
      rejectOutside(scope, '')
      return c.json(await verifyAudit(postgres))
    })
}
