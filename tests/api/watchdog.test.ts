import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const WATCHDOG = fileURLToPath(new URL('../../api/watchdog.ts', import.meta.url))
const run = (body: string) =>
  spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `import { startWatchdog } from '${WATCHDOG}'; startWatchdog(2); ${body}`],
    { encoding: 'utf8', timeout: 30_000 },
  )

test('a main thread that hangs is ended with one line that says so', () => {
  const { signal, stderr } = run('for (;;);')
  expect(signal).toBe('SIGKILL')
  expect(stderr).toBe('xiangrong has hung for 2 s and is ended, to be started again: is the disk full?\n')
})

test('one that works is left alone, and may end by itself', () => {
  const { status, stderr } = run('setTimeout(() => undefined, 3_500)')
  expect(stderr).toBe('')
  expect(status).toBe(0)
})
