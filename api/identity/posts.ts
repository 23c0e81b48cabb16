import { AppError } from '#domain/error.ts'
import { Post, type Right, type RoleHolder } from '#domain/right.ts'
import { holdsRegion, rejectOutside, type Scope } from '#domain/scope.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Sql } from '#sql/postgres.ts'
import { newPostId } from './access.ts'
import { roleFor } from './roles.ts'

/** A post that is to be given. Instants in ms; `endsMs` `null` is until further notice. */
export type NewPost = Pick<Post, 'role' | 'regions' | 'side' | 'sectors'> & {
  startsMs: number
  endsMs: number | null
}

/** Who gives posts: what `people.manage` holds for, and whether they may also change what roles mean. */
export type Giver = { scope: Scope; mayManageRoles: boolean }

type PostRow = Omit<Post, 'startsAt' | 'endsAt'> & { startsAt: Date; endsAt: Date | null }

/** The posts of a person that a scope reaches, past ones too, in order. @throws AppError `not_found`. */
export async function readPosts(sql: Sql, personId: string, scope: Scope): Promise<Post[]> {
  const [person] = await sql.query('SELECT 1 FROM "user" WHERE id = $1', [personId])
  const rows = await sql.query<PostRow>(
    `SELECT ${COLUMNS} FROM posts WHERE "personId" = $1 ORDER BY "startsAt", id`,
    [personId],
  )
  const seen = rows.filter((row) => reaches(scope, row.regions))
  // Who has posts elsewhere alone is nobody to somebody of here.
  if (!person || (seen.length === 0 && !holdsRegion(scope, ''))) throw nobody()
  return seen.map(postOf)
}

/** Gives a post; answers it. @throws AppError `not_found`, `bad_request` (no such role), `conflict` (a retired one), `forbidden`. */
export async function insertPost(sql: Sql, giver: Giver, personId: string, post: NewPost): Promise<Post> {
  await rejectRoleBeyond(sql, giver, post.role)
  for (const region of post.regions.length > 0 ? post.regions : ['']) rejectOutside(giver.scope, region)
  const [person] = await sql.query('SELECT 1 FROM "user" WHERE id = $1', [personId])
  if (!person) throw nobody()
  const [row] = await sql.query<PostRow>(
    `INSERT INTO posts (id, "personId", role, regions, side, sectors, "startsAt", "endsAt")
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${COLUMNS}`,
    [newPostId(), personId, post.role, post.regions, post.side, post.sectors, ...instants(post)],
  )
  if (!row) throw new Error('an inserted post came back empty')
  return postOf(row)
}

/** Moves the beginning or the end of a post; one that ends `now` and has not begun is over without having held. @throws AppError `not_found`, `bad_request`, `conflict`, `forbidden`. */
export async function movePost(
  sql: Sql,
  giver: Giver,
  personId: string,
  id: string,
  moved: { startsMs?: number | undefined; endsMs?: number | 'now' | null | undefined },
): Promise<Post> {
  const [row] = await sql.query<PostRow>(`SELECT ${COLUMNS} FROM posts WHERE id = $1 AND "personId" = $2`, [
    id,
    personId,
  ])
  if (!row || !reaches(giver.scope, row.regions)) throw new AppError('not_found', 'there is no such post')
  await rejectRoleBeyond(sql, giver, row.role)
  const nowMs = Date.now()
  const isEnded = moved.endsMs === 'now'
  const askedMs = moved.startsMs ?? row.startsAt.getTime()
  const startsMs = isEnded ? Math.min(askedMs, nowMs) : askedMs
  const endsMs =
    moved.endsMs === 'now'
      ? nowMs
      : moved.endsMs === undefined
        ? (row.endsAt?.getTime() ?? null)
        : moved.endsMs
  if (endsMs !== null && endsMs < startsMs)
    throw new AppError('bad_request', 'endsAt: must not lie before startsAt', {
      zh: '结束不能早于开始',
    })
  const [after] = await sql.query<PostRow>(
    `UPDATE posts SET "startsAt" = $2, "endsAt" = $3 WHERE id = $1 RETURNING ${COLUMNS}`,
    [id, ...instants({ startsMs, endsMs })],
  )
  if (!after) throw new Error('an updated post came back empty')
  return postOf(after)
}

/** Ends every post of a role now, those to come before they began; answers whose they were, as they are then. */
export async function endPostsOf(sql: Sql, role: string): Promise<{ personId: string; post: Post }[]> {
  const rows = await sql.query<PostRow & { personId: string }>(
    `UPDATE posts SET "startsAt" = least("startsAt", now()), "endsAt" = now()
     WHERE role = $1 AND ("endsAt" IS NULL OR "endsAt" > now()) RETURNING "personId", ${COLUMNS}`,
    [role],
  )
  return rows.map(({ personId, ...row }) => ({ personId, post: postOf(row) }))
}

/** Who has or had a role, the newest post first, of the posts that a scope reaches. */
export async function readHolders(sql: Sql, role: string, scope: Scope): Promise<RoleHolder[]> {
  const rows = await sql.query<RoleHolder['person'] & Pick<PostRow, 'regions' | 'startsAt' | 'endsAt'>>(
    `SELECT u.id, u.username, u.name, p.regions, p."startsAt", p."endsAt" FROM posts p JOIN "user" u ON u.id = p."personId"
     WHERE p.role = $1 AND (p."endsAt" IS NULL OR p."endsAt" > p."startsAt") ORDER BY p."startsAt" DESC, p.id`,
    [role],
  )
  return rows
    .filter(({ regions }) => reaches(scope, regions))
    .map(({ id, username, name, startsAt, endsAt }) => ({
      person: { id, username, name },
      startsAt: toShanghaiIso(startsAt.getTime()),
      endsAt: endsAt && toShanghaiIso(endsAt.getTime()),
    }))
}

const COLUMNS = 'id, role, regions, side, sectors, "startsAt", "endsAt"'

/** The rights that let somebody decide what others may do. */
export const POWERS: readonly Right[] = ['people.manage', 'roles.manage']

/** Whether rights let somebody decide what others may do. */
export function givesPower(rights: readonly Right[]): boolean {
  return rights.some((right) => POWERS.includes(right))
}

/** Who only manages people must not make themselves or a friend one who decides what everybody may do. */
async function rejectRoleBeyond(sql: Sql, { mayManageRoles }: Giver, id: string): Promise<void> {
  const role = await roleFor(sql, id)
  if (!role) throw new AppError('bad_request', 'role: there is no such role; see GET /v1/roles')
  if (role.retiredAt !== null)
    throw new AppError(
      'conflict',
      'role: this role is retired; its posts are over, and none is given any more',
      { zh: '此角色已停用，不再任用' },
    )
  if (givesPower(role.rights) && !mayManageRoles)
    throw new AppError(
      'forbidden',
      'only who has the right roles.manage everywhere may give or end a post that manages people or roles',
      { refused: { right: 'roles.manage' } },
    )
}

function reaches(scope: Scope, regions: readonly string[]): boolean {
  return (regions.length > 0 ? regions : ['']).every((region) => holdsRegion(scope, region))
}

function postOf({ startsAt, endsAt, ...row }: PostRow): Post {
  return Post.parse({
    ...row,
    startsAt: toShanghaiIso(startsAt.getTime()),
    endsAt: endsAt && toShanghaiIso(endsAt.getTime()),
  })
}

const instants = ({ startsMs, endsMs }: { startsMs: number; endsMs: number | null }) => [
  new Date(startsMs),
  endsMs === null ? null : new Date(endsMs),
]
const nobody = () => new AppError('not_found', 'there is no such person')
