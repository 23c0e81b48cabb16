import { fieldsOf, type Kind } from '#domain/signal.ts'
import type { SheetCell } from './cell.ts'

/** A blank cell of a line that is merged with one above: the value of that, and its line. */
export type MergedCell = { readonly column: number; readonly cell: SheetCell; readonly from: number }

/** The cells of a line, its blank ones filled with what is merged into them. */
export function withMerged(cells: readonly SheetCell[], merged: readonly MergedCell[]): SheetCell[] {
  const filled = [...cells]
  for (const { column, cell } of merged) {
    while (filled.length < column) filled.push('')
    filled[column] = cell
  }
  return filled
}

const NAMES_ONE: ReadonlySet<string> = new Set(['idNumber', 'caseId'])
const IS_SUMMED: ReadonlySet<string> = new Set(['integer', 'yuan', 'regions'])
/** What holds of each worker or of a period, however many rows say it. */
const HOLDS_OF_EACH: ReadonlySet<string> = new Set(['monthlyWage', 'averageWage', 'payDay'])

/**
 * The fields that no two rows can have from one cell: what names one person or case, and what is summed up. 3,000 yuan merged
 * over three rows may be owed once or three times.
 */
export const fieldsOfOneRow = (kind: Kind): ReadonlySet<string> =>
  new Set(
    fieldsOf(kind).flatMap(({ key, meta }) =>
      NAMES_ONE.has(key) || (IS_SUMMED.has(meta.cell) && !HOLDS_OF_EACH.has(key)) ? key : [],
    ),
  )
