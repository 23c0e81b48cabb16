/**
 * A long run of tests/scenarios/kill.test.ts: `node tests/kill-rounds.ts --rounds 20 --seed 1`. One line a round and a
 * verdict; exit code 1 when anything was lost, doubled or left undone.
 */
import { parseArgs } from 'node:util'
import { killRounds } from './support/kill.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const rounds = Number(values.rounds)
console.log(`${rounds} rounds, seed ${values.seed}`)
let rows = 0
let wrong = 0
for await (const one of killRounds(rounds, Number(values.seed))) {
  rows += one.rows
  wrong += one.faults.length > 0 ? 1 : 0
  console.log(
    `round ${one.round}: killed after ${one.killedAfterMs} ms${one.killedAgain ? ' and again while it started' : ''}, ` +
      `back in ${one.restartMs} ms; ${one.rows} rows acknowledged, ${one.retries} retries, ${one.alerts} log entries; ` +
      (one.faults.length === 0 ? 'all counted once' : `${one.faults.length} faults`),
  )
  for (const fault of one.faults.slice(0, 20)) console.log(`  ${fault}`)
}
console.log(
  wrong === 0
    ? `sound: ${rows} rows acknowledged over ${rounds} kills, each counted once; the alert log has no gap`
    : `NOT SOUND: ${wrong} of ${rounds} rounds with faults (seed ${values.seed})`,
)
process.exit(wrong === 0 ? 0 : 1)
