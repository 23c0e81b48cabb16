import { AppError } from '#domain/error.ts'
import { Right, Role, type RoleChange } from '#domain/right.ts'
import { holdsRegion } from '#domain/scope.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Sql } from '#sql/postgres.ts'
import { accessOf, scopeFor } from './access.ts'

/** Every role, also those that are retired; the built-in ones first. */
export async function readRoles(sql: Sql): Promise<Role[]> {
  return (await sql.query<RoleRow>(`${SELECT} ORDER BY "isBuiltIn" DESC, id`)).map(roleOf)
}

/** One role, `null` where there is none of this id. */
export async function roleFor(sql: Sql, id: string): Promise<Role | null> {
  const [row] = await sql.query<RoleRow>(`${SELECT} WHERE r.id = $1`, [id])
  return row ? roleOf(row) : null
}

/** Makes or changes a role. @throws AppError `conflict` for one that is retired. */
export async function putRole(
  sql: Sql,
  role: Pick<Role, 'id' | 'title' | 'rights' | 'needsSecondFactor'>,
): Promise<void> {
  const [put] = await sql.query(
    `INSERT INTO roles (id, title, rights, "needsSecondFactor") VALUES ($1, $2, $3, $4)
     ON CONFLICT (id) DO UPDATE SET title = excluded.title, rights = excluded.rights,
       "needsSecondFactor" = excluded."needsSecondFactor" WHERE roles."retiredAt" IS NULL RETURNING 1`,
    [role.id, JSON.stringify(role.title), role.rights, role.needsSecondFactor],
  )
  if (!put)
    throw new AppError(
      'conflict',
      'a role of this id is retired and stays as it was; make one with another id',
      { zh: '这个编号的角色已停用，保持原样；请另用编号新建' },
    )
}

/** Changes what a role may do by what is granted and revoked, whatever somebody else has changed since. @throws AppError `bad_request`, `conflict`. */
export async function changeRole(sql: Sql, change: RoleChange): Promise<void> {
  const role = await roleFor(sql, change.role)
  if (!role) throw new AppError('bad_request', 'changes: there is no such role; see GET /v1/roles')
  const has = (right: Right) =>
    change.grant.includes(right) || (role.rights.includes(right) && !change.revoke.includes(right))
  await putRole(sql, {
    id: role.id,
    title: change.title ?? role.title,
    rights: Right.options.filter(has),
    needsSecondFactor: change.needsSecondFactor ?? role.needsSecondFactor,
  })
}

/**
 * Removes a role that nobody has or had: posts that are over still tell what somebody could do then.
 * @throws AppError `not_found`, `conflict`.
 */
export async function deleteRole(sql: Sql, id: string): Promise<void> {
  const { isUnused } = await removableRole(sql, id)
  if (!isUnused)
    throw new AppError('conflict', 'people have or had posts of this role; retire it instead', {
      zh: '此角色有人任用或曾任用，不能删除，请改为停用',
    })
  await sql.query('DELETE FROM roles WHERE id = $1', [id])
}

/** Lets a role be given to nobody any more; what it allowed stays known. @throws AppError `not_found`, `conflict`. */
export async function retireRole(sql: Sql, id: string): Promise<void> {
  await removableRole(sql, id)
  await sql.query('UPDATE roles SET "retiredAt" = coalesce("retiredAt", now()) WHERE id = $1', [id])
}

/** @throws AppError `not_found`, `conflict`. */
async function removableRole(sql: Sql, id: string): Promise<Role> {
  const role = await roleFor(sql, id)
  if (!role) throw new AppError('not_found', 'there is no such role')
  if (role.isBuiltIn)
    throw new AppError('conflict', 'a role that is built in stays; take its rights away instead', {
      zh: '内置角色不能去掉，可以去掉它的权限',
    })
  return role
}

type RoleRow = Omit<Role, 'rights' | 'retiredAt'> & { rights: string[]; retiredAt: Date | null }

const SELECT = `SELECT id, title, rights, "needsSecondFactor", "isBuiltIn", "retiredAt",
  NOT EXISTS (SELECT 1 FROM posts p WHERE p.role = r.id) AS "isUnused" FROM roles r`

function roleOf({ rights, retiredAt, ...row }: RoleRow): Role {
  return Role.parse({
    ...row,
    rights: rights.flatMap((right) => Right.safeParse(right).data ?? []),
    retiredAt: retiredAt && toShanghaiIso(retiredAt.getTime()),
  })
}

/** Who changes roles must be able to change them back. @throws AppError `conflict`. */
export async function rejectLosingRoles(sql: Sql, personId: string): Promise<void> {
  const scope = scopeFor(await accessOf(sql, personId), 'roles.manage')
  if (!scope || !holdsRegion(scope, ''))
    throw new AppError(
      'conflict',
      'you would take the right roles.manage from yourself; let somebody else who has it make this change',
      { zh: '这会使您本人失去“管理角色”权限，请由另一位有此权限的人修改' },
    )
}
