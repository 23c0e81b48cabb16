import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PGlite } from '@electric-sql/pglite'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { PgRow, Postgres, Sql } from './postgres.ts'
import { Serial } from './serial.ts'
import { postgresFault, sqlStateOf } from './store-fault.ts'

/** The embedded Postgres in one directory: one connection, one process, so a named lock is a queue in memory. */
export async function openPglite(path: string): Promise<Postgres> {
  if (!existsSync(path)) await begin(path)
  const db = await PGlite.create(path)
  const locks = new Map<string, Serial>()
  const on = (target: Pick<PGlite, 'query'>): Sql => ({
    query: async <Row extends PgRow>(text: string, params: readonly unknown[] = []) => {
      try {
        return (await target.query<Row>(text, [...params])).rows
      } catch (cause) {
        throw postgresFault(cause)
      }
    },
  })
  return {
    ...on(db),
    async transaction<T>(work: (sql: Sql) => Promise<T>) {
      try {
        return (await db.transaction((tx) => work(on(tx as unknown as PGlite)))) as T
      } catch (cause) {
        // Its own BEGIN and COMMIT fail here too; what is no answer of the database is the work's own fault.
        throw sqlStateOf(cause) === null ? cause : postgresFault(cause)
      }
    },
    listen: async (channel, heard) => void (await db.listen(channel, heard)),
    withLock<T>(name: string, work: () => Promise<T>) {
      const queue = locks.get(name) ?? new Serial()
      locks.set(name, queue)
      return queue.run(work)
    },
    pool: poolOf(db),
    close: () => db.close(),
  }
}

/** The one connection in the shape of a pool's. It is everybody's, so none may begin a transaction on it by a statement. */
function poolOf(db: PGlite): PostgresPool {
  const query = async (text: string, params: readonly unknown[]) => {
    if (/^(begin|start)\b/i.test(text))
      throw new Error('transactions of the embedded Postgres go by transaction()')
    const { rows, affectedRows } = await db.query(text, [...params])
    return { rows, command: 'UPDATE' as const, rowCount: affectedRows ?? 0 }
  }
  const client = { query, release: () => undefined } as PostgresPoolClient
  return { connect: async () => client, end: async () => undefined }
}

/**
 * Makes an empty cluster, whole or not at all. In a process of its own, as what that takes (270 MB of WebAssembly) would never
 * be given back; and without optimizing code that runs once (600 MB for the parser of SQL alone). Each start has a directory of
 * its own for it: that process outlives a start that is killed, and would write among the files of the next.
 */
async function begin(path: string): Promise<void> {
  const [parent, name] = [dirname(path), `${basename(path)}.begun-`]
  for (const left of readdirSync(parent).filter((one) => one.startsWith(name)))
    rmSync(join(parent, left), { recursive: true, force: true, maxRetries: 5 })
  const begun = mkdtempSync(join(parent, name))
  const script = fileURLToPath(new URL('./pglite-begin.ts', import.meta.url))
  await promisify(execFile)(process.execPath, ['--liftoff-only', script, begun])
  renameSync(begun, path)
}
