/**
 * A long run of tests/scenarios/malformed.test.ts: `node tests/malformed.ts --rows 1000000 --seed 1`. Prints what came of
 * the rows, and the server's memory at rest, for which it waits nine minutes twice; exit code 1 when a row was not answered
 * as it must be, or memory did not come back.
 */
import { parseArgs } from 'node:util'
import { sendMalformed } from './support/malformed.ts'
import { restingMemory } from './support/memory.ts'
import { startServer } from './support/server.ts'

/** What of the memory at rest may have grown while nine tenths of the rows came: caches that fill. */
const GROWTH_MIB_MAX = 150

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const rowsMax = Number(values.rows)
console.log(`${rowsMax} malformed rows, seed ${values.seed}`)
const server = await startServer()
const source = await server.createSource()
const sum = { rows: 0, accepted: 0, rejected: 0, refused: 0, faults: 0 }
let warmMib: number | null = null
for await (const came of sendMalformed(server, source, rowsMax, Number(values.seed))) {
  sum.rows += came.rows
  sum.accepted += came.accepted
  sum.rejected += came.rejected
  sum.refused += came.refused
  sum.faults += came.faults.length
  for (const fault of came.faults.slice(0, 5)) console.log(`  ${fault}`)
  if (sum.rows < rowsMax / 10 || warmMib !== null) continue
  warmMib = await restingMemory(server)
  console.log(`after ${sum.rows} rows: ${Math.round(warmMib)} MiB at rest`)
}
const endMib = await restingMemory(server)
const hasEnded = server.process.exitCode !== null
await server.stop()
const grownMib = endMib - (warmMib ?? endMib)
const isSound = sum.faults === 0 && !hasEnded && grownMib < GROWTH_MIB_MAX
console.log(
  `${isSound ? 'sound' : 'NOT SOUND'}: ${sum.rows} rows, ${sum.accepted} taken, ${sum.rejected} rejected, ${sum.refused} bodies refused, ` +
    `${sum.faults} faults; ${Math.round(endMib)} MiB at rest, ${Math.round(grownMib)} more than after a tenth`,
)
process.exit(isSound ? 0 : 1)
