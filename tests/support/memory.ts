import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestServer } from './server.ts'

const MIB = 1024 * 1024
const REST_MS = 540_000

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

/**
 * The least memory (MiB) a server holds at rest. It is watched for as long as the engine remembers parts that it has merged
 * into others, 8 minutes: many small commits leave tens of thousands of them.
 */
export async function restingMemory(server: TestServer): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (const end = Date.now() + REST_MS; Date.now() < end; await sleep(5_000))
    least = Math.min(least, (await memoryOf(server)).resident)
  return least
}
