import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStores, type Stores } from '#sql/open.ts'
import { beginStores } from './begin-stores.ts'

/** Both real embedded stores, migrated, in a directory of their own that is removed on close. */
export async function openTestStores(): Promise<Stores & { dataDir: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'xiangrong-'))
  await beginStores(dataDir)
  const stores = await openStores({ dataDir })
  return {
    ...stores,
    dataDir,
    async close() {
      await stores.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Empties every table that holds signals or anything counted from them, and the alerts. */
export async function emptyStores({ engine, postgres }: Stores): Promise<void> {
  const { z } = await import('zod')
  const tables = await engine.query({
    name: 'tables',
    sql: `SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE '%\\_v1' AND engine LIKE '%MergeTree'`,
    row: z.object({ name: z.string() }),
    unscoped: 'a test',
  })
  for (const { name } of tables) await engine.command(`TRUNCATE TABLE ${name}`)
  await postgres.query(
    'TRUNCATE alert_log, alerts, evaluated, batches, rejected_rows, uploads, column_mappings, idempotency, sources CASCADE',
  )
  await postgres.query('UPDATE log_counter SET seq = 0')
}
