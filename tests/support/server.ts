import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ALLOCATORS } from '../../scripts/allocators.ts'
import { beginStores } from './begin-stores.ts'

const MAIN = fileURLToPath(new URL('../../api/main.ts', import.meta.url))

/** The credentials every test server starts with. */
export const ADMIN = { username: 'admin', password: 'correct-horse-1' }

/** A running server process and what a client does with it. */
export type TestServer = {
  url: string
  port: number
  dataDir: string
  /** The process that was started last. */
  readonly process: ChildProcess
  /** Everything the process has printed so far. */
  output(): string
  /** The session cookie of the administrator, or of the account given. */
  signIn(account?: { username: string; password: string }): Promise<string>
  createSource(source?: Record<string, unknown>): Promise<{ id: string; key: string }>
  send(
    kind: string,
    key: string,
    rows: unknown,
    options?: { query?: string; headers?: Record<string, string>; body?: string | Uint8Array },
  ): Promise<{ status: number; body: any }>
  /** Without a cookie as the wall, but figures as the administrator: exactly, as tests count. */
  get(path: string, cookie?: string): Promise<any>
  /** Kills without warning. */
  kill(): Promise<void>
  /** Starts again on the same directory and port after `kill`; rejects when it ends before it is ready. */
  restart(): Promise<void>
  /** Both. */
  killAndRestart(): Promise<void>
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts the real server as a process of its own, on a free port and an empty directory (or the one given).
 * `wrap` is a command to start it by, which must become the server itself (`exec`). */
export async function startServer(
  env: Record<string, string> = {},
  wrap: readonly string[] = [],
): Promise<TestServer> {
  const ownDir = env.DATA_DIR === undefined
  const dataDir = env.DATA_DIR ?? mkdtempSync(join(tmpdir(), 'xiangrong-'))
  if (ownDir) await beginStores(dataDir)
  const port = env.PORT ? Number(env.PORT) : await freePort()
  const url = `http://127.0.0.1:${port}`
  let printed = ''
  let child: ChildProcess
  const launch = async () => {
    const [command = process.execPath, ...args] = [...wrap, process.execPath, MAIN]
    const started = spawn(command, args, {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        ...ALLOCATORS,
        ADMIN_USERNAME: ADMIN.username,
        ADMIN_PASSWORD: ADMIN.password,
        ...env,
        DATA_DIR: dataDir,
        PORT: String(port),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    running.add(started)
    started.once('exit', () => running.delete(started))
    started.stdout.on('data', (text) => (printed += text))
    started.stderr.on('data', (text) => (printed += text))
    const already = printed.length
    const hasEnded = () => started.exitCode !== null || started.signalCode !== null
    await waitFor(() => printed.slice(already).includes('is ready at') || hasEnded(), 60_000)
    if (hasEnded()) throw new Error(`server exited: ${printed.slice(already)}`)
  }
  await launch()
  let exactly: Promise<string> | undefined
  const server: TestServer = {
    url,
    port,
    dataDir,
    get process() {
      return child
    },
    output: () => printed,
    async signIn(account = ADMIN) {
      const response = await fetch(`${url}/v1/auth/sign-in/username`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(account),
      })
      if (!response.ok) throw new Error(`sign-in answered ${response.status}`)
      return (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
    },
    async createSource(source = {}) {
      const response = await fetch(`${url}/v1/sources`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie: await server.signIn() },
        body: JSON.stringify({
          name: 'test',
          kinds: ['workers', 'arrears', 'industry'],
          region: '43',
          ...source,
        }),
      })
      if (response.status !== 201)
        throw new Error(`sources answered ${response.status} ${await response.text()}`)
      return (await response.json()) as { id: string; key: string }
    },
    async send(kind, key, rows, options = {}) {
      const response = await fetch(`${url}/v1/signals/${kind}${options.query ?? ''}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...options.headers },
        body: options.body ?? JSON.stringify(rows),
      })
      return { status: response.status, body: await response.json() }
    },
    async get(path, cookie) {
      const isFigure = /^\/v1\/(distribution|series|flows)/.test(path)
      if (cookie === undefined && isFigure) exactly ??= server.signIn()
      const own = cookie ?? (isFigure ? await exactly : undefined)
      const response = await fetch(`${url}${path}`, { headers: own ? { cookie: own } : {} })
      return await response.json()
    },
    async kill() {
      const died = once(server.process, 'exit')
      server.process.kill('SIGKILL')
      await died
    },
    async restart() {
      await launch()
    },
    async killAndRestart() {
      await server.kill()
      await server.restart()
    },
    async stop() {
      if (server.process.exitCode === null && server.process.signalCode === null) {
        const died = once(server.process, 'exit')
        server.process.kill('SIGTERM')
        await died
      }
      if (ownDir) rmSync(dataDir, { recursive: true, force: true })
    },
  }
  return server
}

/** Starts the program where it is expected to stop by itself; what it printed and its exit code. Killed after 30 s. */
export async function startAndExit(
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  let output = ''
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  })
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

/** Waits until a condition holds, looking every 20 ms. Rejects after `timeoutMs`. */
export async function waitFor(isTrue: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  return typeof address === 'object' && address ? address.port : 0
}
