import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** Where a run of tests keeps the migrated empty stores; not set outside of one. */
const PLACE = 'XIANGRONG_TEST_STORES'

/**
 * Vitest calls this once a run: migrates empty stores in a process of their own, for every test that begins with some, as
 * migrating takes longer than most tests do. Nobody waits for it who needs no store. Returns what is done at the end.
 */
export default function setup(): () => void {
  const place = mkdtempSync(join(tmpdir(), 'xiangrong-begin-'))
  process.env[PLACE] = place
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), place], { stdio: 'inherit' })
  return () => {
    child.kill()
    rmSync(place, { recursive: true, force: true })
  }
}

/** Puts migrated empty stores in a directory that is empty. Outside of a run of tests it stays empty. */
export async function beginStores(dataDir: string): Promise<void> {
  const place = process.env[PLACE]
  if (place === undefined) return
  const end = Date.now() + 60_000
  while (!existsSync(join(place, 'migrated'))) {
    if (Date.now() > end) throw new Error('the stores that tests begin with were not migrated')
    await wait(20)
  }
  cpSync(join(place, 'migrated'), dataDir, { recursive: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await migrateIn(process.argv[2] ?? '')

/** Only this process has the engine: the one that runs the tests is not to hold it. */
async function migrateIn(place: string): Promise<void> {
  const { openStores } = await import('#sql/open.ts')
  const stores = await openStores({ dataDir: join(place, 'begun') })
  await stores.close()
  renameSync(join(place, 'begun'), join(place, 'migrated'))
}
