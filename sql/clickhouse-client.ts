import { buffer } from 'node:stream/consumers'
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import type { z } from 'zod'
import { quickParser } from '#domain/quick-parse.ts'
import type { Params, Query } from './engine.ts'
import { RowFormat } from './row-binary.ts'

/** How every statement is read and answered: whole 64-bit numbers, long lists of keys, instants as whole numbers. */
export const SETTINGS = {
  output_format_json_quote_64bit_integers: 1,
  max_query_size: '20000000',
  date_time_input_format: 'basic',
} as const satisfies ClickHouseSettings

/** What makes one insert one block and so one part: the whole commit stands or falls with it. */
export const ONE_BLOCK = {
  input_format_parallel_parsing: 0,
  max_insert_block_size: 1_000_000,
} as const

/** Runs one statement through one official client and parses its rows. */
export async function runQuery<Row>(
  client: ClickHouseClient,
  query: Query<Row>,
  statement: { sql: string; params?: Params; settings?: ClickHouseSettings },
): Promise<Row[]> {
  const { row: schema } = query
  const how = {
    ...(statement.settings && { clickhouse_settings: statement.settings }),
    ...(statement.params && { query_params: statement.params as Record<string, unknown> }),
  }
  if (schema instanceof RowFormat) {
    const { stream } = await client.exec({ query: `${statement.sql} FORMAT RowBinary`, ...how })
    return [...schema.namedRowsOf(await buffer(stream))]
  }
  const result = await client.query({ query: statement.sql, format: 'JSONEachRow', ...how })
  const rows = await result.json<unknown>()
  const quickly = quickParserOf(schema)
  return rows.map((row) => quickly(row) ?? schema.parse(row))
}

const quickParsers = new WeakMap<z.ZodType, (value: unknown) => unknown>()

function quickParserOf<Row>(schema: z.ZodType<Row>): (value: unknown) => Row | null {
  const known = quickParsers.get(schema) ?? quickParser(schema)
  quickParsers.set(schema, known)
  return known as (value: unknown) => Row | null
}

/** Runs a statement whose one column is UInt32 and answers it as an array: four bytes a row, nothing to parse. */
export async function runNumbers(client: ClickHouseClient, sql: string): Promise<Uint32Array> {
  const { stream } = await client.exec({ query: `${sql} FORMAT RowBinary` })
  const bytes = await buffer(stream)
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
