import { AppError } from '#domain/error.ts'
import type { Bilingual } from '#domain/text.ts'

/** A file that is not read, and what its sender can do about it. */
export type OtherFormat = { readonly is: Bilingual; readonly remedy: Bilingual }

export const SAVE_AS: Bilingual = {
  zh: '请打开后另存为“Excel 工作簿 (.xlsx)”，不要设密码',
  en: 'open it and save it as "Excel workbook (.xlsx)" without a password',
}
const UNPACK: Bilingual = {
  zh: '请先解压，再上传里面的表格',
  en: 'unpack it and send the sheets in it',
}
const FIND_SHEET: Bilingual = {
  zh: '请找到原来的表格，以 .xlsx 或 CSV 上传',
  en: 'find the sheet that it was made from and send that as .xlsx or CSV',
}

const other = (zh: string, en: string, remedy: Bilingual = SAVE_AS): OtherFormat => ({
  is: { zh, en },
  remedy,
})

const HTML = other(
  '这是网页，不是 Excel 表格（有的系统导出的 .xls 就是网页）',
  'the file is a web page, as which some systems export an .xls',
)
const WORD = other('这是 Word 或 WPS 文字文档', 'the file is a text document', {
  zh: '请把其中的表格复制到 Excel，另存为 .xlsx',
  en: 'copy its table into a spreadsheet and save that as .xlsx',
})

/** How a file begins that is none of those read: its first bytes in hexadecimal, */
const BYTES: readonly (readonly [RegExp, OtherFormat])[] = [
  [/^25504446/, other('这是 PDF', 'the file is a PDF', FIND_SHEET)],
  [/^(?:ffd8ff|89504e47|47494638)/, other('这是图片', 'the file is a picture', FIND_SHEET)],
  [
    /^(?:52617221|377abcaf)/,
    other('这是压缩包（.rar 或 .7z）', 'the file is an archive (.rar or .7z)', UNPACK),
  ],
  [
    /^1f8b/,
    other('这是 gzip 压缩文件', 'the body is packed by gzip', {
      zh: '请先解压再上传',
      en: 'unpack it, or send it with Content-Encoding: gzip',
    }),
  ],
  [/^7b5c727466/, WORD],
  // BIFF 2 to 4, which had no container yet.
  [/^09(?:00|02|04)0[46]00/, other('这是很早的 Excel 文件（.xls）', 'the file is a very old .xls')],
]

/** or as text, behind a byte-order mark. */
const TEXTS: readonly (readonly [RegExp, OtherFormat])[] = [
  [/^ID;P/, other('这是 SYLK 表格', 'the file is a SYLK sheet')],
  [
    /^\s*<\?xml.*urn:schemas-microsoft-com:office:spreadsheet/is,
    other('这是“XML 电子表格 2003”', 'the file is an "XML Spreadsheet 2003"'),
  ],
  [/^\s*<\?xml.*opendocument/is, other('这是 OpenDocument 表格', 'the file is an OpenDocument sheet')],
  [
    /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|meta|body|table|style|div|script)\b/is,
    HTML,
  ],
  [/^\s*<\?xml/i, other('这是 XML 文件', 'the file is XML')],
]

/** Enough to tell what a file is. */
const HEAD_BYTES = 4096

/** What a file is by its first bytes; `null` for one that may be a workbook, a CSV or JSON. */
export function otherFormatOf(bytes: Uint8Array): OtherFormat | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.subarray(0, 4).toString('hex') === 'd0cf11e0') return compoundOf(file)
  const head = file.subarray(0, HEAD_BYTES)
  const start = head.subarray(0, 8).toString('hex')
  const text = head.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  return (
    BYTES.find(([bytes]) => bytes.test(start))?.[1] ?? TEXTS.find(([words]) => words.test(text))?.[1] ?? null
  )
}

/** The container of old Office files, and of new ones that are protected by a password; its parts are named in UTF-16. */
function compoundOf(file: Buffer): OtherFormat {
  const has = (name: string) => file.includes(Buffer.from(name, 'utf16le'))
  if (has('EncryptedPackage')) return LOCKED
  if (has('WordDocument')) return WORD
  return has('Workbook') || has('Book')
    ? other('这是旧版 Excel 或 WPS 表格（.xls、.et）', 'the file is an old .xls or .et')
    : other(
        '这是旧版 .xls，或者设了密码，读不了',
        'the file is an old .xls, or protected by a password, which is not read here',
      )
}

export const LOCKED = other('文件设了密码', 'the file is protected by a password')

/** What a zip is by the names of its parts; `null` for one that may be a workbook. */
export function otherZipOf(has: (part: string) => boolean, names: readonly string[]): OtherFormat | null {
  if (has('xl/workbook.bin'))
    return other('这是二进制工作簿（.xlsb）', 'the file is a binary workbook (.xlsb)')
  if (has('content.xml') && has('mimetype'))
    return other('这是 OpenDocument 表格（.ods）', 'the file is an OpenDocument sheet (.ods)')
  if (has('word/document.xml')) return WORD
  if (names.some((name) => /\.iwa$|^index\.zip$/i.test(name)))
    return other('这是 Numbers 表格', 'the file is a Numbers sheet', {
      zh: '请在 Numbers 中导出为 Excel（.xlsx）',
      en: 'export it from Numbers to Excel (.xlsx)',
    })
  return names.some((name) => /\.(?:xlsx?|xlsm|et|csv|zip)$/i.test(name))
    ? other('这是压缩包', 'the file is an archive', UNPACK)
    : null
}

export const notRead = ({ is, remedy }: OtherFormat): AppError =>
  new AppError('unsupported_media', `${is.en}; ${remedy.en}`, { zh: `${is.zh}；${remedy.zh}` })
