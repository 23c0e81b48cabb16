/**
 * Makes a fresh clone ready: installs what is missing, builds the maps and the pages when they are older than their
 * sources. Plain Node and no dependency, as it runs before anything is installed. `--test` also readies what tests need.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const node = join(root, 'node_modules/.bin/node')
const at = (...parts) => join(root, ...parts)

function run(title, command, args) {
  const started = Date.now()
  process.stdout.write(`${title} … `)
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  if (result.status !== 0) {
    process.stdout.write(`failed\n${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}\n`)
    process.exit(1)
  }
  process.stdout.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}

/** A digest of names, sizes and times: changes whenever a file below does. */
function fingerprint(...paths) {
  const hash = createHash('sha256')
  const walk = (path) => {
    const stat = statSync(path)
    if (!stat.isDirectory()) return void hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`)
    for (const name of readdirSync(path).sort())
      if (!['node_modules', 'build', '.svelte-kit'].includes(name)) walk(join(path, name))
  }
  for (const path of paths) walk(path)
  return hash.digest('hex')
}

/** Runs `build` unless the mark it left last time is of the same fingerprint. */
function whenStale(mark, stamp, build) {
  if (existsSync(mark) && readFileSync(mark, 'utf8') === stamp) return
  build()
  writeFileSync(mark, stamp)
}

const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex')
const installed = at('node_modules/.installed')
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== digest(at('package-lock.json'))) {
  // Also where NODE_ENV says production: what builds the pages and runs the server is among the development packages.
  // Not `npm ci`: it refuses a lock file made where the packages of another platform could not be looked up.
  run('installing packages', 'npm', [
    'install',
    '--include=dev',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ])
  writeFileSync(installed, digest(at('package-lock.json')))
}
run('building maps', node, [at('scripts/build-geo.ts')])
run('building calendar', node, [at('scripts/build-calendar.ts')])
const pages = fingerprint(at('web'), at('api/domain'), at('package-lock.json'))
whenStale(at('web/build/.built'), pages, () =>
  run('building pages', node, [at('node_modules/vite/bin/vite.js'), 'build', at('web')]),
)
