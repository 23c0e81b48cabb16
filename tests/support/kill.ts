import { setTimeout as sleep } from 'node:timers/promises'
import type { MeasureId } from '#domain/measure.ts'
import { fenToYuan, yuanToFen } from '#domain/money.ts'
import { DAY_MS } from '#domain/time.ts'
import { logFaults, readWholeLog } from './alert-log.ts'
import { post } from './post.ts'
import { type Received, recount } from './recount.ts'
import { startServer, type TestServer, waitFor } from './server.ts'
import { arrears, idNumberFor, worker } from './signals.ts'

const CLIENTS = 4
const BATCH_ROWS_MAX = 120
const PEOPLE = 500
const CASES = 120
const PROJECTS = 12
const HOMES = ['430522', '430121', '430902', '431002']
const WORKS = ['430503', '430121', '4403', '430682']

/** What a round came to. `faults` in words; none when nothing was lost, doubled or left undone. */
export type Round = {
  round: number
  killedAfterMs: number
  killedAgain: boolean
  restartMs: number
  rows: number
  retries: number
  alerts: number
  faults: string[]
}

/**
 * Rounds of load in which the server is killed without warning at a seeded moment, in some rounds once more while it
 * starts. Clients send a batch again until it is acknowledged. After each round everything that was acknowledged must be
 * counted exactly once, the alert log sound and the open alerts those that the facts ask for.
 */
export async function* killRounds(rounds: number, seed: number): AsyncGenerator<Round> {
  const random = seeded(seed)
  const between = (low: number, high: number) => Math.floor(low + random() * (high - low))
  const server = await startServer()
  try {
    const sources = [await server.createSource({ name: 'a' }), await server.createSource({ name: 'b' })]
    const load = new Load([server], sources, random)
    for (let round = 1; round <= rounds; round++) {
      const { rows: rowsBefore, retries: retriesBefore } = load
      const clients = load.start(CLIENTS)
      const killedAfterMs = between(20, 900)
      await sleep(killedAfterMs)
      await server.kill()
      const startedMs = Date.now()
      const killedAgain = random() < 0.4
      if (killedAgain) {
        const start = server.restart().catch(() => undefined)
        await sleep(between(0, 1_800))
        await server.kill()
        await start
      }
      await server.restart()
      const restartMs = Date.now() - startedMs
      await sleep(between(0, 400))
      load.stop()
      await clients
      const faults = [
        ...(await countFaults(server, load.received)),
        ...(await alertFaults(server, load.received)),
      ]
      const alerts = (await readWholeLog(server)).length
      yield {
        round,
        killedAfterMs,
        killedAgain,
        restartMs,
        rows: load.rows - rowsBefore,
        retries: load.retries - retriesBefore,
        alerts,
        faults: [...load.faults.splice(0), ...faults],
      }
    }
  } finally {
    await server.stop()
  }
}

type Source = { id: string; key: string }
type Batch = {
  kind: 'workers' | 'arrears'
  source: Source
  rows: Record<string, unknown>[]
  key: string | null
}

/** Clients that send batches one after the other, each until it is acknowledged, to any of the servers. */
export class Load {
  readonly received: Received[] = []
  readonly faults: string[] = []
  rows = 0
  retries = 0
  readonly #servers: readonly TestServer[]
  readonly #sources: Source[]
  readonly #random: () => number
  readonly #startMs = Date.now() - 30 * DAY_MS
  #isRunning = false
  #made = 0

  constructor(servers: readonly TestServer[], sources: Source[], random: () => number) {
    this.#servers = servers
    this.#sources = sources
    this.#random = random
  }

  async start(clients: number): Promise<void> {
    this.#isRunning = true
    await Promise.all(Array.from({ length: clients }, () => this.#client()))
  }

  stop(): void {
    this.#isRunning = false
  }

  async #client(): Promise<void> {
    while (this.#isRunning) {
      const batch = this.#next()
      await this.#send(batch)
      // Some senders send what they have sent before, as another batch.
      if (this.#random() < 0.15) await this.#send({ ...batch, key: null })
    }
  }

  async #send(batch: Batch): Promise<void> {
    const headers: Record<string, string> = batch.key ? { 'idempotency-key': batch.key } : {}
    for (;;) {
      try {
        const server = this.#one(this.#servers)
        const reply = await post(server, batch.kind, batch.source.key, JSON.stringify(batch.rows), {
          headers,
        })
        if (reply.status === 200) return this.#taken(batch, reply.body)
        if (reply.status !== 503 && reply.status !== 429)
          this.faults.push(`answered ${reply.status}: ${reply.text}`)
      } catch {
        // The server is gone; the sender cannot know whether the batch was taken.
      }
      this.retries++
      await sleep(30)
    }
  }

  #taken(
    { kind, source, rows }: Batch,
    answer: { received: number; accepted: number; unchanged: number },
  ): void {
    if (answer.received !== rows.length || answer.accepted + answer.unchanged !== rows.length)
      this.faults.push(`${rows.length} rows answered with ${JSON.stringify(answer)}`)
    this.rows += rows.length
    for (const signal of rows) {
      const ms = Date.parse(String(signal.observedAt))
      this.received.push({ kind, source: source.id, ms, order: this.received.length, signal })
    }
  }

