import { AppError } from '#domain/error.ts'
import { Right, Role, type RoleChange } from '#domain/right.ts'
import { holdsRegion } from '#domain/scope.ts'
import type { Sql } from '#sql/postgres.ts'
import { accessOf, scopeFor } from './access.ts'

/** Every role, the built-in ones first. */
export async function readRoles(sql: Sql): Promise<Role[]> {
  const rows = await sql.query(
    `SELECT id, title, rights, "needsSecondFactor", "isBuiltIn",
       NOT EXISTS (SELECT 1 FROM posts p WHERE p.role = r.id) AS "isUnused"
     FROM roles r ORDER BY "isBuiltIn" DESC, id`,
  )
  return rows.map((row) => {
    const rights = (row.rights as string[]).flatMap((right) => Right.safeParse(right).data ?? [])
    return Role.parse({ ...row, rights })
  })
}

/** Makes or changes a role. */
export async function putRole(sql: Sql, role: Omit<Role, 'isBuiltIn' | 'isUnused'>): Promise<void> {
  await sql.query(
    `INSERT INTO roles (id, title, rights, "needsSecondFactor") VALUES ($1, $2, $3, $4)
     ON CONFLICT (id) DO UPDATE SET title = excluded.title, rights = excluded.rights,
       "needsSecondFactor" = excluded."needsSecondFactor"`,
    [role.id, JSON.stringify(role.title), role.rights, role.needsSecondFactor],
  )
}

/** Changes what a role may do by what is granted and revoked, whatever somebody else has changed since. @throws AppError `bad_request`. */
export async function changeRole(sql: Sql, change: RoleChange): Promise<void> {
  const role = (await readRoles(sql)).find(({ id }) => id === change.role)
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
  const role = (await readRoles(sql)).find((one) => one.id === id)
  if (!role) throw new AppError('not_found', 'there is no such role')
  if (role.isBuiltIn)
    throw new AppError('conflict', 'a role that is built in stays; take its rights away instead')
  if (!role.isUnused)
    throw new AppError('conflict', 'people have or had posts of this role; take its rights away instead')
  await sql.query('DELETE FROM roles WHERE id = $1', [id])
}

/** Who changes roles must be able to change them back. @throws AppError `conflict`. */
export async function rejectLosingRoles(sql: Sql, personId: string): Promise<void> {
  const scope = scopeFor(await accessOf(sql, personId), 'roles.manage')
  if (!scope || !holdsRegion(scope, ''))
    throw new AppError(
      'conflict',
      'you would take the right roles.manage from yourself; let somebody else who has it make this change',
    )
}
