import type { CellStyle } from 'hucre/xlsx'

const fill = (rgb: string): NonNullable<CellStyle['fill']> => ({
  type: 'pattern',
  pattern: 'solid',
  fgColor: { rgb },
})

/** Titles: dark on pale blue, as text. */
export const HEADER_STYLE: CellStyle = { font: { bold: true }, fill: fill('DCE6F1'), numFmt: '@' }
/** Everything that comes from a sender is text, so that nothing in it is ever a formula, not even when it is edited. */
export const TEXT_STYLE: CellStyle = { numFmt: '@' }
/** A cell that was refused; it carries a note as well, for who cannot see the colour. */
export const FAULT_STYLE: CellStyle = { fill: fill('FFC7CE'), numFmt: '@' }
