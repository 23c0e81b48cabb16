import { createClient } from '@clickhouse/client'
import { runInsert, runQuery } from './clickhouse-client.ts'
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
      guarded(runQuery(client, query, query.sql, params)),
    insert: (insert: Insert) => guarded(runInsert(client, insert)),
    command: (sql: string) => guarded(client.command({ query: sql }).then(() => undefined)),
    close: () => client.close(),
  }
}