  #next(): Batch {
    const kind = this.#random() < 0.5 ? 'workers' : 'arrears'
    const rows = Array.from({ length: 1 + this.#below(BATCH_ROWS_MAX) }, () => this.#row(kind))
    return {
      kind,
      source: this.#one(this.#sources),
      rows,
      key: this.#random() < 0.5 ? `key-${this.#made}` : null,
    }
  }

  /** Observations in no order of time; no two at one instant, so that the order of receipt cannot matter. */
  #row(kind: 'workers' | 'arrears'): Record<string, unknown> {
    const ms = this.#startMs + this.#below(29) * DAY_MS + this.#made++
    const observedAt = new Date(ms).toISOString()
    if (kind === 'workers')
      return worker({
        idNumber: idNumberFor(this.#below(PEOPLE)),
        observedAt,
        homeRegion: this.#one(HOMES),
        workRegion: this.#one(WORKS),
        status: this.#one(['employed', 'seeking', 'returned', 'withdrawn']),
      })
    return arrears({
      caseId: `case-${this.#below(CASES)}`,
      observedAt,
      workRegion: this.#one(HOMES),
      project: `工程-${this.#below(PROJECTS)}`,
      status: this.#one(['reported', 'verified', 'processing', 'settled', 'dismissed']),
      workers: this.#below(50),
      owed: fenToYuan(this.#below(30_000_000)),
      paid: fenToYuan(this.#below(1_000_000)),
      gathering: this.#one([0, 0, 4, 5, 12, 30]),
    })
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  #one<T>(from: readonly T[]): T {
    const value = from[this.#below(from.length)]
    if (value === undefined) throw new Error('nothing to choose from')
    return value
  }
}

const ASKS: { measure: MeasureId; by: string[] }[] = [
  { measure: 'workers.count', by: [] },
  { measure: 'workers.count', by: ['home.county', 'status'] },
  { measure: 'workers.outOfProvince', by: ['work.province'] },
  { measure: 'arrears.openCases', by: ['status', 'source'] },
  { measure: 'arrears.owed', by: ['work.county'] },
  { measure: 'arrears.workers', by: [] },
  { measure: 'arrears.newCases', by: [] },
  { measure: 'arrears.recovered', by: [] },
]

/** What is counted otherwise than a recount of what was acknowledged, in words. */
export async function countFaults(server: TestServer, received: Received[]): Promise<string[]> {
  const toMs = Date.now()
  const fromMs = toMs - 15 * DAY_MS
  const faults: string[] = []
  for (const { measure, by } of ASKS) {
    const params = new URLSearchParams({ measure, by: by.join(',') })
    params.set('from', new Date(fromMs).toISOString())
    params.set('to', new Date(toMs).toISOString())
    const answer = await server.get(`/v1/distribution?${params}`)
    const counted = new Map<string, unknown>(
      answer.rows.map((row: Record<string, unknown>) => [
        by.map((dimension) => row[dimension]).join(' '),
        row.value,
      ]),
    )
    const expected = recount(received, { measure, by, atMs: toMs, fromMs, toMs })
    for (const group of new Set([...counted.keys(), ...expected.keys()]))
      if (counted.get(group) !== expected.get(group))
        faults.push(`${measure} ${group}: counted ${counted.get(group)}, recounted ${expected.get(group)}`)
  }
  return faults
}

/** The alerts that the facts ask for, by rules D14 and D15 as the design states them: rule and group → tier and value. */
function expectedAlerts(received: Received[]): Map<string, string> {
  const latest = new Map<string, Received>()
  for (const one of received) {
    if (one.kind !== 'arrears') continue
    const key = `${one.source}/${one.signal.caseId}`
    if ((latest.get(key)?.ms ?? 0) <= one.ms) latest.set(key, one)
  }
  const expected = new Map<string, string>()
  const sums = new Map<string, number>()
  for (const [key, { signal }] of latest) {
    if (['settled', 'dismissed'].includes(signal.status)) continue
    const { gathering } = signal
    const tier = gathering >= 30 ? 'red' : gathering >= 10 ? 'orange' : gathering >= 5 ? 'yellow' : null
    if (tier) expected.set(`D14 ${key}`, `${tier} ${gathering}`)
    const site = `project:${signal.workRegion}:${signal.project}`
    sums.set(site, (sums.get(site) ?? 0) + (yuanToFen(signal.owed) ?? 0))
  }
  for (const [site, fen] of sums) {
    const tier = fen >= 500_000_00 ? 'red' : fen >= 200_000_00 ? 'orange' : fen >= 50_000_00 ? 'yellow' : null
    if (tier) expected.set(`D15 ${site}`, `${tier} ${fenToYuan(fen)}`)
  }
  return expected
}

/** What of the alerts and their log is not as the facts ask, in words; waits for alerts that are on their way. */
export async function alertFaults(server: TestServer, received: Received[]): Promise<string[]> {
  const expected = expectedAlerts(received)
  let faults: string[] = []
  const isRight = async () => {
    const { alerts } = await server.get('/v1/alerts?limit=1000')
    const open = new Map<string, string>()
    faults = []
    for (const alert of alerts) {
      const key = `${alert.rule} ${alert.group}`
      if (open.has(key)) faults.push(`two open alerts of ${key}`)
      open.set(key, `${alert.tier} ${alert.value}`)
    }
    for (const key of new Set([...open.keys(), ...expected.keys()]))
      if (open.get(key) !== expected.get(key))
        faults.push(`alert ${key}: ${open.get(key)}, expected ${expected.get(key)}`)
    return faults.length === 0
  }
  await waitFor(isRight, 15_000).catch(() => undefined)
  return [...faults, ...logFaults(await readWholeLog(server))]
}

/** mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
