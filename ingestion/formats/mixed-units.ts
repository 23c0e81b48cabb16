import { countsLarger } from './amounts.ts'
import { type SheetCell, textOf } from './cell.ts'
import { OtherMeaningBelow } from './other-meaning-below.ts'

/**
 * What is owed a worker or a site in yuan is seldom less than this, and as a number of 万 it is ten millions: from here on a number
 * beside amounts in 万 is yuan.
 */
const YUAN_MIN = 1_000

/**
 * Watches the amounts of one column, whose title names no unit: "1.2万" says its own, and of a "3" in the same column nobody knows
 * whether it is 3 yuan. @throws OtherMeaningBelow where a column has both.
 */
export function watchUnits(): (cell: SheetCell, line: number) => void {
  let larger: number | null = null
  let bare: number | null = null
  return (cell, line) => {
    const text = textOf(cell)
    if (countsLarger(text)) larger ??= line
    else if (text.length < 8 && isBareAndSmall(text)) bare ??= line
    else return
    if (larger !== null && bare !== null) throw OtherMeaningBelow.ofMixedUnits(larger, bare)
  }
}

function isBareAndSmall(text: string): boolean {
  const amount = Number(text)
  return amount > 0 && amount < YUAN_MIN
}
