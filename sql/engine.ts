import type { z } from 'zod'
import type { RowFormat } from './row-binary.ts'
import type { Placement } from './within.ts'

/** A value bound into a query. Instants travel as integers (milliseconds or microseconds), never as Date. */
export type Param = string | number | bigint | readonly string[]
export type Params = Record<string, Param>

/**
 * A query with typed parameters: `{name:Type}` places in `sql`, and the zod schema of one row. `unscoped` says why it may
 * be asked by whoever asks: what it reads shows nothing of a place, or is bounded by a scope elsewhere, or is for the
 * system's own work.
 */
export type Query<Row> = Statement<Row> & { readonly unscoped: string }

/** A query of rows that lie somewhere: `{scope}` in `sql` becomes what somebody may see. Only `within` makes it askable. */
export type PlacedQuery<Row> = Statement<Row> & { readonly placed: Placement }

/** Where `row` is a format, rows come as RowBinary and are not checked: for thousands of rows of columns whose types are ours. */
type Statement<Row> = {
  readonly name: string
  readonly sql: string
  readonly row: z.ZodType<Row> | RowFormat<Row>
}

/** Many rows for one table, one after another as their format has them, in as many pieces as they lie in. */
export type RowsInsert = {
  readonly table: string
  readonly format: RowFormat
  readonly rows: readonly Buffer[]
}

/**
 * Rows for one table. A few may be given as lines: each a JSON array of the cells of `columns`, instants as whole numbers in
 * the column's own precision (ms or µs since 1970).
 */
export type Insert =
  | RowsInsert
  | { readonly table: string; readonly columns: readonly string[]; readonly lines: readonly string[] }

/**
 * ClickHouse, embedded or a server; the rest of the code cannot tell which. Every method rejects with AppError
 * `store_away` when the engine cannot be reached or has failed, and with the engine's own error for a wrong statement.
 */
export interface Engine {
  query<Row>(query: Query<Row>, params?: Params): Promise<Row[]>
  /** The one column of a statement without parameters, whole numbers below 2^32. For millions of rows. */
  numbers(sql: string): Promise<Uint32Array>
  insert(insert: Insert): Promise<void>
  command(sql: string): Promise<void>
  /** Waits for running statements, then closes. */
  close(): Promise<void>
}
