import type { Sql } from '#sql/postgres.ts'

/** Rung with a person's id, '' for several, when what they may see or whether they are logged in has changed. */
const ACCESS_CHANNEL = 'access_changed'

/** Tells every process that sessions or rights of a person changed: open sockets and pages are judged anew. */
export async function announceAccess(sql: Sql, userId: string): Promise<void> {
  await sql.query('SELECT pg_notify($1, $2)', [ACCESS_CHANNEL, userId])
}
