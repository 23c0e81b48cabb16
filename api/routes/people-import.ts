import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { ImportedPeople } from '#domain/account.ts'
import { AppError } from '#domain/error.ts'
import { describeRoute, text } from '#domain/operation.ts'
import { holdsRegion } from '#domain/scope.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Postgres } from '#sql/postgres.ts'
import { readQuery } from '../http.ts'
import { changeAccess } from '../identity/access.ts'
import type { Auth } from '../identity/auth.ts'
import type { Gate } from '../identity/gate.ts'
import { giverFor } from '../identity/giver.ts'
import { noteAct } from '../identity/note-act.ts'
import { issuePasswordLink } from '../identity/password-links.ts'
import { insertPerson } from '../identity/people.ts'
import { readPeopleSheet, type SheetLine, type SheetRules } from '../identity/people-sheet.ts'
import { type Giver, givesPower, insertPost } from '../identity/posts.ts'
import { readRoles } from '../identity/roles.ts'

const BYTES_MAX = 2 * 1024 * 1024
const Mode = z.object({
  mode: z
    .enum(['validate', 'commit'], 'must be validate or commit')
    .default('validate')
    .meta({ zh: '只检查，或检查无误后全部建立', en: 'Only judge, or make all of them', example: 'validate' }),
})
const SHEET = '用户名,姓名,角色,区域,口径\r\nzhang.san,示例经办,部门经办,邵阳市,务工\r\n'

/** People from a sheet: judged row by row, then all or none. Each gets a link to set a password by, to be handed out. */
export function peopleImportRoutes(deps: {
  auth: Auth
  postgres: Postgres
  gate: Gate
  readSheet: (bytes: Uint8Array) => Promise<SheetLine[]>
}) {
  const { auth, postgres, gate } = deps
  return new Hono().post(
    '/people/import',
    describeRoute({
      chapter: 'administration',
      access: 'person',
      right: 'people.manage',
      summary: { zh: '从表格导入人员', en: 'People from a sheet' },
      description: {
        zh: 'XLSX 或 CSV，须有 用户名、姓名、角色 三列，可有 区域、口径、行业、开始日期、结束日期（含当日）、统一身份账号。commit 时有任何错误则一人不建；链接只显示这一次。',
        en: 'XLSX or CSV with the columns username, name, role; regions, side, sectors, startsAt, endsAt (that day included), singleSignOnName if wanted. With any fault a commit makes nobody. The links are told only here.',
      },
      query: Mode,
      body: text('text/csv', SHEET),
      answers: {
        200: {
          'application/json': {
            schema: ImportedPeople,
            examples: { judged: { value: { rows: 1, faults: [], links: [] } } },
          },
        },
      },
      errors: ['bad_request', 'too_large', 'unsupported_media', 'unprocessable', 'conflict'],
    }),
    bodyLimit({
      maxSize: BYTES_MAX,
      onError() {
        throw new AppError('too_large', 'a sheet of people may have 2 MiB', {
          zh: '人员表格不能超过 2 MiB',
        })
      },
    }),
    async (c) => {
      const { person: who, giver } = await giverFor(gate, c.req.raw.headers)
      const { mode } = readQuery(c, Mode)
      const bytes = new Uint8Array(await c.req.arrayBuffer())
      const { people, faults } = readPeopleSheet(await deps.readSheet(bytes), await rulesFor(postgres, giver))
      if (mode === 'validate') return c.json({ rows: people.length, faults, links: [] })
      if (faults.length > 0 || people.length === 0)
        throw new AppError(
          'unprocessable',
          'nobody was made: the sheet has faults, or no rows; ask with mode=validate',
          { zh: '没有建立任何人：表格有误，或没有数据行；请先检查' },
        )
      // A password that nobody knows; the same for all is as unknown, and hashed once.
      const passwordHash = await auth.unknownPasswordHash()
      const links = await changeAccess(postgres, async (sql) => {
        const made = []
        for (const { row, username, name, singleSignOnName, post } of people) {
          const id = await insertPerson(sql, {
            username,
            name,
            role: post.role,
            passwordHash,
            singleSignOnName,
          })
          const given = await insertPost(sql, giver, id, post)
          const { token, expiresAt } = await issuePasswordLink(sql, id)
          await noteAct(sql, c, who, 'person.create', id, JSON.stringify(given))
          made.push({ row, username, name, token, expiresAt: toShanghaiIso(expiresAt.getTime()) })
        }
        return made
      })
      return c.json({ rows: people.length, faults, links })
    },
  )
}

/** What a sheet of somebody who manages people is judged against. */
async function rulesFor(postgres: Postgres, giver: Giver): Promise<SheetRules> {
  const roles = (await readRoles(postgres)).filter(({ retiredAt }) => retiredAt === null)
  const names = await postgres.query<{ username: string }>(
    'SELECT username FROM "user" WHERE username IS NOT NULL',
  )
  return {
    roles,
    taken: new Set(names.map(({ username }) => username)),
    nowMs: Date.now(),
    mayGive({ role, regions }) {
      if ((regions.length > 0 ? regions : ['']).some((region) => !holdsRegion(giver.scope, region)))
        return {
          zh: '区域超出您管理人员的范围（空为全部）',
          en: 'the regions (none: everywhere) lie beyond those for which you manage people',
        }
      const isPowerful = roles.some(({ id, rights }) => id === role && givesPower(rights))
      return isPowerful && !giver.mayManageRoles
        ? { zh: '只有能管理角色的人才能授予这个角色', en: 'only who manages roles may give this role' }
        : null
    },
  }
}
