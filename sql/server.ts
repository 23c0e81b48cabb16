import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { ONE_BLOCK, runNumbers, runQuery, SETTINGS } from './clickhouse-client.ts'
import type { Engine, Insert, Params, Query } from './engine.ts'
import { storeFault } from './store-fault.ts'

/** A ClickHouse server or cluster by URL (`http://user:password@host:8123/database`). Values are bound, never written in. */
export function openServer(url: string): Engine {
  const client = createClient({ url, request_timeout: 60_000, max_open_connections: 12 })
  const guarded = async <T>(statement: Promise<T>): Promise<T> => {
    try {
      return await statement
    } catch (cause) {
      throw storeFault(cause)
    }
  }
  return {
    query: <Row>(query: Query<Row>, params: Params = {}) =>
      guarded(runQuery(client, query, { sql: query.sql, params, settings: SETTINGS })),
    numbers: (sql) => guarded(runNumbers(client, sql)),
    insert: (insert: Insert) => guarded(runInsert(client, insert)),
    command: (sql: string) => guarded(client.command({ query: sql }).then(() => undefined)),
    close: () => client.close(),
  }
}

async function runInsert(client: ClickHouseClient, insert: Insert): Promise<void> {
  if (insert.lines.length === 0) return
  const { stream } = await client.exec({
    query: `INSERT INTO ${insert.table} (${insert.columns.join(', ')}) FORMAT JSONCompactEachRow`,
    values: Readable.from([insert.lines.join('\n')]),
    clickhouse_settings: {
      ...SETTINGS,
      ...ONE_BLOCK,
      max_insert_block_size: String(ONE_BLOCK.max_insert_block_size),
    },
  })
  stream.resume()
  await finished(stream)
}
