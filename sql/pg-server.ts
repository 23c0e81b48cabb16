import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { AppError } from '#domain/error.ts'
import type { PgRow, Postgres } from './postgres.ts'

const RECONNECT_MS = 1_000

/** A PostgreSQL server by URL. Locks are advisory locks held by a connection, so a process that dies lets go. */
export async function openPgServer(url: string): Promise<Postgres> {
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 5_000 })
  pool.on('error', () => undefined) // An idle connection that breaks is replaced by the pool; the next query says if the server is away.
  const listeners = new Map<string, () => void>()
  let ear: pg.Client | null = null
  let isClosed = false

  async function connectEar(): Promise<void> {
    if (isClosed) return
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    client.on('end', () => {
      ear = null
      setTimeout(() => void connectEar().catch(() => undefined), RECONNECT_MS).unref()
    })
    client.on('notification', (message) => listeners.get(message.channel)?.())
    try {
      await client.connect()
      for (const channel of listeners.keys()) await client.query(`LISTEN "${channel}"`)
      ear = client
      for (const heard of listeners.values()) heard()
    } catch {
      setTimeout(() => void connectEar().catch(() => undefined), RECONNECT_MS).unref()
    }
  }

  return {
    query: (text, params) => ask(pool, text, params),
    async transaction(work) {
      const client = await connect(pool)
      try {
        await ask(client, 'BEGIN')
        const result = await work({ query: (text, params) => ask(client, text, params) })
        await ask(client, 'COMMIT')
        return result
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined)
        throw error
      } finally {
        client.release()
      }
    },
    async listen(channel, heard) {
      listeners.set(channel, heard)
      if (ear) await ear.query(`LISTEN "${channel}"`)
      else await connectEar()
    },
    async withLock(name, work) {
      const client = await connect(pool)
      try {
        await ask(client, 'SELECT pg_advisory_lock(hashtextextended($1, 0))', [name])
        return await work()
      } finally {
        await client
          .query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [name])
          .catch(() => undefined)
        client.release()
      }
    },
    drizzle: drizzle({ client: pool }),
    async close() {
      isClosed = true
      await ear?.end()
      await pool.end()
    },
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (cause) {
    throw away(cause)
  }
}

async function ask<Row extends PgRow>(
  on: pg.Pool | pg.PoolClient,
  text: string,
  params: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    return (await on.query<Row>(text, [...params])).rows
  } catch (cause) {
    // A five-character SQLSTATE outside class 08 (connection) and 57 (operator intervention) is an answer, not an absence.
    const state = (cause as { code?: string }).code ?? ''
    throw /^[0-9A-Z]{5}$/.test(state) && !/^(08|57|53)/.test(state) ? cause : away(cause)
  }
}

const away = (cause: unknown) =>
  new AppError('store_away', 'the database cannot be reached; try again', { cause, retryAfterS: 5 })
