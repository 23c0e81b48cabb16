import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { AppError } from '#domain/error.ts'
import { runInsert, runQuery } from './clickhouse-client.ts'
import type { Engine, Insert, Params, Query } from './engine.ts'
import { renderLiterals } from './literal.ts'
import { storeFault } from './store-fault.ts'

const DATABASE = 'xiangrong'
const READERS = 3
const WRITERS = 3

/**
 * The embedded engine in one directory. A client runs one statement at a time, so readers and writers are separate
 * pools on the same path: a heavy chart never stands in front of a commit.
 *
 * @throws AppError `directory_in_use` when another process has the directory open.
 */
export async function openChdb(path: string): Promise<Engine> {
  const readers: Pool = new Pool()
  const writers: Pool = new Pool()
  for (let i = 0; i < READERS + WRITERS; i++) {
    const client = connect(path)
    await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${DATABASE}` })
    await client.command({ query: `USE ${DATABASE}` })
    ;(i < READERS ? readers : writers).add(client)
  }
  return {
    query: <Row>(query: Query<Row>, params: Params = {}) =>
      readers.run((client) => runQuery(client, query, renderLiterals(query.sql, params))),
    insert: (insert: Insert) => writers.run((client) => runInsert(client, insert)),
    command: (sql: string) => writers.run(async (client) => void (await client.command({ query: sql }))),
    async close() {
      await Promise.all([readers.close(), writers.close()])
    },
  }
}

function connect(path: string): ClickHouseClient {
  try {
    // The hook is marked experimental upstream: it is used in this file only.
    return createClient({ connection: createChdbConnection({ path }) as never })
  } catch (cause) {
    throw new AppError(
      'directory_in_use',
      `cannot open the embedded ClickHouse in ${path}: is another process using it?`,
      { cause },
    )
  }
}

/** Clients that each run one statement at a time, first come, first served. Closing waits for the running ones. */
class Pool {
  #idle: ClickHouseClient[] = []
  #size = 0
  #waiting: ((client: ClickHouseClient) => void)[] = []
  #isClosed = false

  add(client: ClickHouseClient): void {
    this.#size++
    this.#release(client)
  }

  async run<T>(use: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new AppError('store_away', 'the store is closed', { retryAfterS: 5 })
    const client =
      this.#idle.pop() ?? (await new Promise<ClickHouseClient>((resolve) => this.#waiting.push(resolve)))
    try {
      return await use(client)
    } catch (cause) {
      throw storeFault(cause)
    } finally {
      this.#release(client)
    }
  }

  #release(client: ClickHouseClient): void {
    const next = this.#waiting.shift()
    if (next) next(client)
    else this.#idle.push(client)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const clients: ClickHouseClient[] = []
    while (clients.length < this.#size) {
      clients.push(
        this.#idle.pop() ?? (await new Promise<ClickHouseClient>((resolve) => this.#waiting.push(resolve))),
      )
    }
    for (const client of clients) await client.close()
  }
}
