import { AppError } from '#domain/error.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { WrongCredential } from './lockout.ts'

/** A code is right for 90 s at most, so no more than three can be. */
const KEPT_CODES = 3

/** Whether a role that a person has now asks for a second factor. */
export async function needsSecondFactor(sql: Sql, userId: string): Promise<boolean> {
  const [post] = await sql.query(
    `SELECT 1 FROM posts p JOIN roles r ON r.id = p.role WHERE p."personId" = $1 AND r."needsSecondFactor"
       AND p."startsAt" <= now() AND (p."endsAt" IS NULL OR p."endsAt" > now()) LIMIT 1`,
    [userId],
  )
  return post !== undefined
}

/** Lets a code of a person through to `verify` once: whoever read it over a shoulder has nothing. @throws WrongCredential. */
export async function once<T>(
  postgres: Postgres,
  userId: string,
  code: string,
  verify: () => Promise<T>,
): Promise<T> {
  return await postgres.withLock('second-factor', async () => {
    const [used] = await postgres.query(
      'SELECT 1 FROM "twoFactor" WHERE "userId" = $1 AND $2 = ANY("usedCodes")',
      [userId, code],
    )
    if (used) throw new WrongCredential('unauthenticated', 'this code was used; wait for the next one')
    const answer = await verify()
    await postgres.query(
      `UPDATE "twoFactor" SET "usedCodes" = (array_prepend($2::text, "usedCodes"))[1:${KEPT_CODES}] WHERE "userId" = $1`,
      [userId, code],
    )
    return answer
  })
}

/** Takes the second factor from a person who lost it; the next log-in needs the password alone. */
export async function removeSecondFactor(sql: Sql, userId: string): Promise<void> {
  const [person] = await sql.query(
    'UPDATE "user" SET "twoFactorEnabled" = false WHERE id = $1 RETURNING id',
    [userId],
  )
  if (!person) throw new AppError('not_found', 'there is no such person')
  await sql.query('DELETE FROM "twoFactor" WHERE "userId" = $1', [userId])
}
