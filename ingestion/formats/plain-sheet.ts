import { AppError } from '#domain/error.ts'
import { decode } from './body.ts'
import { textOf } from './cell.ts'
import { readCsvLines } from './csv.ts'
import { withMerged } from './merged-cells.ts'
import type { Line } from './table.ts'
import { openXlsx } from './xlsx.ts'

/** Most lines that are read this way, into memory: lists that a person wrote, not signals. */
const LINES_MAX = 5_001

/**
 * A small sheet as texts: a CSV (UTF-8 or GB18030) or the first visible sheet of an XLSX, told apart by their first bytes.
 * Blank lines are left out, and cells merged downwards hold for each of the others; `at` is the line in the file, from 1. @throws AppError `bad_request`, `too_large`, `unsupported_media`.
 */
export async function readPlainSheet(bytes: Uint8Array): Promise<{ at: number; cells: string[] }[]> {
  const isXlsx = bytes[0] === 0x50 && bytes[1] === 0x4b
  const rows: { at: number; cells: string[] }[] = []
  const take = (lines: readonly Line[]) => {
    for (const { at, cells, merged = [] } of lines)
      if (cells.some((cell) => textOf(cell).trim() !== ''))
        rows.push({ at, cells: withMerged(cells, merged).map((cell) => textOf(cell).trim()) })
    if (rows.length > LINES_MAX)
      throw new AppError(
        'too_large',
        `the sheet has more than ${LINES_MAX - 1} rows; send it in several parts`,
        { zh: `表格超过 ${LINES_MAX - 1} 行，请拆成几份分别上传` },
      )
  }
  if (!isXlsx) {
    const text = decode(bytes, true).replace(/^\ufeff/, '')
    for await (const lines of readCsvLines(once(text))) take(lines)
    return rows
  }
  const sheet = await openXlsx(Buffer.from(bytes), null)
  try {
    for await (const lines of sheet.lines) take(lines)
  } finally {
    await sheet.close()
  }
  return rows
}

async function* once(text: string): AsyncGenerator<string> {
  yield text
}
