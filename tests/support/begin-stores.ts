import { spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
} from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** Where a run of tests keeps the migrated empty stores; not set outside of one. */
const PLACE = 'XIANGRONG_TEST_STORES'

/** Free memory that a run of tests wants for its files; half-way through one they held 0.9 GiB. */
const ROOM_BYTES = 8 * 2 ** 30

/**
 * Vitest calls this once a run: gives its files a folder, and migrates empty stores in a process of their own, for every test that begins with some, as
 * migrating takes longer than most tests do. Nobody waits for it who needs no store. Returns what is done at the end.
 */
export default function setup(): () => void {
  const place = mkdtempSync(join(folderInMemory() ?? tmpdir(), 'xiangrong-begin-'))
  // Where tests run as root, the servers that they start do not.
  chmodSync(place, 0o711)
  process.env[PLACE] = place
  process.env.TMPDIR = place
  // Every file and every server of a run loads the same modules.
  process.env.NODE_COMPILE_CACHE = join(place, 'compiled')
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), place], { stdio: 'inherit' })
  return () => {
    child.kill()
    rmSync(place, { recursive: true, force: true })
  }
}

/**
 * Where files are kept in memory, when there is room. Tests make and delete a hundred small files a second; a file system without
 * a journal walks past all that were deleted in the last minutes for each new one (a sixth of the time in a profile).
 */
function folderInMemory(): string | null {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    const hasRoom = Math.min(bavail * bsize, freemem()) > ROOM_BYTES
    // Some tests start a program from there.
    const mayRun = !/ \/dev\/shm .*\bnoexec\b/.test(readFileSync('/proc/mounts', 'utf8'))
    return process.env.TMPDIR === undefined && hasRoom && mayRun ? '/dev/shm' : null
  } catch {
    return null
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
