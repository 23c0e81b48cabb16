import { AppError } from '#domain/error.ts'
import type { Person } from './auth.ts'

/** What a person may be allowed beyond looking at figures. */
export type Right = 'identity.read' | 'identity.erase' | 'identity.rotate' | 'audit.read'

const RIGHTS: Record<string, readonly Right[]> = {
  administrator: ['identity.read', 'identity.erase', 'identity.rotate', 'audit.read'],
}

/** Whether a logged-in person has a right. It follows from the role; a role without an entry has none. */
export function may(person: Pick<Person, 'role'>, right: Right): boolean {
  return RIGHTS[person.role]?.includes(right) ?? false
}

/** @throws AppError `forbidden`. */
export function rejectWithout(person: Person, right: Right): void {
  if (!may(person, right))
    throw new AppError('forbidden', `this needs the right ${right}; ask an administrator for it`)
}
