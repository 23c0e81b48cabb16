import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ClickHouseClient } from '@clickhouse/client'
import type { Insert, Params, Query } from './engine.ts'

/** Settings of every statement. They are sent each time: in the embedded engine a SET stays on the session. */
const SETTINGS = {
  output_format_json_quote_64bit_integers: 1,
  max_query_size: '20000000',
  date_time_input_format: 'basic',
} as const

/** Runs one statement through one official client. Shared by the embedded pool and the server. */
export async function runQuery<Row>(
  client: ClickHouseClient,
  query: Query<Row>,
  sql: string,
  params?: Params,
): Promise<Row[]> {
  const result = await client.query({
    query: sql,
    format: 'JSONEachRow',
    clickhouse_settings: SETTINGS,
    ...(params && { query_params: params as Record<string, unknown> }),
  })
  const rows = await result.json<unknown>()
  return rows.map((row) => query.row.parse(row))
}

/** Inserts one block: one part, so all or nothing. */
export async function runInsert(client: ClickHouseClient, insert: Insert): Promise<void> {
  if (insert.lines.length === 0) return
  const { stream } = await client.exec({
    query: `INSERT INTO ${insert.table} (${insert.columns.join(', ')}) FORMAT JSONCompactEachRow`,
    values: Readable.from([insert.lines.join('\n')]),
    clickhouse_settings: {
      ...SETTINGS,
      // One insert is one block and so one part: the whole commit stands or falls with it.
      input_format_parallel_parsing: 0,
      max_insert_block_size: '1000000',
    },
  })
  stream.resume()
  await finished(stream)
}
