import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type HeldLock, rejectWhenLockLost, underLock } from './held-lock.ts'
import { PgEar } from './pg-ear.ts'
import type { PgRow, Postgres } from './postgres.ts'
import { Serial } from './serial.ts'
import { postgresFault, SETTLE_MS } from './store-fault.ts'

const CONNECT_MS = 5_000
/** The server lets go of the locks of a connection whose other end has been silent for some 11 s. Of no effect on a local socket. */
const ASK_AFTER_HOLDERS =
  'SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3'

/**
 * A PostgreSQL server by URL. Locks are advisory locks held by a connection, so a process that dies lets go. A row
 * stands beside each held lock: whoever finds one left behind waits until what its holder had under way has ended.
 *
 * @throws what the driver throws when the server cannot be reached or refuses.
 */
export async function openPgServer(url: string): Promise<Postgres> {
  const pool = poolFor(url, 10)
  // Apart from the other connections: who holds a lock must always find one more for its work.
  const lockPool = poolFor(url, 10)
  // A host that loses its power tells nobody: the server asks after it, or what it holds would be held for two hours.
  lockPool.on('connect', (client) => {
    void client.query(ASK_AFTER_HOLDERS).catch(() => undefined)
  })
  const queues = new Map<string, Serial>()
  const ear = new PgEar(url)
  try {
    await pool.query(
      'CREATE TABLE IF NOT EXISTS held_locks (name text PRIMARY KEY, since timestamptz NOT NULL DEFAULT now())',
    )
  } catch (error) {
    await Promise.all([pool.end(), lockPool.end()])
    throw error
  }

  async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
    const client = await connect(lockPool)
    const lock: HeldLock = { isLost: false }
    const lost = () => {
      lock.isLost = true
    }
    client.on('error', lost)
    client.on('end', lost)
    try {
      await ask(client, 'SELECT pg_advisory_lock(hashtextextended($1, 0))', [name])
      const [mark] = await ask<{ wasLeft: boolean }>(
        client,
        'INSERT INTO held_locks (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET since = now() RETURNING xmax <> 0 AS "wasLeft"',
        [name],
      )
      if (mark?.wasLeft) await sleep(SETTLE_MS)
      return await underLock(lock, work)
    } finally {
      await letGo(client, name).catch(lost)
      client.off('error', lost)
      client.off('end', lost)
      client.release(lock.isLost)
    }
  }

  return {
    query: (text, params) => ask(pool, text, params),
    async transaction(work) {
      const client = await connect(pool)
      let isBroken = false
      const broken = () => {
        isBroken = true
      }
      client.on('error', broken)
      try {
        await ask(client, 'BEGIN')
        const result = await work({ query: (text, params) => ask(client, text, params) })
        rejectWhenLockLost()
        await ask(client, 'COMMIT')
        return result
      } catch (error) {
        await client.query('ROLLBACK').catch(broken)
        throw error
      } finally {
        client.off('error', broken)
        client.release(isBroken)
      }
    },
    listen: (channel, heard) => ear.listen(channel, heard),
    withLock<T>(name: string, work: () => Promise<T>) {
      // Those of one process wait here, so that a name never takes more than one connection.
      const queue = queues.get(name) ?? new Serial()
      queues.set(name, queue)
      return queue.run(() => withLock(name, work))
    },
    pool,
    async close() {
      await ear.close()
      await Promise.all([pool.end(), lockPool.end()])
    },
  }
}

function poolFor(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  })
  // An idle connection that breaks is replaced by the pool; the next query says if the server is away.
  pool.on('error', () => undefined)
  return pool
}

/** The mark goes first: a lock that is free while its mark stands would make the next holder wait for nothing. */
async function letGo(client: pg.PoolClient, name: string): Promise<void> {
  await client.query('DELETE FROM held_locks WHERE name = $1', [name])
  await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [name])
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (cause) {
    throw postgresFault(cause)
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
    throw postgresFault(cause)
  }
}
