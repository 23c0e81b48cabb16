import { generateRows } from '../../scripts/synthetic/province.ts'
import { startServer } from '../support/server.ts'
import { median, rate } from './figures.ts'
import { rest } from './rest.ts'
import { openBare, ROWS_PER_REQUEST, SENDERS, sendAll } from './sending.ts'

const ROWS = 300_000
const ROUNDS = 3

/**
 * Rows per second through HTTP (validated, deduplicated, counted, answered) against the bare official client putting the
 * same prepared rows into the same table of the same engine, in turn, in one run.
 */
export async function run(): Promise<void> {
  const server = await startServer()
  const { key } = await server.createSource()
  const bare = await openBare()
  console.log(
    `ingestion: ${ROWS.toLocaleString('en')} fresh rows, ${ROWS_PER_REQUEST} a request, ${SENDERS} senders; bare client: JSONEachRow, 10,000 an insert`,
  )
  for (const kind of ['workers', 'industry'] as const) {
    const http: number[] = []
    const direct: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const rows = [...generateRows(kind, 100 + round, ROWS)]
      direct.push(await bare.insert(kind, rows))
      await rest(server)
      http.push(await sendAll(server.url, key, kind, rows))
      await rest(server)
    }
    console.log(
      `  ${kind}: HTTP ${rate(ROWS, median(http))}, bare ${rate(ROWS, median(direct))}, ratio ${(median(direct) / median(http)).toFixed(2)}`,
    )
  }
  await server.stop()
  await bare.close()
}
