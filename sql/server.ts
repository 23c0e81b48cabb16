import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { ONE_BLOCK, runNumbers, runQuery, SETTINGS } from './clickhouse-client.ts'
import type { Engine, Insert, Params, Query } from './engine.ts'
import { rejectWhenLockLost } from './held-lock.ts'
import { renderLiterals } from './literal.ts'
import { isStoreAway, SETTLE_MS, storeFault } from './store-fault.ts'

/** A server refuses a bound value beyond 128 KiB (`http_max_field_value_size`); half of it, as escapes may double it. */
const BOUND_BYTES_MAX = 60_000

/**
 * A ClickHouse server or cluster by URL (`http://user:password@host:8123/database`). Values are bound; a list of
 * thousands of keys, which no server takes as a bound value, is written into the statement as the embedded engine has it.
 *
 * @throws what the client throws when the server cannot be reached or refuses.
 */
export async function openServer(url: string): Promise<Engine> {
  const client = createClient({
    url,
    request_timeout: 60_000,
    max_open_connections: 12,
    // Messages of the server repeat values of the statement, which may be a person's; faults are logged by us, without them.
    log: { level: ClickHouseLogLevel.OFF },
    // Long lists go in the body of the request: an address is 1 MiB at most, and proxies allow far less.
    use_multipart_params_auto: true,
    // A statement that fails half way fails as a whole, with its status, and never ends a body in the middle.
    clickhouse_settings: { ...SETTINGS, wait_end_of_query: 1 },
  })
  try {
    await client.command({ query: 'SELECT 1' })
  } catch (error) {
    await client.close()
    throw error
  }
  const guarded = async <T>(statement: () => Promise<T>): Promise<T> => {
    try {
      return await statement()
    } catch (cause) {
      throw storeFault(cause)
    }
  }
  const write = (statement: () => Promise<unknown>) =>
    guarded(async () => {
      rejectWhenLockLost()
      await statement().catch(async (cause) => {
        // The server may have got it, and go on with it: whoever looks for what is there, and writes what comes after, does so after that.
        if (isStoreAway(cause)) await sleep(SETTLE_MS)
        throw cause
      })
    })
  return {
    query: <Row>(query: Query<Row>, params: Params = {}) =>
      guarded(() =>
        isBindable(params)
          ? runQuery(client, query, { sql: query.sql, params })
          : runQuery(client, query, { sql: renderLiterals(query.sql, params) }),
      ),
    numbers: (sql) => guarded(() => runNumbers(client, sql)),
    insert: (insert: Insert) => write(() => runInsert(client, insert)),
    command: (sql: string) => write(() => client.command({ query: sql })),
    close: () => client.close(),
  }
}

function isBindable(params: Params): boolean {
  const bytesOf = (text: string) => Buffer.byteLength(text) + "'',".length
  return Object.values(params).every((value) => {
    const texts = Array.isArray(value) ? value : [String(value)]
    return texts.reduce((sum, text) => sum + bytesOf(text), 0) <= BOUND_BYTES_MAX
  })
}

async function runInsert(client: ClickHouseClient, insert: Insert): Promise<void> {
  const [format, columns, pieces] =
    'lines' in insert
      ? (['JSONCompactEachRow', insert.columns, [Buffer.from(insert.lines.join('\n'))]] as const)
      : (['RowBinary', insert.format.columns, insert.rows] as const)
  if (pieces.every(({ length }) => length === 0)) return
  const { stream } = await client.exec({
    query: `INSERT INTO ${insert.table} (${columns.join(', ')}) FORMAT ${format}`,
    values: Readable.from(pieces),
    clickhouse_settings: {
      ...ONE_BLOCK,
      max_insert_block_size: String(ONE_BLOCK.max_insert_block_size),
    },
  })
  stream.resume()
  await finished(stream)
}
