import { Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import { describeRoute, json, type Operation } from '#domain/operation.ts'
import { KnownRole, RIGHTS, Right, Role, RoleChange, RoleHolder, RoleTitle } from '#domain/right.ts'
import { holdsRegion, rejectOutside } from '#domain/scope.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { readBody } from '../http.ts'
import { changeAccess, scopeFor } from '../identity/access.ts'
import type { Person } from '../identity/auth.ts'
import type { Gate } from '../identity/gate.ts'
import { noteAct } from '../identity/note-act.ts'
import { countByRole } from '../identity/people.ts'
import { endPostsOf, readHolders } from '../identity/posts.ts'
import {
  changeRole,
  deleteRole,
  putRole,
  readRoles,
  rejectLosingRoles,
  retireRole,
  roleFor,
} from '../identity/roles.ts'

const PutRole = z.strictObject({
  title: RoleTitle,
  rights: z.array(Right).transform((rights) => [...new Set(rights)]),
  needsSecondFactor: z.boolean().default(false),
})
const Changes = z.strictObject({
  changes: z
    .array(
      RoleChange.refine(({ grant, revoke }) => !grant.some((right) => revoke.includes(right)), {
        message: 'must not grant and revoke one right',
      }),
    )
    .min(1, 'must hold at least one change')
    .max(100),
})

const Roles = z.object({
  roles: z.array(KnownRole),
  rights: z.array(z.object({ id: Right, title: z.object({ zh: z.string(), en: z.string() }) })),
  mayChange: z.boolean().meta({ zh: '本人可否修改', en: 'Whether who asks may change them' }),
})
const RIGHTS_SHOWN = Right.options.map((id) => ({ id, title: RIGHTS[id] }))
const ROLE = {
  id: 'countyAnalyst',
  title: { zh: '县级分析员', en: 'County analyst' },
  rights: ['figures.read', 'alerts.read'],
  needsSecondFactor: false,
}
const MADE = { ...ROLE, isBuiltIn: false, isUnused: true, retiredAt: null }
const HOLDER = {
  person: { id: 'u2', username: 'wang.wu', name: '示例分析员' },
  startsAt: '2026-11-24T09:30:00.000+08:00',
  endsAt: null,
}
const RolePath = z.object({
  role: z.string().meta({ zh: '角色编号', en: 'Id of the role', example: ROLE.id }),
})
const about = { chapter: 'administration', access: 'person' } as const satisfies Partial<Operation>

/** Roles, which are sets of rights. Every change is in the audit log, in the transaction that makes it. */
export function roleRoutes({ postgres, gate }: { postgres: Postgres; gate: Gate }) {
  /** Who may change roles: a role means the same everywhere, so they must be allowed to everywhere. */
  async function roleManager(headers: Headers): Promise<Person> {
    const { person, scope } = await gate.allow(headers, 'roles.manage')
    rejectOutside(scope, '')
    return person
  }
  const changeRoles = <T>(who: Person, change: (sql: Sql) => Promise<T>) =>
    changeAccess(postgres, async (sql) => {
      const done = await change(sql)
      await rejectLosingRoles(sql, who.id)
      return done
    })
  return new Hono()
    .get(
      '/roles',
      describeRoute({
        ...about,
        right: 'people.read',
        summary: { zh: '角色及其权限', en: 'The roles and what each may do' },
        answers: {
          200: json(Roles, {
            roles: [{ ...MADE, people: 0 }],
            rights: RIGHTS_SHOWN.slice(0, 2),
            mayChange: false,
          }),
        },
      }),
      async (c) => {
        const { access, scope } = await gate.allow(c.req.raw.headers, 'people.read')
        const [roles, people] = await Promise.all([readRoles(postgres), countByRole(postgres, scope)])
        const manages = scopeFor(access, 'roles.manage')
        return c.json({
          roles: roles.map((role) => ({ ...role, people: people.get(role.id) ?? 0 })),
          rights: RIGHTS_SHOWN,
          mayChange: manages !== null && holdsRegion(manages, ''),
        })
      },
    )
    .patch(
      '/roles',
      describeRoute({
        ...about,
        right: 'roles.manage',
        summary: { zh: '为多个角色增减权限', en: 'Grant and revoke rights of several roles' },
        description: {
          zh: '全部生效或全部不生效，立即对任职者生效。不得使本人失去 roles.manage，也不得使系统中再无人能管理人员和角色。',
          en: 'All or none, and at once for everybody with a post of them. Nobody takes roles.manage from themselves, and somebody must remain who can manage people and roles.',
        },
        body: json(Changes, {
          changes: [
            { role: 'analyst', grant: ['individuals.read'], revoke: ['figures.export'] },
            { role: 'auditor', needsSecondFactor: true },
          ],
        }),
        answers: { 200: json(z.object({ roles: z.array(Role) }), { roles: [MADE] }) },
        errors: ['conflict'],
      }),
      async (c) => {
        const who = await roleManager(c.req.raw.headers)
        const { changes } = await readBody(c, Changes)
        const roles = await changeRoles(who, async (sql) => {
          for (const { role, ...changed } of changes) {
            await changeRole(sql, { role, ...changed })
            await noteAct(sql, c, who, 'role.put', role, JSON.stringify(changed))
          }
          return await readRoles(sql)
        })
        return c.json({ roles })
      },
    )
    .put(
      '/roles/:role',
      describeRoute({
        ...about,
        right: 'roles.manage',
        summary: { zh: '新建或修改角色', en: 'Make or change a role' },
        description: {
          zh: '立即对任此职者生效。不得使本人失去 roles.manage，也不得使系统中再无人能管理人员和角色。',
          en: 'Holds at once for everybody with a post of it. Nobody takes roles.manage from themselves, and somebody must remain who can manage people and roles.',
        },
        path: RolePath,
        body: json(PutRole, { title: ROLE.title, rights: ROLE.rights }),
        answers: { 200: json(Role, MADE) },
        errors: ['conflict'],
      }),
      async (c) => {
        const who = await roleManager(c.req.raw.headers)
        const id = c.req.param('role')
        if (!/^[A-Za-z][A-Za-z0-9]{1,39}$/.test(id))
          throw new AppError('bad_request', 'role: must be 2 to 40 letters and digits, a letter first', {
            zh: '角色编号须为 2 至 40 个字母或数字，首位为字母',
          })
        const put = await readBody(c, PutRole)
        const role = await changeRoles(who, async (sql) => {
          await putRole(sql, { id, ...put })
          await noteAct(sql, c, who, 'role.put', id, JSON.stringify(put))
          return await roleFor(sql, id)
        })
        return c.json(role)
      },
    )
    .get(
      '/roles/:role/holders',
      describeRoute({
        ...about,
        right: 'people.read',
        summary: { zh: '谁任或曾任此职', en: 'Who has or had a role' },
        path: RolePath,
        answers: { 200: json(z.object({ holders: z.array(RoleHolder) }), { holders: [HOLDER] }) },
      }),
      async (c) => {
        const { scope } = await gate.allow(c.req.raw.headers, 'people.read')
        const id = c.req.param('role')
        if (!(await roleFor(postgres, id))) throw new AppError('not_found', 'there is no such role')
        return c.json({ holders: await readHolders(postgres, id, scope) })
      },
    )
    .post(
      '/roles/:role/retire',
      describeRoute({
        ...about,
        right: 'roles.manage',
        summary: { zh: '停用角色', en: 'Retire a role' },
        description: {
          zh: '此职的任期全部即刻结束，此后不再任用；曾由谁担任、有何权限仍可查。不得使本人失去 roles.manage，也不得使系统中再无人能管理人员和角色。',
          en: 'All posts of it end at once and none is given any more; who had it and what it allowed stays known. Nobody takes roles.manage from themselves, and somebody must remain who can manage people and roles.',
        },
        path: RolePath,
        answers: {
          200: json(z.object({ retired: z.string(), ended: z.int() }), { retired: ROLE.id, ended: 0 }),
        },
        errors: ['not_found', 'conflict'],
      }),
      async (c) => {
        const who = await roleManager(c.req.raw.headers)
        const id = c.req.param('role')
        const ended = await changeRoles(who, async (sql) => {
          await retireRole(sql, id)
          await noteAct(sql, c, who, 'role.retire', id)
          const posts = await endPostsOf(sql, id)
          for (const { personId, post } of posts)
            await noteAct(sql, c, who, 'post.put', personId, JSON.stringify(post))
          return posts.length
        })
        return c.json({ retired: id, ended })
      },
    )
    .delete(
      '/roles/:role',
      describeRoute({
        ...about,
        right: 'roles.manage',
        summary: { zh: '删除从未任用的角色', en: 'Remove a role that nobody has or had' },
        path: RolePath,
        answers: { 200: json(z.object({ removed: z.string() }), { removed: ROLE.id }) },
        errors: ['not_found', 'conflict'],
      }),
      async (c) => {
        const who = await roleManager(c.req.raw.headers)
        const id = c.req.param('role')
        await changeRoles(who, async (sql) => {
          await deleteRole(sql, id)
          await noteAct(sql, c, who, 'role.delete', id)
        })
        return c.json({ removed: id })
      },
    )
}
