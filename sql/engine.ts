import type { z } from 'zod'

/** A value bound into a query. Instants travel as integers (milliseconds or microseconds), never as Date. */
export type Param = string | number | bigint | readonly string[]
export type Params = Record<string, Param>

/** A query with typed parameters: `{name:Type}` places in `sql`, and the zod schema of one row. */
export type Query<Row> = { readonly name: string; readonly sql: string; readonly row: z.ZodType<Row> }

/** Rows for one table: `columns` once, then one array of cells a row. Instants are 'YYYY-MM-DD hh:mm:ss.SSS' in UTC. */
export type Insert = {
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  /** A second insert with the same token (same content, by contract) changes nothing, in the table and in its views. */
  readonly token: string
}

/**
 * ClickHouse, embedded or a server; the rest of the code cannot tell which. Every method rejects with AppError
 * `store_away` when the engine cannot be reached or has failed, and with the engine's own error for a wrong statement.
 */
export interface Engine {
  query<Row>(query: Query<Row>, params?: Params): Promise<Row[]>
  insert(insert: Insert): Promise<void>
  command(sql: string): Promise<void>
  /** Waits for running statements, then closes. */
  close(): Promise<void>
}

/** 'YYYY-MM-DD hh:mm:ss.SSS' in UTC, as a DateTime64(3) cell wants it. */
export function cellMs(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ')
}

/** 'YYYY-MM-DD hh:mm:ss.SSSSSS' in UTC of microseconds since 1970, as a DateTime64(6) cell wants it. */
export function cellMicros(micros: number): string {
  return `${cellMs(Math.floor(micros / 1000))}${String(micros % 1000).padStart(3, '0')}`
}
