import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { toShanghaiIso } from '#domain/time.ts'
import { createProgress } from './synthetic/progress.ts'
import { joinNetwork, loadHistory, runLive } from './synthetic/province.ts'

const USAGE = `node scripts/synthetic.ts [--url http://127.0.0.1:8080] [--username … --password …] [--seed 1] [--workers 120000]
  [--years 2] [--rate 120] [--history-only | --live-only] [--keys FILE]
Sends a synthetic Hunan to a running Xiangrong: its history first, then a live stream with scripted incidents.
The administrator may be given as ADMIN_USERNAME and ADMIN_PASSWORD instead. FILE keeps the source keys and the history's
end between runs, so that a later run continues the same province instead of adding a second one. Stop with Ctrl-C.`

const Arguments = z.object({
  url: z.url().default('http://127.0.0.1:8080'),
  username: z.string().optional(),
  password: z.string().optional(),
  seed: z.coerce.number().int().default(1),
  workers: z.coerce.number().int().min(1000).max(5_000_000).default(120_000),
  years: z.coerce.number().min(0.1).max(6).default(2),
  rate: z.coerce.number().min(0).max(600_000).default(120),
  keys: z.string().optional(),
  'history-only': z.boolean().default(false),
  'live-only': z.boolean().default(false),
})
/** What a keys file holds: enough to continue the same province. */
const Saved = z.object({
  seed: z.int(),
  workers: z.int(),
  years: z.number(),
  now: z.number(),
  keys: z.record(z.string(), z.string()),
})

await main()

async function main(): Promise<void> {
  const options = readOptions()
  if (!options) {
    process.stdout.write(`${USAGE}\n`)
    process.exitCode = 2
    return
  }
  const saved =
    options.keys && existsSync(options.keys)
      ? Saved.parse(JSON.parse(readFileSync(options.keys, 'utf8')))
      : null
  const { seed, workers, years } = saved ?? options
  const now = saved?.now ?? Date.now()
  const baseUrl = options.url.replace(/\/$/, '')
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  const sources = createProgress('sources', process.stderr)
  const keys =
    saved?.keys ??
    (await joinNetwork(baseUrl, options.access, now, (done, total) =>
      sources.update(done, total, `${done}/${total}`),
    ))
  if (options.keys && !saved)
    writeFileSync(options.keys, JSON.stringify({ seed, workers, years, now, keys }), { mode: 0o600 })
  const province = { baseUrl, seed, workers, years, now, keys, signal: stop.signal }
  if (!options['live-only']) await showHistory(province)
  if (!options['history-only'] && !stop.signal.aborted) await showLive(province, options.rate)
}

type Province = Parameters<typeof loadHistory>[0]

async function showHistory(province: Province): Promise<void> {
  const bar = createProgress('history', process.stderr)
  const label = (rows: number) => `${rows.toLocaleString('en')} rows`
  const result = await loadHistory({
    ...province,
    onProgress: ({ done, total }) => bar.update(done, total, label(done)),
  })
  const { received, accepted, unchanged, rejected } = result.rows
  bar.finish(
    `${label(received)} in ${(result.tookMs / 1000).toFixed(1)} s: ${accepted} accepted, ${unchanged} unchanged, ${rejected} rejected`,
  )
  for (const error of result.errors)
    process.stderr.write(`  ${error.source} row ${error.row} ${error.path}: ${error.code} ${error.message}\n`)
}

async function showLive(province: Province, ratePerMinute: number): Promise<void> {
  process.stderr.write(`live: ${ratePerMinute} signals a minute\n`)
  await runLive({
    ...province,
    ratePerMinute,
    onIncident: (log, at) => process.stderr.write(`${toShanghaiIso(at).slice(11, 19)} ${log}\n`),
  })
}

/**
 * The command line, with the administrator from the environment when it is not given there. This script is a client
 * that runs beside the product, so it reads the two variables itself instead of going through `api/config.ts`.
 */
function readOptions() {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({
    options: {
      url: text,
      username: text,
      password: text,
      seed: text,
      workers: text,
      years: text,
      rate: text,
      keys: text,
      'history-only': flag,
      'live-only': flag,
      help: flag,
    },
  })
  const username = values.username ?? process.env.ADMIN_USERNAME
  const password = values.password ?? process.env.ADMIN_PASSWORD
  const parsed = Arguments.safeParse(values)
  if (values.help || !parsed.success) {
    if (parsed.error) process.stderr.write(`${z.prettifyError(parsed.error)}\n`)
    return null
  }
  return { ...parsed.data, access: { username: username ?? '', password: password ?? '' } }
}
