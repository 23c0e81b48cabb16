import { randomUUID } from 'node:crypto'
import { AppError } from '#domain/error.ts'
import { isEverything, type Scope } from '#domain/scope.ts'
import type { Sql } from '#sql/postgres.ts'
import { type Giver, POWERS } from './posts.ts'
import { endSessions } from './sessions.ts'

/** A person as those see who manage people. `roles` are those of the posts that hold now. */
export type KnownPerson = {
  id: string
  username: string
  name: string
  roles: string[]
  disabledAt: Date | null
  hasSecondFactor: boolean
  singleSignOnName: string | null
  isLinked: boolean
  sessions: number
  lastSignInAt: Date | null
}

/** Which people to read: those whose name or user name holds `text`, in order of user name. */
export type PeopleFilter = { text: string; isDisabled: boolean | null; offset: number; limit: number }

/** A person is in the scope of who manages people when all their posts that have not ended lie in its regions. */
const IN_SCOPE = `($1::text[] IS NULL OR (
  EXISTS (SELECT 1 FROM posts p WHERE p."personId" = u.id AND (p."endsAt" IS NULL OR p."endsAt" > now())) AND NOT EXISTS (
    SELECT 1 FROM posts p WHERE p."personId" = u.id AND (p."endsAt" IS NULL OR p."endsAt" > now()) AND (
      p.regions = '{}' OR EXISTS (SELECT 1 FROM unnest(p.regions) r
        WHERE NOT EXISTS (SELECT 1 FROM unnest($1::text[]) own WHERE starts_with(r, own)))))))`

/** The people that a scope reaches, a page at a time, and how many they are. */
export async function readPeople(
  sql: Sql,
  scope: Scope,
  { text, isDisabled, offset, limit }: PeopleFilter,
): Promise<{ people: KnownPerson[]; total: number }> {
  const where = `${IN_SCOPE} AND ($2 = '' OR u.username ILIKE $2 OR u.name ILIKE $2)
    AND ($3::boolean IS NULL OR (u."disabledAt" IS NOT NULL) = $3)`
  const params = [regionsOf(scope), text === '' ? '' : `%${text.replace(/[\\%_]/g, '\\$&')}%`, isDisabled]
  const people = await sql.query<KnownPerson>(
    `${SELECT} WHERE ${where} ORDER BY u.username LIMIT $4 OFFSET $5`,
    [...params, limit, offset],
  )
  const [count] = await sql.query<{ n: number }>(
    `SELECT count(*)::integer AS n FROM "user" u WHERE ${where}`,
    params,
  )
  return { people, total: count?.n ?? 0 }
}

/** How many people of a scope, by role, have a post of it now or to come and are not disabled. */
export async function countByRole(sql: Sql, scope: Scope): Promise<Map<string, number>> {
  const rows = await sql.query<{ role: string; people: number }>(
    `SELECT held.role, count(DISTINCT u.id)::integer AS people FROM posts held JOIN "user" u ON u.id = held."personId"
     WHERE (held."endsAt" IS NULL OR held."endsAt" > now()) AND u."disabledAt" IS NULL AND ${IN_SCOPE} GROUP BY held.role`,
    [regionsOf(scope)],
  )
  return new Map(rows.map(({ role, people }) => [role, people]))
}

/**
 * The ids of those of `usernames` who may be made reporters of a unit of these `regions`: with a post, now or to come, that
 * gives `reports.send` in one of them, and whom the scope reaches or who are among the ids of `known`.
 */
