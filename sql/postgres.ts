import type { PostgresPool } from 'kysely'

/** A row as the driver gives it: bigint columns arrive as numbers or strings, jsonb as values, timestamptz as Date. */
export type PgRow = Record<string, unknown>

/** What a statement needs: `$1`-style parameters. Rejects with AppError `store_away` when the database cannot be reached. */
export interface Sql {
  query<Row extends PgRow = PgRow>(text: string, params?: readonly unknown[]): Promise<Row[]>
}

/** Postgres, embedded or a server; the rest of the code cannot tell which. */
export interface Postgres extends Sql {
  /** All or nothing; rolled back when `work` throws. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  /** Calls `heard` for every NOTIFY on the channel, and once after each reconnection, as some may have been missed. */
  listen(channel: string, heard: () => void): Promise<void>
  /** Runs `work` while holding the named lock: one holder at a time over all processes of the installation. */
  withLock<T>(name: string, work: () => Promise<T>): Promise<T>
  /** What better-auth talks to, by its query builder. */
  readonly pool: PostgresPool
  close(): Promise<void>
}
