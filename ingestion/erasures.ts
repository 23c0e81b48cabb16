import type { Sql } from '#sql/postgres.ts'

/** Whether a person was erased after this source's data about them were heard (ms). */
export type IsErased = (personKey: string, source: string, heardMs: number) => boolean

/**
 * The erasures that may concern what was heard at `sinceMs` or later; nearly always there are none. Whoever asks and then stores
 * holds `ERASURE_LOCK` or the table meanwhile: an erasure first says so here and then deletes what is there, so what was stored
 * before its word is deleted, and what is stored after it was asked for.
 */
export async function erasedSince(sql: Sql, sinceMs: number): Promise<IsErased | null> {
  const rows = await sql.query<{ personKey: string; source: string; erasedAt: Date }>(
    'SELECT "personKey", source, "erasedAt" FROM erasures WHERE "erasedAt" >= $1',
    [new Date(sinceMs)],
  )
  if (rows.length === 0) return null
  const erased = new Map(rows.map((row) => [`${row.personKey} ${row.source}`, row.erasedAt.getTime()]))
  return (personKey, source, heardMs) =>
    ['', source].some((of) => (erased.get(`${personKey} ${of}`) ?? 0) >= heardMs)
}
