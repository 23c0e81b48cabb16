import { setTimeout } from 'node:timers/promises'
import { DAY_MS } from '#domain/time.ts'
import { generateRows } from '../../scripts/synthetic/province.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { median, percentile, rate } from './figures.ts'
import { rest } from './rest.ts'
import { openBare, sendAll } from './sending.ts'

const SMALL = 1_000_000
const UPDATES = 180_000
const ROUNDS = 3
const SEED = 300
/** Rows sent in one go while the store is filled. */
const FILL_ROWS = 200_000

/** What was filled or updated merges first, at least for so long: the workers are there already and not just come. */
const REST_MS = 20_000

const SINGLE_SECONDS = 20
const SINGLE_PER_SECOND = 200
const SINGLES = SINGLE_SECONDS * SINGLE_PER_SECOND

/**
 * Later observations of workers who are there already, spread over all of them, half of them with another state: through
 * HTTP against the bare client, with one million workers and, where `large` is more, with that many. Then requests of one row.
 */
export async function run(large: number): Promise<void> {
  const server = await startServer()
  const { key } = await server.createSource()
  const bare = await openBare()
  console.log(
    `\nupdates: ${UPDATES.toLocaleString('en')} observations of workers who are known, ${ROUNDS} rounds`,
  )
  let held = 0
  const speeds: number[] = []
  for (const workers of new Set([SMALL, Math.max(SMALL, large)])) {
    await fill(server, key, held, workers)
    held = workers
    await rest(server, REST_MS)
    const http: number[] = []
    const direct: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const rows = updatesOf(workers, round)
      direct.push(await bare.insert('workers', rows))
      await rest(server)
      http.push(await sendAll(server.url, key, 'workers', rows))
      await rest(server)
    }
    speeds.push(UPDATES / median(http))
    const ratio = median(direct) / median(http)
    console.log(
      `  ${workers / 1e6} M workers: HTTP ${rate(UPDATES, median(http))}, bare ${rate(UPDATES, median(direct))}, ratio ${ratio.toFixed(2)}`,
    )
    await rest(server, REST_MS)
    // Twice: what handles single rows has not run before in this process, and is compiled in the first seconds.
    const rows = updatesOf(workers, ROUNDS)
    await singles(server, key, 'first', rows.slice(0, SINGLES))
    await singles(server, key, 'next', rows.slice(SINGLES, 2 * SINGLES))
  }
  if (speeds[1] && speeds[0]) console.log(`  ${held / 1e6} M to 1 M: ${(speeds[1] / speeds[0]).toFixed(2)}`)
  await server.stop()
  await bare.close()
}

async function fill(server: TestServer, key: string, held: number, workers: number): Promise<void> {
  let row = 0
  let some: unknown[] = []
  for (const worker of generateRows('workers', SEED, workers, Date.now() - 40 * DAY_MS)) {
    if (row++ >= held) some.push(worker)
    if (some.length < FILL_ROWS && row < workers) continue
    await sendAll(server.url, key, 'workers', some)
    some = []
  }
}

function updatesOf(workers: number, round: number): unknown[] {
  const step = Math.floor(workers / UPDATES)
  const rows: unknown[] = []
  let row = 0
  for (const worker of generateRows('workers', SEED, workers))
    if (row++ % step === round && rows.length < UPDATES)
      rows.push(rows.length % 2 ? worker : { ...worker, status: 'returned' })
  return rows
}

/** Requests of one row, sent when their time has come whether or not those before are answered. */
async function singles(server: TestServer, key: string, when: string, rows: unknown[]): Promise<void> {
  const latencies: number[] = []
  const started = performance.now()
  await Promise.all(
    rows.map(async (row, i) => {
      await setTimeout((i / SINGLE_PER_SECOND) * 1000)
      const sent = performance.now()
      const { status } = await server.send('workers', key, [row])
      if (status !== 200) throw new Error(`sending one row answered ${status}`)
      latencies.push(performance.now() - sent)
    }),
  )
  const perSecond = rows.length / ((performance.now() - started) / 1000)
  console.log(
    `  one row a request, ${perSecond.toFixed(0)} requests/s, the ${when} ${SINGLE_SECONDS} s: p50 ${percentile(latencies, 0.5).toFixed(0)} ms, p99 ${percentile(latencies, 0.99).toFixed(0)} ms`,
  )
}
