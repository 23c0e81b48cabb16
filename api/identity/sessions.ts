import type { Postgres, Sql } from '#sql/postgres.ts'
import { announceAccess } from './access.ts'

/** A session as its person sees it. `device` is what the browser calls itself, `address` where it signed in from. */
export type OpenSession = { id: string; createdAt: Date; lastUsedAt: Date; address: string; device: string }

/** The open sessions of a person, the last used first. */
export async function sessionsOf(sql: Sql, userId: string, idleMinutes: number): Promise<OpenSession[]> {
  return await sql.query<OpenSession>(
    `SELECT id, "createdAt", "lastUsedAt", coalesce("ipAddress", '') AS address, coalesce("userAgent", '') AS device
     FROM "session" WHERE "userId" = $1 AND "expiresAt" > now() AND "lastUsedAt" > now() - $2 * interval '1 minute'
     ORDER BY "lastUsedAt" DESC, id`,
    [userId, idleMinutes],
  )
}

/** Ends one session of a person; answers whether there was one. */
export async function endSession(sql: Sql, userId: string, session: string): Promise<boolean> {
  const ended = await sql.query('DELETE FROM "session" WHERE "userId" = $1 AND id = $2 RETURNING 1', [
    userId,
    session,
  ])
  await announceAccess(sql)
  return ended.length > 0
}

/** Ends every session of a person but `kept`; answers how many. */
export async function endSessions(sql: Sql, userId: string, kept = ''): Promise<number> {
  const ended = await sql.query('DELETE FROM "session" WHERE "userId" = $1 AND id <> $2 RETURNING 1', [
    userId,
    kept,
  ])
  await announceAccess(sql)
  return ended.length
}

/** Clears away what has run out: sessions, whose sockets then close, begun log-ins and links. */
export async function sweepSessions(postgres: Postgres, idleMinutes: number): Promise<void> {
  const ended = await postgres.query(
    `DELETE FROM "session" WHERE "expiresAt" <= now() OR "lastUsedAt" <= now() - $1 * interval '1 minute' RETURNING 1`,
    [idleMinutes],
  )
  if (ended.length > 0) await announceAccess(postgres)
  await postgres.query('DELETE FROM verification WHERE "expiresAt" <= now()')
  await postgres.query('DELETE FROM password_links WHERE "expiresAt" <= now()')
}
