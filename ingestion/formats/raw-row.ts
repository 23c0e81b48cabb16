import type { Fault } from '#domain/reason.ts'

/**
 * One row of a body before validation: a value, or why it could not even be read. Rows count from 1. `cells` are the
 * texts by column, for a preview. `marks` are cells that say that there is nothing (无, /), by field: the row comes back with them
 * where something else of it is refused.
 */
export type RawRow = {
  row: number
  value: unknown
  fault: Fault | null
  /** What is wrong with other cells, where `fault` is that of one. */
  more?: Fault[]
  cells?: string[]
  marks?: Readonly<Record<string, string>>
}

/** A row as its sender wrote it, to be kept and given back. */
export const asWritten = ({ value, marks }: RawRow): unknown =>
  marks ? { ...(value as object), ...marks } : value

/** A row larger than this is refused by itself: no signal needs it, and one row must not stall the others. */
export const ROW_BYTES_MAX = 256 * 1024
export const ROW_SIZE_FAULT: Fault = { path: '', code: 'row_too_large', detail: '256 KiB' }

/**
 * Rows that are judged in one piece. No honest JSON reaches it: a row with what every one must say has more than 96 bytes, of
 * which 64 MiB hold fewer.
 */
export const PIECE_ROWS_MAX = 700_000
