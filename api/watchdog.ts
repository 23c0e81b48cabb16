import { Worker } from 'node:worker_threads'

/** Seconds without a sign of life of the main thread after which the process is ended. Far beyond any batch. */
const SILENT_S_MAX = 60

/**
 * Ends the process when its main thread hangs. The embedded Postgres runs on that thread, and when it cannot begin its
 * next log file (a disk that others have filled) it spins for ever: no answer, no log line, no exit. Nothing that was
 * acknowledged is lost by an end without warning, and a supervisor starts again what has ended, not what hangs.
 *
 * Looks are counted, not the clock: a machine that slept is not a process that hung.
 */
export function startWatchdog(silentSecondsMax = SILENT_S_MAX): void {
  const beats = new Int32Array(new SharedArrayBuffer(4))
  setInterval(() => Atomics.add(beats, 0, 1), 500).unref()
  new Worker(WATCH, { eval: true, execArgv: [], workerData: { beats, silentSecondsMax } }).unref()
}

/** Plain text, so that it needs nothing of the main thread, not even to be loaded; it may not end by itself. */
const WATCH = `
const { workerData: { beats, silentSecondsMax } } = require('node:worker_threads')
const { writeSync } = require('node:fs')
let seen = -1
let silent = 0
setInterval(() => {
  const now = Atomics.load(beats, 0)
  silent = now === seen ? silent + 1 : 0
  seen = now
  if (silent < silentSecondsMax) return
  try {
    writeSync(2, 'xiangrong has hung for ' + silent + ' s and is ended, to be started again: is the disk full?\\n')
  } finally {
    process.kill(process.pid, 'SIGKILL')
  }
}, 1000)
`
