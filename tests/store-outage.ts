/**
 * A long run of tests/scenarios/shared-stores.test.ts: `node tests/store-outage.ts --seconds 60`. Under load each store
 * server in turn is away for that long; the senders' retries alone must bring everything in. Exit code 1 when they do not.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { alertFaults, countFaults, Load, seeded } from './support/kill.ts'
import { startServer, waitFor } from './support/server.ts'
import { startClickHouse, startPostgres } from './support/store-servers.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } })
const seconds = Number(values.seconds)
const [clickhouse, postgres] = await Promise.all([startClickHouse(), startPostgres()])
const env = {
  CLICKHOUSE_URL: clickhouse.url,
  DATABASE_URL: postgres.url,
  SECRET: 'one secret for all processes of an installation',
}
const api = await startServer({ ...env, ROLES: 'api' })
const ingestion = [
  await startServer({ ...env, ROLES: 'ingestion' }),
  await startServer({ ...env, ROLES: 'ingestion' }),
]
const load = new Load(ingestion, [await api.createSource(), await api.createSource()], seeded(1))
let wrong = 0
for (const [name, store] of Object.entries({ ClickHouse: clickhouse, PostgreSQL: postgres })) {
  const { rows: rowsBefore, retries: retriesBefore } = load
  const senders = load.start(4)
  await sleep(2_000)
  await store.stop()
  await sleep(seconds * 1_000)
  await store.start()
  const back = Date.now()
  const held = load.rows
  await waitFor(() => load.rows > held, 60_000)
  const resumedMs = Date.now() - back
  await sleep(2_000)
  load.stop()
  await senders
  const faults = [
    ...load.faults.splice(0),
    ...(await countFaults(api, load.received)),
    ...(await alertFaults(api, load.received)),
  ]
  wrong += faults.length
  console.log(
    `${name} away for ${seconds} s: ${load.rows - rowsBefore} rows acknowledged, ${load.retries - retriesBefore} retries, ` +
      `rows again ${resumedMs} ms after it was back; ${faults.length === 0 ? 'all counted once' : `${faults.length} faults`}`,
  )
  for (const fault of faults.slice(0, 20)) console.log(`  ${fault}`)
}
const ended = [api, ...ingestion].filter((server) => server.process.exitCode !== null)
await Promise.all([api, ...ingestion].map((server) => server.stop()))
await Promise.all([clickhouse.remove(), postgres.remove()])
console.log(
  wrong + ended.length === 0 ? 'sound' : `NOT SOUND: ${wrong} faults, ${ended.length} processes ended`,
)
process.exit(wrong + ended.length === 0 ? 0 : 1)
