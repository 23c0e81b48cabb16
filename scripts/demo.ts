import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ALLOCATORS } from './allocators.ts'
import { REPORTER } from './synthetic/units.ts'

/**
 * `npm run demo`: starts the system on a directory of its own, sends the synthetic province through the real endpoints,
 * and keeps it alive until Ctrl-C. A second run goes on with the same province; `--fresh` begins a new one.
 * What the server prints goes to `server.log` there. `--rate N` signals a minute, `--workers N` persons, `--port N`.
 */
const { values } = parseArgs({
  options: {
    fresh: { type: 'boolean', default: false },
    rate: { type: 'string', default: '120' },
    workers: { type: 'string', default: '120000' },
    port: { type: 'string', default: '8080' },
    data: { type: 'string', default: './data/demo' },
  },
})
const ADMIN = { ADMIN_USERNAME: 'demo', ADMIN_PASSWORD: 'demo-hunan-2026' }
const dataDir = resolve(values.data)
const province = join(dataDir, 'province.json')
const loaded = join(dataDir, 'history-loaded')
const url = `http://127.0.0.1:${values.port}`
const started = Date.now()

if (values.fresh) rmSync(dataDir, { recursive: true, force: true })
mkdirSync(dataDir, { recursive: true, mode: 0o700 })
/** What in the environment of whoever tries the demo may be of another installation, which it must not write into. */
const { CLICKHOUSE_URL, DATABASE_URL, SECRET, ROLES, ...around } = process.env
const env = {
  ...ALLOCATORS,
  ...around,
  ...ADMIN,
  HOST: '127.0.0.1',
  PORT: values.port,
  DATA_DIR: dataDir,
}
const server = spawn(process.execPath, [join(import.meta.dirname, '../api/main.ts')], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
})
server.stdout.pipe(createWriteStream(join(dataDir, 'server.log'), { flags: 'a', mode: 0o600 }))
const children: ChildProcess[] = [server]
let isStopping = false
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => void stop(0))
server.on('exit', (code) => void stop(code ?? 1))

await ready()
console.log(`
  湘融 demo, synthetic people only          ${((Date.now() - started) / 1000).toFixed(1)} s

  wall    ${url}/wall      (no log-in on this machine)
  map     ${url}/map
  log in  ${url}/login     ${ADMIN.ADMIN_USERNAME} / ${ADMIN.ADMIN_PASSWORD}
  report  ${url}/report    ${REPORTER.username} / ${REPORTER.password}, once the sources are there

  The wall is live now; two years of history arrive while you look. Stop with Ctrl-C.
`)
if (!existsSync(loaded)) {
  const code = await synthetic('--history-only')
  if (isStopping) await new Promise(() => undefined)
  if (code !== 0) await stop(code)
  writeFileSync(loaded, new Date().toISOString())
}
console.log(
  `live now, ${((Date.now() - started) / 1000).toFixed(1)} s after the start; the first red alert follows within half a minute`,
)
await stop(await synthetic('--live-only'))

async function ready(): Promise<void> {
  let printed = ''
  await new Promise<void>((done) => {
    server.stdout.on('data', (text) => {
      printed += text
      if (printed.includes('is ready at')) done()
    })
  })
}

/** Runs the generator against the server; answers its exit code. */
async function synthetic(phase: '--history-only' | '--live-only'): Promise<number> {
  const args = [
    join(import.meta.dirname, 'synthetic.ts'),
    '--url',
    url,
    '--keys',
    province,
    '--rate',
    values.rate,
    '--workers',
    values.workers,
    phase,
  ]
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit'] })
  children.push(child)
  const [code] = await once(child, 'exit')
  return Number(code ?? 1)
}

async function stop(code: number): Promise<never> {
  if (isStopping) return await new Promise(() => undefined)
  isStopping = true
  const running = children.filter((child) => child.exitCode === null && child.signalCode === null)
  for (const child of running) child.kill('SIGTERM')
  await Promise.all(running.map((child) => (child.exitCode === null ? once(child, 'exit') : null)))
  process.exit(code)
}
