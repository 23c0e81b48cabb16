import { type KnownRole, Right, type RoleChange } from '#domain/right.ts'

/** A line of the matrix: a right, or whether the role needs a second step at the log-in. */
export type Line = Right | 'secondFactor'

type Area = Right extends `${infer Name}.${string}` ? Name : never
type Group = (typeof GROUPS)[number]

/** What the rights are about, in the order of the page. */
const GROUPS = ['figures', 'alerts', 'network', 'sources', 'identity', 'administration'] as const
const GROUP_OF: Record<Area, Group> = {
  figures: 'figures',
  individuals: 'figures',
  households: 'figures',
  alerts: 'alerts',
  rules: 'alerts',
  units: 'network',
  reports: 'network',
  sources: 'sources',
  batches: 'sources',
  quarantine: 'sources',
  intake: 'sources',
  identity: 'identity',
  audit: 'administration',
  people: 'administration',
  roles: 'administration',
  walls: 'administration',
}
const groupOf = (right: Right): Group | undefined => GROUP_OF[right.split('.')[0] as Area]

/** The lines of the matrix by what they are about. */
export const LINES: readonly { group: Group | 'signIn'; lines: readonly Line[] }[] = [
  ...GROUPS.map((group) => ({ group, lines: Right.options.filter((right) => groupOf(right) === group) })),
  { group: 'signIn', lines: ['secondFactor'] },
]

/** What was ticked (`true`) or unticked by hand, by `cellOf`; it may be what stands there already. */
export type Wanted = ReadonlyMap<string, boolean>

export const cellOf = (role: string, line: Line): string => `${role} ${line}`

/** Whether a role has a line as it stands. */
export function has(role: KnownRole, line: Line): boolean {
  return line === 'secondFactor' ? role.needsSecondFactor : role.rights.includes(line)
}

/** What saving would change, role by role; nothing for a role that would stay as it is. */
export function changesOf(roles: readonly KnownRole[], wanted: Wanted): RoleChange[] {
  return roles.flatMap((role) => {
    const isChanged = (line: Line) =>
      (wanted.get(cellOf(role.id, line)) ?? has(role, line)) !== has(role, line)
    const rights = Right.options.filter(isChanged)
    const change: RoleChange = {
      role: role.id,
      grant: rights.filter((right) => !has(role, right)),
      revoke: rights.filter((right) => has(role, right)),
      ...(isChanged('secondFactor') && { needsSecondFactor: !role.needsSecondFactor }),
    }
    return countOf(change) > 0 ? [change] : []
  })
}

/** How many cells of the matrix a change is. */
export function countOf({ grant, revoke, needsSecondFactor }: RoleChange): number {
  return grant.length + revoke.length + (needsSecondFactor === undefined ? 0 : 1)
}

/** An id for a new role from its English name (`County analyst` → `countyAnalyst`) that no other role has. */
export function roleIdFor(name: string, taken: readonly string[]): string {
  const words = name.toLowerCase().match(/[a-z][a-z0-9]*/g) ?? []
  const plain = words
    .map((word, i) => (i === 0 ? word : word[0]?.toUpperCase() + word.slice(1)))
    .join('')
    .slice(0, 36)
  const id = plain.length < 2 ? 'role' : plain
  let n = 1
  while (taken.includes(n === 1 ? id : `${id}${n}`)) n++
  return n === 1 ? id : `${id}${n}`
}
