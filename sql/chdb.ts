import { rm, truncate, writeFile } from 'node:fs/promises'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { type ChdbConnection, createChdbConnection } from 'chdb/connection'
import { AppError } from '#domain/error.ts'
import { ONE_BLOCK, runNumbers, runQuery, SETTINGS } from './clickhouse-client.ts'
import type { Engine, Insert, Params, Query, RowsInsert } from './engine.ts'
import { quoted, renderLiterals } from './literal.ts'
import { storeFault } from './store-fault.ts'

const DATABASE = 'xiangrong'
const READERS = 3
const WRITERS = 3

/**
 * Files are read by the thread that needs them. By default every read is handed to another thread, for disks that are slow;
 * a commit reads hundreds of small pieces that are in memory already (measured: half the CPU for looking up 60 people).
 * Answers are written by one thread: they come in many small pieces (measured: an eighth of the CPU for looking up 20,000).
 */
const SESSION = {
  ...SETTINGS,
  local_filesystem_read_method: 'pread',
  output_format_parallel_formatting: 0,
} as const

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
    const session = connect(path, `${path}-handover-${i}`)
    // What a process that was killed left there.
    await rm(session.handover, { force: true })
    const { client } = session
    await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${DATABASE}` })
    await client.command({ query: `USE ${DATABASE}` })
    // Here a setting stays on the session: said once, not before every statement.
    for (const [name, value] of Object.entries(SESSION))
      await client.command({ query: `SET ${name} = '${value}'` })
    ;(i < READERS ? readers : writers).add(session)
  }
  return {
    query: <Row>(query: Query<Row>, params: Params = {}) =>
      readers.run(({ client }) => runQuery(client, query, { sql: renderLiterals(query.sql, params) })),
    numbers: (sql) => readers.run(({ client }) => runNumbers(client, sql)),
    insert: (insert: Insert) => writers.run((session) => runInsert(session, insert)),
    command: (sql: string) => writers.run(async ({ client }) => void (await client.command({ query: sql }))),
    async close() {
      await Promise.all([readers.close(), writers.close()])
    },
  }
}

/** The official client over one embedded connection, the connection itself, and the path of a file of its own. */
type Session = { client: ClickHouseClient; connection: ChdbConnection; handover: string }

/** Rows from this size on go through a file: a statement that reads one costs 2 ms more, and a row of it half as much. */
const BY_FILE_BYTES_MIN = 128 * 1024

/** Pieces are written one by one, each by another thread; more of them are small ones, and put together first. */
const PIECES_MAX = 64

async function runInsert(session: Session, insert: Insert): Promise<void> {
  if ('lines' in insert) return await insertLines(session, insert)
  const { table, format, rows } = insert
  const bytes = rows.reduce((sum, { length }) => sum + length, 0)
  if (bytes >= BY_FILE_BYTES_MIN) return await insertByFile(session, insert)
  const lines = Array.from(format.rowsOf(Buffer.concat(rows)), (cells) => JSON.stringify(cells))
  await insertLines(session, { table, columns: format.columns, lines })
}

/** As bytes: through the client's own insert they would be copied into the text of the statement first. */
async function insertLines(
  { connection }: Session,
  { table, columns, lines }: Exclude<Insert, RowsInsert>,
): Promise<void> {
  if (lines.length === 0) return
  await connection.chdb.rawInsert({
    table,
    columns: [...columns],
    values: Buffer.from(lines.join('\n')),
    format: 'JSONCompactEachRow',
    settings: ONE_BLOCK,
  })
}

/** With a statement the embedded engine takes no bytes of a binary format (two line breaks end them), so they go through a file. */
async function insertByFile({ client, handover }: Session, insert: RowsInsert): Promise<void> {
  const { table, format, rows } = insert
  const file = `file(${[handover, 'RowBinary', format.structure].map(quoted).join(', ')})`
  try {
    await writeFile(handover, rows.length > PIECES_MAX ? Buffer.concat(rows) : rows, { mode: 0o600 })
    await client.command({
      query: `INSERT INTO ${table} (${format.columns.join(', ')}) SELECT * FROM ${file} SETTINGS ${AS_ONE_BLOCK}`,
    })
  } finally {
    // Who is erased from the store must not stay anywhere else.
    await truncate(handover)
  }
}

/**
 * What a select reads is put together before it is stored: all of it, in its order. Rows that replace each other are left to merges
 * and to FINAL: to look for some in what one commit brings costs a third of putting an identity into its table.
 */
const AS_ONE_BLOCK =
  'max_threads = 1, max_insert_threads = 1, min_insert_block_size_rows = 1000000, min_insert_block_size_bytes = 0, optimize_on_insert = 0'

function connect(path: string, handover: string): Session {
  try {
    // The hook is marked experimental upstream: it is used in this file only.
    const connection = createChdbConnection({ path })
    return { client: createClient({ connection: connection as never }), connection, handover }
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
  #idle: Session[] = []
  #size = 0
  #waiting: ((session: Session) => void)[] = []
  #isClosed = false

  add(session: Session): void {
    this.#size++
    this.#release(session)
  }

  async run<T>(use: (session: Session) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new AppError('store_away', 'the store is closed', { retryAfterS: 5 })
    const session = this.#idle.pop() ?? (await new Promise<Session>((resolve) => this.#waiting.push(resolve)))
    try {
      return await use(session)
    } catch (cause) {
      throw storeFault(cause)
    } finally {
      this.#release(session)
    }
  }

  #release(session: Session): void {
    const next = this.#waiting.shift()
    if (next) next(session)
    else this.#idle.push(session)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const sessions: Session[] = []
    while (sessions.length < this.#size) {
      sessions.push(
        this.#idle.pop() ?? (await new Promise<Session>((resolve) => this.#waiting.push(resolve))),
      )
    }
    for (const { client } of sessions) await client.close()
  }
}
