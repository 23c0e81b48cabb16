import { holdsRegion } from '#domain/scope.ts'
import { scopeFor } from './access.ts'
import type { Person } from './auth.ts'
import type { Gate } from './gate.ts'
import type { Giver } from './posts.ts'

/** Who manages people, and how far. @throws AppError `unauthenticated`, `forbidden`. */
export async function giverFor(gate: Gate, headers: Headers): Promise<{ person: Person; giver: Giver }> {
  const { person, access, scope } = await gate.allow(headers, 'people.manage')
  const roles = scopeFor(access, 'roles.manage')
  return { person, giver: { scope, mayManageRoles: roles !== null && holdsRegion(roles, '') } }
}
