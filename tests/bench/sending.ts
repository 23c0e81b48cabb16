import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { KINDS, type Kind } from '#domain/signal.ts'
import { readMigrations } from '#sql/migrate.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { OBSERVATIONS } from '../../ingestion/draft.ts'
import { deriveKeys } from '../../ingestion/secret.ts'

/** The counts of an answer; of a fault it has none. */
type Answer = { accepted?: number; received?: number }

export const ROWS_PER_REQUEST = 5_000
export const SENDERS = 16
/** Statements of the migrations that make the tables that observations are put into. */
const CREATES_OBSERVATIONS = /(?:CREATE TABLE IF NOT EXISTS|ALTER TABLE) \w+_observations_v1/

/**
 * Sends rows as NDJSON in many requests at once; answers how long it took, ms. Who sends is on the same two cores, so the plainest
 * client does it: `fetch` took 4.5 µs of them for each row, this takes 0.2. @throws Error where a row is not accepted.
 */
export async function sendAll(
  url: string,
  key: string,
  kind: Kind,
  rows: readonly unknown[],
): Promise<number> {
  const bodies: Buffer[] = []
  for (let i = 0; i < rows.length; i += ROWS_PER_REQUEST)
    bodies.push(
      Buffer.from(
        rows
          .slice(i, i + ROWS_PER_REQUEST)
          .map((row) => JSON.stringify(row))
          .join('\n'),
      ),
    )
  const agent = new Agent({ keepAlive: true })
  const started = performance.now()
  await Promise.all(
    Array.from({ length: SENDERS }, async () => {
      for (let body = bodies.shift(); body !== undefined; body = bodies.shift()) {
        const answer = await post(agent, `${url}/v1/signals/${kind}`, key, body)
        if (answer.accepted === undefined || answer.accepted !== answer.received)
          throw new Error(JSON.stringify(answer).slice(0, 400))
      }
    }),
  )
  const tookMs = performance.now() - started
  agent.destroy()
  return tookMs
}

function post(agent: Agent, url: string, key: string, body: Buffer): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/x-ndjson',
    'content-length': body.length,
  }
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', agent, headers }, (response) => {
      json(response).then((answer) => resolve(answer as Answer), reject)
    })
      .on('error', reject)
      .end(body)
  })
}

/** The bare official client: the engine in a directory of its own with our tables as they are now, but no roll-up. */
export async function openBare() {
  const path = mkdtempSync(join(tmpdir(), 'xiangrong-bare-'))
  const client = createClient({ connection: createChdbConnection({ path }) as never })
  await client.command({ query: 'CREATE DATABASE bare' })
  await client.command({ query: 'USE bare' })
  const tables = readMigrations(new URL('../../sql/clickhouse/', import.meta.url))
  for (const query of tables.flatMap(({ statements }) => statements))
    if (CREATES_OBSERVATIONS.test(query)) await client.command({ query })
  const keys = deriveKeys('a secret of the benchmark, long enough')
  return {
    async insert(kind: Kind, signals: readonly unknown[]): Promise<number> {
      const received = Date.now() * 1000
      const rows = signals.map((value, i) => ({ row: i + 1, value, fault: null }))
      const scope = { id: 's', kinds: KINDS, region: '' }
      const { drafts } = acceptRows(kind, rows, scope, { source: 's', batch: 'b', keys, sealer: null })
      const { columns } = OBSERVATIONS[kind]
      const prepared = drafts.map(({ page, row }, ordinal) => {
        page.observations.setPlace(row, received, ordinal)
        const cells = OBSERVATIONS[kind].decode(page.observations.bytesOf(row, row))
        return Object.fromEntries(columns.map((column, i) => [column, cells[i]]))
      })
      const started = performance.now()
      for (let i = 0; i < prepared.length; i += 10_000)
        await client.insert({
          table: `${kind}_observations_v1`,
          values: prepared.slice(i, i + 10_000),
          format: 'JSONEachRow',
        })
      return performance.now() - started
    },
    async close() {
      await client.close()
      rmSync(path, { recursive: true, force: true })
    },
  }
}
