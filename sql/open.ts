import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '#domain/error.ts'
import { openChdb } from './chdb.ts'
import { lockDirectory } from './directory-lock.ts'
import type { Engine } from './engine.ts'
import { migrate } from './migrate.ts'
import { openPgServer } from './pg-server.ts'
import { openPglite } from './pglite.ts'
import type { Postgres } from './postgres.ts'
import { openServer } from './server.ts'
import { certificateFaultOf, isStoreAway } from './store-fault.ts'

export type Stores = { engine: Engine; postgres: Postgres; close(): Promise<void> }

/**
 * Opens both stores, embedded in `dataDir` or by URL, and migrates them.
 * @throws AppError `bad_setting` when a server does not let us in, `directory_in_use`, `migration_edited`,
 * `migration_newer`, `store_away`.
 */
export async function openStores(where: {
  dataDir: string
  clickhouseUrl?: string | undefined
  databaseUrl?: string | undefined
}): Promise<Stores> {
  const isEmbedded = !where.clickhouseUrl || !where.databaseUrl
  mkdirSync(where.dataDir, { recursive: true, mode: 0o700 })
  const unlock = isEmbedded ? lockDirectory(where.dataDir) : () => undefined
  try {
    const [postgres, engine] = await Promise.all([
      where.databaseUrl
        ? reach('DATABASE_URL', openPgServer(where.databaseUrl))
        : openPglite(join(where.dataDir, 'postgres')),
      where.clickhouseUrl
        ? reach('CLICKHOUSE_URL', openServer(where.clickhouseUrl))
        : openChdb(join(where.dataDir, 'clickhouse')),
    ])
    await migrate(engine, postgres)
    return {
      engine,
      postgres,
      async close() {
        await engine.close()
        await postgres.close()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** A server that does not let us in is a wrong setting or a server that is away: which, in words that hold no secret. */
async function reach<T>(setting: string, opening: Promise<T>): Promise<T> {
  try {
    return await opening
  } catch (cause) {
    throw new AppError('bad_setting', `setting ${setting}: ${refusalOf(cause)}`, { cause })
  }
}

function refusalOf(cause: unknown): string {
  const { code = '' } = cause as { code?: string }
  if (['516', '193', '194', '192', '28P01', '28000'].includes(code))
    return 'the server refuses this user or password'
  if (['81', '3D000'].includes(code)) return 'the server has no such database; create it first'
  const distrust = certificateFaultOf(cause)
  if (distrust !== null) return `the server's certificate is not trusted (${distrust})`
  if (isStoreAway(cause)) return 'the server cannot be reached; is it running, and is the address right?'
  return `what answers there does not answer as such a server does${/^\w{1,12}$/.test(code) ? ` (${code})` : ''}`
}
