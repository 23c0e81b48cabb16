import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'

/**
 * `npm run bench`: prints figures as ratios and percentiles, with the machine they are of. `--only ingestion,updates,latency,
 * queries` picks parts; `--rows N` sets the larger store of `queries` (default 10,000,000 change rows), `--workers N` that of
 * `updates` (default 1,000,000: ten million take ten minutes more). Run it on an idle machine.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'ingestion,updates,latency,queries' },
    rows: { type: 'string', default: '10000000' },
    workers: { type: 'string', default: '1000000' },
  },
})
const parts = new Set(values.only.split(','))
console.log(
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}\n`,
)
if (parts.has('ingestion')) await (await import('./ingestion.ts')).run()
if (parts.has('updates')) await (await import('./updates.ts')).run(Number(values.workers))
if (parts.has('latency')) await (await import('./latency.ts')).run()
if (parts.has('queries')) await (await import('./queries.ts')).run(Number(values.rows))
process.exit(0)
