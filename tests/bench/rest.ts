import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { TestServer } from '../support/server.ts'

/** At rest less of a core is used than this; what merges takes a whole one. */
const RESTING_CORES = 0.15
/** How long the use of the cores is looked at, and how often at most. */
const LOOK_MS = 5_000
const LOOKS_MAX = 60

/**
 * Waits until what was sent has merged, in the server's store and in one of this process: at least so long, and then until
 * neither process does anything. What is measured next has the cores to itself.
 */
export async function rest({ process: server }: TestServer, atLeastMs = 0): Promise<void> {
  const used = () => cpuMs(server.pid) + cpuMs(process.pid)
  await setTimeout(atLeastMs)
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    const before = used()
    await setTimeout(LOOK_MS)
    if (used() - before < RESTING_CORES * LOOK_MS) return
  }
  console.log(`  the stores did not come to rest in ${(LOOKS_MAX * LOOK_MS) / 1000} s`)
}

/** What a process has used of the processors since it began, ms: the 14th and 15th field of its state, in hundredths of a second. */
function cpuMs(pid: number | undefined): number {
  const state = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system] = state
    .slice(state.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) * 10
}
