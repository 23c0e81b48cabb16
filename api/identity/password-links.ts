import { hash, randomBytes } from 'node:crypto'
import { AppError } from '#domain/error.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import type { Auth } from './auth.ts'
import { rejectPassword } from './passwords.ts'
import { endSessions } from './sessions.ts'

/** How long a link waits for its person. */
const LINK_DAYS = 7

/** The secret of a link by which one person sets a password, once: told to who made it and kept as a hash only. */
export type PasswordLink = { token: string; expiresAt: Date }

/** A new link for a person, in the transaction of `sql`; an earlier one stops working. */
export async function issuePasswordLink(sql: Sql, userId: string): Promise<PasswordLink> {
  const token = randomBytes(24).toString('base64url')
  const [link] = await sql.query<{ expiresAt: Date }>(
    `INSERT INTO password_links ("userId", "tokenHash", "expiresAt") VALUES ($1, $2, now() + interval '${LINK_DAYS} days')
     ON CONFLICT ("userId") DO UPDATE SET "tokenHash" = excluded."tokenHash", "expiresAt" = excluded."expiresAt"
     RETURNING "expiresAt"`,
    [userId, hash('sha256', token)],
  )
  if (!link) throw new Error('a link was not stored')
  return { token, expiresAt: link.expiresAt }
}

/**
 * Sets the password of the person of a link and uses the link up; answers who that is.
 * @throws AppError `forbidden` when the link is wrong, used or too old, `bad_request` for a password that is not taken.
 */
export async function usePasswordLink(
  postgres: Postgres,
  auth: Auth,
  token: string,
  password: string,
): Promise<{ id: string; username: string; name: string }> {
  const gone = () =>
    new AppError(
      'forbidden',
      'this link is wrong, was used or is too old; ask an administrator for a new one',
    )
  const tokenHash = hash('sha256', token)
  const [person] = await postgres.query<{ id: string; username: string; name: string }>(
    `SELECT u.id, u.username, u.name FROM password_links l JOIN "user" u ON u.id = l."userId"
     WHERE l."tokenHash" = $1 AND l."expiresAt" > now() AND u."disabledAt" IS NULL`,
    [tokenHash],
  )
  if (!person) throw gone()
  rejectPassword(password, person.username)
  const passwordHash = await auth.passwordHash(password)
  await postgres.transaction(async (sql) => {
    const used = await sql.query('DELETE FROM password_links WHERE "tokenHash" = $1 RETURNING 1', [tokenHash])
    if (used.length === 0) throw gone()
    await putPassword(sql, person.id, passwordHash)
  })
  return person
}

/** Gives a person another password, as its hash, and ends every session. */
export async function putPassword(sql: Sql, userId: string, passwordHash: string): Promise<void> {
  await sql.query(`UPDATE account SET password = $2 WHERE "userId" = $1 AND "providerId" = 'credential'`, [
    userId,
    passwordHash,
  ])
  await endSessions(sql, userId)
}
