import { maskIdentifiers } from '#domain/person.ts'
import { storableText } from '#domain/text.ts'

/** No spreadsheet has a longer name for a sheet; a file may. */
const CHARACTERS_MAX = 31

/** Sheets that a refusal names. */
const NAMED_MAX = 10

/** The sheets beside the first, as many as `most`, as they are told where nobody named one. */
export const otherSheetsTold = (sheets: readonly string[], most = NAMED_MAX): string[] =>
  sheetNamesTold(sheets.slice(1, 1 + most))

/** Names of sheets as they are kept and told: a file may call one by anything, the number of a person too. */
export const sheetNamesTold = (names: readonly string[]): string[] =>
  names.map((name) => maskIdentifiers(storableText(name.slice(0, CHARACTERS_MAX))))
