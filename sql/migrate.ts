import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import type { Engine } from './engine.ts'
import type { Postgres, Sql } from './postgres.ts'

type Migration = { name: string; checksum: string; statements: string[] }

/**
 * Brings both stores to the newest schema, under one lock over all processes. Each migration runs once and is kept with
 * its checksum. @throws AppError `migration_edited` when one that has run reads differently now, `migration_newer` when one has
 * that this release does not know: it would count, and write, in a shape that it cannot read.
 */
export async function migrate(engine: Engine, postgres: Postgres): Promise<void> {
  await postgres.withLock('migrate', async () => {
    await migratePostgres(postgres)
    await migrateEngine(engine)
  })
}

async function migratePostgres(postgres: Postgres): Promise<void> {
  await postgres.query(
    'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, checksum text NOT NULL, "appliedAt" timestamptz NOT NULL DEFAULT now())',
  )
  const applied = await postgres.query<Applied>('SELECT name, checksum FROM migrations')
  for (const migration of pending('postgres', applied)) {
    await postgres.transaction(async (sql: Sql) => {
      for (const statement of migration.statements) await sql.query(statement)
      await sql.query('INSERT INTO migrations (name, checksum) VALUES ($1, $2)', [
        migration.name,
        migration.checksum,
      ])
    })
  }
}

async function migrateEngine(engine: Engine): Promise<void> {
  await engine.command(
    'CREATE TABLE IF NOT EXISTS migrations (name String, checksum String, appliedAt DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY name',
  )
  const row = z.object({ name: z.string(), checksum: z.string() })
  const applied = await engine.query({
    name: 'migrations',
    sql: 'SELECT DISTINCT name, checksum FROM migrations',
    row,
    unscoped: 'migrations are the work of the system',
  })
  for (const migration of pending('clickhouse', applied)) {
    // No transaction here: every statement is CREATE … IF NOT EXISTS, so a half-done file is simply run again.
    for (const statement of migration.statements) await engine.command(statement)
    const { name, checksum } = migration
    await engine.insert({
      table: 'migrations',
      columns: ['name', 'checksum'],
      lines: [JSON.stringify([name, checksum])],
    })
  }
}

type Applied = { name: string; checksum: string }

function pending(store: 'clickhouse' | 'postgres', applied: Applied[]): Migration[] {
  const known = new Map(applied.map((row) => [row.name, row.checksum]))
  const own = readMigrations(new URL(`./${store}/`, import.meta.url))
  const newer = applied.find((row) => !own.some(({ name }) => name === row.name))
  if (newer)
    throw new AppError(
      'migration_newer',
      `sql/${store}/${newer.name} of a newer release has run on these stores: start that release, or restore the backup from before it`,
    )
  return own.filter((migration) => {
    const checksum = known.get(migration.name)
    if (checksum !== undefined && checksum !== migration.checksum)
      throw new AppError(
        'migration_edited',
        `sql/${store}/${migration.name} was edited after it ran: restore it and add a new file instead`,
      )
    return checksum === undefined
  })
}

/** The migrations of a folder in order; statements are separated by a line that holds only `;`. */
export function readMigrations(folder: URL): Migration[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const text = readFileSync(new URL(name, folder), 'utf8')
      return {
        name,
        checksum: createHash('sha256').update(text).digest('hex'),
        statements: text
          .split(/^;$/m)
          .map((statement) => statement.trim())
          .filter((statement) => statement.length > 0),
      }
    })
}
