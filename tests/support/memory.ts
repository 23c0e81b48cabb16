import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestServer } from './server.ts'

const MIB = 1024 * 1024
const REST_MS = 2_000
const REST_MS_MAX = 60_000

/** Memory of a server in MiB: all of it, and what JavaScript holds and uses; what is neither heap nor external is the stores'. */
export type Memory = { resident: number; heap: number; heapUsed: number; external: number }

export async function memoryOf(server: TestServer): Promise<Memory> {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8')
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  const mib = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1] ?? 0) / MIB
  return {
    resident: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024,
    heap: mib('nodejs_heap_size_total_bytes'),
    heapUsed: mib('nodejs_heap_size_used_bytes'),
    external: mib('nodejs_external_memory_bytes'),
  }
}

/** All of the memory (MiB) once it falls no more: collectors and merges take their time after the last request. */
export async function restingMemory(server: TestServer): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let ms = 0, since = 0; ms < REST_MS_MAX && since < 10_000; ms += REST_MS, since += REST_MS) {
    const { resident } = await memoryOf(server)
    if (resident < least - 1) since = 0
    least = Math.min(least, resident)
    await sleep(REST_MS)
  }
  return least
}