export async function reportersAmong(
  sql: Sql,
  scope: Scope,
  {
    usernames,
    regions,
    known = [],
  }: { usernames: readonly string[]; regions: readonly string[]; known?: readonly string[] },
): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT u.id FROM "user" u WHERE u.username = ANY($2) AND (u.id = ANY($4) OR ${IN_SCOPE}) AND EXISTS (
       SELECT 1 FROM posts p JOIN roles r ON r.id = p.role WHERE p."personId" = u.id AND 'reports.send' = ANY(r.rights)
         AND (p."endsAt" IS NULL OR p."endsAt" > now())
         AND (p.regions = '{}' OR EXISTS (SELECT 1 FROM unnest(p.regions) own, unnest($3::text[]) place WHERE starts_with(place, own))))`,
    [regionsOf(scope), usernames, regions, known],
  )
  return rows.map(({ id }) => id)
}

/**
 * A person that `giver` may change: all of their posts lie in the scope, and who can manage people or roles is changed
 * only by who may manage roles. @throws AppError `not_found`, `forbidden`.
 */
export async function managedPerson(sql: Sql, giver: Giver, id: string): Promise<KnownPerson> {
  const [person] = await sql.query<KnownPerson>(`${SELECT} WHERE ${IN_SCOPE} AND u.id = $2`, [
    regionsOf(giver.scope),
    id,
  ])
  if (!person) throw new AppError('not_found', 'there is no such person')
  const [powerful] = await sql.query(
    `SELECT 1 FROM posts p JOIN roles r ON r.id = p.role
     WHERE p."personId" = $1 AND (p."endsAt" IS NULL OR p."endsAt" > now()) AND r.rights && $2::text[] LIMIT 1`,
    [id, [...POWERS]],
  )
  if (powerful && !giver.mayManageRoles)
    throw new AppError(
      'forbidden',
      'this person manages people or roles; only who has the right roles.manage everywhere may do this',
      { refused: { right: 'roles.manage' } },
    )
  return person
}

/** Enters a person, with a password as its hash. @throws AppError `conflict` when a name is taken. */
export async function insertPerson(
  sql: Sql,
  person: {
    username: string
    name: string
    role: string
    passwordHash: string
    singleSignOnName: string | null
  },
): Promise<string> {
  const id = randomUUID().replaceAll('-', '')
  const lower = person.username.toLowerCase()
  const [taken] = await sql.query<{ username: string }>(
    'SELECT username FROM "user" WHERE username = $1 OR "singleSignOnName" = $2',
    [lower, person.singleSignOnName],
  )
  if (taken)
    throw taken.username === lower
      ? new AppError('conflict', 'this user name is taken', { zh: '这个用户名已有人使用' })
      : singleSignOnNameTaken()
  await sql.query(
    `INSERT INTO "user" (id, name, email, username, "displayUsername", "singleSignOnName", role)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    // Nobody is written to: better-auth needs an address, and single sign-on links by it.
    [id, person.name, `${lower}@local.invalid`, lower, person.username, person.singleSignOnName, person.role],
  )
  await sql.query(
    `INSERT INTO account (id, "accountId", "providerId", "userId", password) VALUES ($1, $2, 'credential', $2, $3)`,
    [randomUUID().replaceAll('-', ''), id, person.passwordHash],
  )
  return id
}

/** What is changed of a person; what is `undefined` stays. */
export type PersonChange = {
  name?: string | undefined
  isDisabled?: boolean | undefined
  singleSignOnName?: string | null | undefined
}

/** Changes a person. Who is disabled, or gets another name for single sign-on, must be linked and log in anew. @throws AppError `conflict`. */
export async function updatePerson(sql: Sql, id: string, change: PersonChange): Promise<void> {
  if (change.name !== undefined)
    await sql.query('UPDATE "user" SET name = $2 WHERE id = $1', [id, change.name])
  if (change.isDisabled !== undefined)
    await sql.query(
      `UPDATE "user" SET "disabledAt" = CASE WHEN $2 THEN coalesce("disabledAt", now()) END WHERE id = $1`,
      [id, change.isDisabled],
    )
  // A link that was handed out before opens nothing any more, also when the person comes back.
  if (change.isDisabled) await sql.query('DELETE FROM password_links WHERE "userId" = $1', [id])
  if (change.singleSignOnName === undefined) return
  const [taken] = await sql.query('SELECT 1 FROM "user" WHERE "singleSignOnName" = $1 AND id <> $2', [
    change.singleSignOnName,
    id,
  ])
  if (taken) throw singleSignOnNameTaken()
  await sql.query('UPDATE "user" SET "singleSignOnName" = $2 WHERE id = $1', [id, change.singleSignOnName])
  await sql.query(`DELETE FROM account WHERE "userId" = $1 AND "providerId" = 'oidc'`, [id])
  // Whoever came by the name that was there before may be somebody else.
  await endSessions(sql, id)
}

const singleSignOnNameTaken = () =>
  new AppError('conflict', 'this name for single sign-on is taken', { zh: '这个统一身份账号已有人使用' })

const SELECT = `SELECT u.id, u.username, u.name, u."disabledAt", u."twoFactorEnabled" AS "hasSecondFactor", u."singleSignOnName",
  EXISTS (SELECT 1 FROM account a WHERE a."userId" = u.id AND a."providerId" = 'oidc') AS "isLinked",
  (SELECT count(*)::integer FROM "session" s WHERE s."userId" = u.id AND s."expiresAt" > now()) AS sessions,
  (SELECT max(at) FROM audit_log l WHERE l.action = 'signIn.success' AND l.subject = u.id) AS "lastSignInAt",
  ARRAY(SELECT DISTINCT p.role FROM posts p WHERE p."personId" = u.id AND p."startsAt" <= now()
    AND (p."endsAt" IS NULL OR p."endsAt" > now()) ORDER BY 1) AS roles
  FROM "user" u`

/** The regions of a scope, `null` for everywhere. People are placed by region alone, whatever the side and sectors. */
function regionsOf(scope: Scope): string[] | null {
  if (isEverything(scope)) return null
  const regions = scope.grants.flatMap((grant) => grant.regions)
  return scope.grants.some((grant) => grant.regions.length === 0) ? null : regions
}
