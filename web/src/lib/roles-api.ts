import { z } from 'zod'
import { KnownRole, Role, type RoleChange, RoleHolder } from '#domain/right.ts'
import { patch, post, put, read, remove } from './api.ts'

const of = (role: string) => `/v1/roles/${encodeURIComponent(role)}`

/** Roles and what each may do. */
export const rolesApi = {
  list: () => read('/v1/roles', {}, z.object({ roles: z.array(KnownRole), mayChange: z.boolean() })),
  /** All of the changes or none. */
  change: (changes: readonly RoleChange[]) =>
    patch('/v1/roles', { changes }, z.object({ roles: z.array(Role) })),
  create: ({ id, ...role }: Pick<Role, 'id' | 'title' | 'rights'>) => put(of(id), role, Role),
  /** Ends all posts of it; answers how many they were. */
  retire: (role: string) => post(`${of(role)}/retire`, {}, z.object({ ended: z.int() })),
  holders: (role: string) => read(`${of(role)}/holders`, {}, z.object({ holders: z.array(RoleHolder) })),
  remove: (role: string) => remove(of(role), z.unknown()),
}
