import { buffer } from 'node:stream/consumers'
import { AppError } from '#domain/error.ts'
import { sheetNamesTold } from './sheet-names.ts'
import type { Line } from './table.ts'
import { openPackage, type StoredPackage } from './xlsx/package.ts'
import { readSharedStrings } from './xlsx/shared-strings.ts'
import { readSheet } from './xlsx/sheet.ts'
import { readWorkbook } from './xlsx/workbook.ts'

/** How much of a file tells a workbook from an encrypted one. */
const HEAD_BYTES = 1024 * 1024

/**
 * Opens a sheet of an XLSX, in memory or in a file: the one of that name, else the first that is not hidden.
 * @throws AppError `bad_request` (which sheets there are, or what to save it as), `too_large`, `unsupported_media`.
 */
export async function openXlsx(content: Buffer | StoredPackage, sheet: string | null) {
  const file = await openPackage(content, Buffer.isBuffer(content) ? content : await headOf(content))
  try {
    const workbook = await readWorkbook(file)
    const wanted = sheet === null ? workbook.sheets[0] : workbook.sheets.find((one) => one.name === sheet)
    const all = workbook.sheets.map((one) => one.name)
    if (!wanted) {
      const names = sheetNamesTold(all)
      throw new AppError('bad_request', `there is no such sheet; this file has ${names.join(', ')}`, {
        zh: `没有这张工作表；文件里有：${names.join('、')}`,
      })
    }
    const strings = workbook.sharedStringsPart
      ? await readSharedStrings(file, workbook.sharedStringsPart)
      : null
    let hiddenRows = 0
    const lines: AsyncGenerator<Line[]> = readSheet(file, wanted.part, workbook, strings, (count) => {
      hiddenRows = count
    })
    return {
      lines,
      sheets: all,
      bytesRead: file.bytesRead,
      /** Known once the first lines are. */
      hiddenRows: () => hiddenRows,
      async close() {
        await lines.return(undefined)
        file.close()
      },
    }
  } catch (error) {
    file.close()
    throw error
  }
}

const headOf = ({ read, bytes }: StoredPackage): Promise<Buffer> =>
  buffer(read(0, Math.min(HEAD_BYTES, bytes)))
