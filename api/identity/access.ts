import { randomUUID } from 'node:crypto'
import { AppError } from '#domain/error.ts'
import { Right, Side } from '#domain/right.ts'
import { EVERYWHERE, type Grant, isCovered, type Scope, scopeOf } from '#domain/scope.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'

/** The bell that tells every process that roles, posts or sessions have changed. */
export const ACCESS_CHANNEL = 'access_changed'

/** A post that holds now, with the rights of its role. */
type ActivePost = Grant & { role: string; rights: readonly Right[] }

/**
 * What somebody may do now. A right holds for what the posts that give it hold. `untilMs` is when that changes by
 * itself, as a post begins or ends or a log-in runs out; `null` when it does not.
 */
export type Access = { readonly posts: readonly ActivePost[]; readonly untilMs: number | null }

type Row = {
  role: string
  rights: string[]
  regions: string[]
  side: string
  sectors: string[]
  startsAt: Date
  endsAt: Date | null
}

/** What a person may do at `nowMs`, from the posts. A right that is no longer in the list is no right. */
export async function accessOf(postgres: Sql, personId: string, nowMs = Date.now()): Promise<Access> {
  const rows = await postgres.query<Row>(
    `SELECT p.role, r.rights, p.regions, p.side, p.sectors, p."startsAt", p."endsAt" FROM posts p JOIN roles r ON r.id = p.role
     WHERE p."personId" = $1 AND (p."endsAt" IS NULL OR p."endsAt" > $2) ORDER BY p."startsAt", p.id`,
    [personId, new Date(nowMs)],
  )
  const changes = rows.flatMap(({ startsAt, endsAt }) => [startsAt.getTime(), endsAt?.getTime() ?? []].flat())
  return {
    posts: rows.filter(({ startsAt }) => startsAt.getTime() <= nowMs).map(activePost),
    untilMs: changes.filter((ms) => ms > nowMs).sort((a, b) => a - b)[0] ?? null,
  }
}

/** What a screen without a person may do: some rights, for what the grant holds (everywhere unless it is given). */
export function screenAccess(rights: readonly Right[], grant: Grant = EVERYWHERE): Access {
  return { posts: [{ ...grant, role: 'wall', rights }], untilMs: null }
}

/** What a right holds for; `null` for who does not have it. */
export function scopeFor({ posts }: Access, right: Right): Scope | null {
  const giving = posts.filter(({ rights }) => rights.includes(right))
  if (giving.length === 0) return null
  const individuals = posts.filter(({ rights }) => rights.includes('individuals.read'))
  return scopeOf(
    giving.map(({ regions, side, sectors }) => ({ regions, side, sectors })),
    giving.every((post) => isCovered(post, individuals)),
    right,
  )
}

/** Every right that somebody has for anything at all, in the order of the list. */
export function rightsOf({ posts }: Access): Right[] {
  return Right.options.filter((right) => posts.some(({ rights }) => rights.includes(right)))
}

/** Gives a person a role everywhere from now on. For who is being made; rings no bell as nobody can be logged in as them. */
export async function openPost(sql: Sql, personId: string, role: string): Promise<void> {
  await sql.query('INSERT INTO posts (id, "personId", role) VALUES ($1, $2, $3)', [
    newPostId(),
    personId,
    role,
  ])
}

export const newPostId = () => `post_${randomUUID().replaceAll('-', '').slice(0, 16)}`

/**
 * Runs a change of roles, posts or people in one transaction, one at a time over the installation, and tells everybody.
 * @throws AppError `conflict` when nobody would be left who can manage people and roles everywhere, for good.
 */
export async function changeAccess<T>(postgres: Postgres, change: (sql: Sql) => Promise<T>): Promise<T> {
  return await postgres.withLock('access', () =>
    postgres.transaction(async (sql) => {
      const done = await change(sql)
      await rejectWithoutAdministrator(sql)
      await announceAccess(sql)
      return done
    }),
  )
}

/** Tells every process that roles, posts or sessions changed: open sockets and pages are judged anew. */
export async function announceAccess(sql: Sql): Promise<void> {
  await sql.query('SELECT pg_notify($1, $2)', [ACCESS_CHANNEL, ''])
}

/** @throws AppError `conflict`. */
async function rejectWithoutAdministrator(sql: Sql): Promise<void> {
  const [one] = await sql.query(
    `SELECT 1 FROM posts p JOIN roles r ON r.id = p.role JOIN "user" u ON u.id = p."personId" AND u."disabledAt" IS NULL
     WHERE p.regions = '{}' AND p.sectors = '{}' AND p."startsAt" <= now() AND p."endsAt" IS NULL
     GROUP BY p."personId" HAVING bool_or('people.manage' = ANY(r.rights)) AND bool_or('roles.manage' = ANY(r.rights)) LIMIT 1`,
  )
  if (!one)
    throw new AppError(
      'conflict',
      'then nobody could manage people and roles any more; give somebody else a post with both rights first',
      { zh: '这样就再没有人能管理人员和角色了；请先给另一人有这两项权限的任职' },
    )
}

function activePost({ role, rights, regions, side, sectors }: Row): ActivePost {
  return {
    role,
    rights: rights.flatMap((right) => Right.safeParse(right).data ?? []),
    regions,
    side: Side.parse(side),
    sectors,
  }
}
