import type { AnswerRow } from '#domain/measure.ts'
import { Sector } from '#domain/sector.ts'
import { dimensionOf } from '../../../lib/api.ts'

/** Sectors shown by themselves; the rest, and workers whose sector is not known, are one bar. */
const SHOWN = 6

/** The largest sectors and one `other` for the rest, largest first and the rest last. */
export function topSectors(rows: readonly AnswerRow[]): { code: string; value: number }[] {
  // What is hidden is not zero: such a sector is left out.
  const all = rows.flatMap((row) =>
    row.value === null ? [] : [{ code: dimensionOf(row, 'sector'), value: Number(row.value) }],
  )
  const known = all.filter(({ code }) => Sector.safeParse(code).success).sort((a, b) => b.value - a.value)
  const top = known.slice(0, SHOWN)
  const rest = all.filter((row) => !top.includes(row)).reduce((sum, { value }) => sum + value, 0)
  return rest > 0 ? [...top, { code: 'other', value: rest }] : top
}
