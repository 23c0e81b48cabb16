import type { AnswerRow } from '#domain/measure.ts'
import { fenToYuan } from '#domain/money.ts'
import { HUNAN, PREFECTURES } from '#domain/region.ts'
import { dimensionOf } from '../../../lib/api.ts'
import { hundredthsOf } from '../../../lib/format.ts'

/** What is owed in a city, or in `unplaced` or `elsewhere`; `null` where nobody reported, or where it is hidden. */
export type Owed = { readonly code: string; readonly yuan: string | null; readonly isHidden: boolean }

/**
 * What is owed in each city of Hunan, most first; then, where there is any, in Hunan without a city told, and in other
 * provinces, so that the list adds up to the figure on the left. The last line is always there: the alerts above do not move.
 */
export function rankingOf(cities: readonly AnswerRow[], provinces: readonly AnswerRow[]): Owed[] {
  const ranked = PREFECTURES.map((code) =>
    owedIn(
      code,
      cities.filter((row) => dimensionOf(row, 'work.city') === code),
    ),
  ).sort((a, b) => rankOf(b) - rankOf(a))
  const unplaced = cities.filter((row) => dimensionOf(row, 'work.city') === 'unknown')
  const elsewhere = provinces.filter((row) => dimensionOf(row, 'work.province') !== HUNAN)
  return [
    ...ranked,
    ...(unplaced.length > 0 ? [owedIn('unplaced', unplaced)] : []),
    owedIn('elsewhere', elsewhere),
  ]
}

function owedIn(code: string, rows: readonly AnswerRow[]): Owed {
  const told = rows.flatMap(({ value }) => (value === null ? [] : [hundredthsOf(value)]))
  const yuan = told.length === 0 ? null : fenToYuan(told.reduce((sum, fen) => sum + fen, 0n))
  return { code, yuan, isHidden: yuan === null && rows.length > 0 }
}

/** What is hidden stands below all that is told, and above what nobody reported. */
const rankOf = ({ yuan, isHidden }: Owed) => (yuan === null ? (isHidden ? -1 : -2) : Number(yuan))
