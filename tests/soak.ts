/**
 * Mixed load for a while: `node tests/soak.ts --minutes 20 --seed 1`. Good rows, bad ones, uploads that break off, files,
 * questions, and pages that come and go, over subjects that do not become more. Prints the server's memory each minute;
 * exit code 1 when it grows in the second half by more than it wavers, or anything was answered as it must not be. In the
 * first half it grows in any case: Postgres fills its buffers, and what glibc's arenas keep of freed memory grows. There are
 * two of them here instead of sixteen, so that a leak does not hide behind that.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { begin } from './support/begin.ts'
import { written, XLSX } from './support/forms.ts'
import { seeded } from './support/kill.ts'
import { LiveClient } from './support/live.ts'
import { sendMalformed } from './support/malformed.ts'
import { type Memory, memoryOf } from './support/memory.ts'
import { post } from './support/post.ts'
import { startServer, waitFor } from './support/server.ts'
import { arrears, idNumberFor, industry, worker } from './support/signals.ts'

const PEOPLE = 20_000
const CASES = 2_000
const POINTS = 500
const FILE_ROWS = 4_000
const SAMPLE_MS = 2_000
/** Growth over the time looked at that is no leak, MiB: the store keeps an index of what it was told. */
const GROWTH_MIB_MAX = 40

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
})
const seed = Number(values.seed)
const endMs = Date.now() + Number(values.minutes) * 60_000
const isOver = () => Date.now() > endMs
const random = seeded(seed)
const below = (n: number) => Math.floor(random() * n)
const faults: string[] = []
const done = { rows: 0, malformed: 0, cutOff: 0, files: 0, pages: 0, questions: 0 }

const server = await startServer()
const source = await server.createSource()
const cookie = await server.signIn()
const observedAt = () => new Date(Date.now() - below(30 * 86_400_000)).toISOString()
const ROWS = {
  workers: () =>
    worker({
      idNumber: idNumberFor(below(PEOPLE)),
      observedAt: observedAt(),
      monthlyWage: String(below(9_000)),
    }),
  arrears: () =>
    arrears({
      caseId: `case-${below(CASES)}`,
      observedAt: observedAt(),
      project: `工程-${below(200)}`,
      owed: `${below(90_000)}.00`,
      gathering: below(40),
    }),
  industry: () =>
    industry({ pointId: `p${below(POINTS)}`, observedAt: observedAt(), headcount: below(3_000) }),
}
const many = (kind: keyof typeof ROWS, count: number) => Array.from({ length: count }, ROWS[kind])

/** Does something again and again until the time is over. */
async function again(pauseMs: number, work: () => Promise<void>): Promise<void> {
  while (!isOver()) {
    await work().catch((error) => faults.push(String(error)))
    await sleep(pauseMs)
  }
}

const good = again(200, async () => {
  const kind = (['workers', 'arrears', 'industry'] as const)[below(3)] ?? 'workers'
  const rows = many(kind, 1 + below(300))
  const reply = await post(server, kind, source.key, JSON.stringify(rows))
  if (reply.status === 200) done.rows += rows.length
  else if (reply.status !== 429) faults.push(`good rows: ${reply.status} ${reply.text.slice(0, 200)}`)
})

const bad = (async () => {
  for await (const came of sendMalformed(server, source, Number.POSITIVE_INFINITY, seed)) {
    done.malformed += came.rows
    faults.push(...came.faults)
    if (isOver()) break
    await sleep(5_000)
  }
})()

const ndjson = () =>
  many('workers', FILE_ROWS)
    .map((row) => JSON.stringify(row))
    .join('\n')
const cutOff = again(1_000, async () => {
  const body = Buffer.from(ndjson())
  const headers = {
    'content-type': 'application/x-ndjson',
    'content-length': body.length,
    ...(random() < 0.5 ? { prefer: 'respond-async' } : {}),
  }
  const socket = await begin(server, source.key, headers, body.subarray(0, below(body.length)))
  await sleep(below(500))
  socket.destroy()
  done.cutOff++
})

