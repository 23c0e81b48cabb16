import type { Postgres, Sql } from '#sql/postgres.ts'

/**
 * Work on alerts that is done once over the life of an installation, while nobody judges. It says that it is `done` together
 * with what it writes last. Answers what the work does, 0 where it was done before.
 */
export async function once(
  postgres: Postgres,
  name: string,
  work: (done: (sql: Sql) => Promise<unknown>) => Promise<number>,
): Promise<number> {
  const isDone = async () => (await postgres.query('SELECT 1 FROM facts WHERE name = $1', [name])).length > 0
  // Every later start finds it done, and does not wait for who judges.
  if (await isDone()) return 0
  return await postgres.withLock('evaluate', async () => {
    if (await isDone()) return 0
    return await work((sql) => sql.query(`INSERT INTO facts (name, value) VALUES ($1, 'yes')`, [name]))
  })
}