const files = again(3_000, async () => {
  const rows = many('workers', FILE_ROWS)
  const form = random() < 0.5 ? XLSX : 'application/x-ndjson'
  const headers = { 'content-type': form, prefer: 'respond-async' }
  const body = written('workers', rows, form)
  const sent = await post(server, 'workers', source.key, body, { headers })
  const look = async () => (await server.get(`/v1/batches/${sent.body.batch}`, cookie)).state
  await waitFor(async () => (await look()) === 'done', 60_000)
  done.files++
})

const pages = again(500, async () => {
  const open = Array.from({ length: 8 }, () => new LiveClient(server, null, cookie))
  await waitFor(() => open.every((page) => page.isConnected && page.snapshots.length > 0), 30_000)
  for (const page of open) page.close()
  done.pages += open.length
})

const QUESTIONS = [
  '/v1/distribution?measure=workers.count&by=home.county,status',
  '/v1/distribution?measure=arrears.owed&by=work.county',
  '/v1/series?measure=workers.outOfProvince&interval=day&from=2026-10-01',
  '/v1/flows?measure=workers.outOfProvince&level=province',
  '/v1/alerts?limit=200',
]
const questions = again(300, async () => {
  await server.get(QUESTIONS[below(QUESTIONS.length)] ?? '')
  done.questions++
})

const samples: ({ minute: number } & Memory)[] = []
const startMs = Date.now()
const watching = (async () => {
  for (let told = 0; !isOver(); await sleep(SAMPLE_MS)) {
    const minute = (Date.now() - startMs) / 60_000
    const memory = await memoryOf(server)
    samples.push({ minute, ...memory })
    if (minute < told) continue
    told = Math.floor(minute) + 1
    const { resident, heap, heapUsed, external } = memory
    console.log(
      `minute ${Math.floor(minute)}: ${[resident, heap, heapUsed, external].map(Math.round).join(', ')} MiB resident, heap, used of it, external; ${JSON.stringify(done)}`,
    )
  }
})()
await Promise.all([good, bad, cutOff, files, pages, questions, watching])
const hasEnded = server.process.exitCode !== null
if (server.output().includes('"level":50')) faults.push('the server logged an error')
await server.stop()

const late = samples.filter(({ minute }) => minute > Number(values.minutes) / 2)
const grown = (['resident', 'heapUsed'] as const).map((what) => growth(late, what))
for (const fault of faults.slice(0, 20)) console.log(`  ${fault}`)
const isSound = faults.length === 0 && !hasEnded && grown.every(({ isGrowing }) => !isGrowing)
console.log(
  `${isSound ? 'sound' : 'NOT SOUND'}: ${faults.length} faults; ${grown.map(({ told }) => told).join('; ')}`,
)
process.exit(isSound ? 0 : 1)

/** How much a part of the memory has grown by a straight line through the samples, against how far they lie from it. */
function growth(of: typeof samples, what: keyof Memory) {
  const mean = (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length
  const [x, y] = [of.map(({ minute }) => minute), of.map((sample) => sample[what])]
  const [mx, my] = [mean(x), mean(y)]
  const slope =
    x.reduce((sum, xi, i) => sum + (xi - mx) * ((y[i] ?? 0) - my), 0) /
    x.reduce((sum, xi) => sum + (xi - mx) ** 2, 0)
  const off = Math.sqrt(mean(y.map((yi, i) => (yi - my - slope * ((x[i] ?? 0) - mx)) ** 2)))
  const grownMib = slope * ((x.at(-1) ?? 0) - (x[0] ?? 0))
  return {
    isGrowing: grownMib > GROWTH_MIB_MAX && grownMib > 2 * off,
    told: `${what} ${slope.toFixed(1)} MiB a minute, ${Math.round(grownMib)} in all, ±${Math.round(off)}`,
  }
}
