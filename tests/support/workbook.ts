import { crc32, deflateRawSync } from 'node:zlib'

/** A cell: text, number, truth, nothing, or its own XML (`type`, `style` by its place in `formats`, `inner`). */
export type TestCell = string | number | boolean | null | { type?: string; style?: number; inner: string }

/** The columns of an arrears ledger that must be filled, by the titles of the template. */
export const ARREARS_HEAD = [
  '案件编号',
  '观测时间',
  '线索渠道',
  '欠薪发生地',
  '行业',
  '用人单位',
  '状态',
  '涉及人数',
  '尚欠金额',
]

export type TestSheet = {
  name: string
  rows: TestCell[][]
  state?: 'hidden'
  /** Rows that are hidden, from 1. */
  hidden?: number[]
  before?: string
  after?: string
}

/** A number shown by the format at this place of `formats`. */
export const shown = (value: number, style: number): TestCell => ({ style, inner: `<v>${value}</v>` })

/** An XLSX written by hand, for what no library would write. */
export function workbook(
  sheets: TestSheet[] | TestCell[][],
  { formats = [], is1904 = false, ...over }: { formats?: string[]; is1904?: boolean } & ZipOptions = {},
): Buffer {
  const all =
    sheets.length === 0 || Array.isArray(sheets[0])
      ? [{ name: 'Sheet1', rows: sheets as TestCell[][] }]
      : (sheets as TestSheet[])
  const relations = (items: string[]) =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${items.join('')}</Relationships>`
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}"/>`
  return zip(
    {
      '_rels/.rels': relations([relation('rId1', 'officeDocument', 'xl/workbook.xml')]),
      'xl/workbook.xml': `<workbook ${MAIN} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr date1904="${is1904 ? 1 : 0}"/><sheets>${all
        .map(
          ({ name, state }, i) =>
            `<sheet name="${escaped(name)}" sheetId="${i + 1}"${state ? ` state="${state}"` : ''} r:id="s${i}"/>`,
        )
        .join('')}</sheets></workbook>`,
      'xl/_rels/workbook.xml.rels': relations([
        ...all.map((_, i) => relation(`s${i}`, 'worksheet', `worksheets/sheet${i + 1}.xml`)),
        relation('styles', 'styles', 'styles.xml'),
      ]),
      'xl/styles.xml': `<styleSheet ${MAIN}><numFmts>${formats
        .map((code, i) => `<numFmt numFmtId="${200 + i}" formatCode="${escaped(code)}"/>`)
        .join(
          '',
        )}</numFmts><cellXfs>${formats.map((_, i) => `<xf numFmtId="${200 + i}"/>`).join('')}<xf numFmtId="0"/></cellXfs></styleSheet>`,
      ...Object.fromEntries(
        all.map((sheet, i) => [`xl/worksheets/sheet${i + 1}.xml`, sheetXml(sheet, formats.length)]),
      ),
      ...over.parts,
    },
    over,
  )
}

const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

function sheetXml({ rows, hidden = [], before = '', after = '' }: TestSheet, plain: number): string {
  const cells = (row: TestCell[], y: number) =>
    row.map((cell, x) => {
      const at = `r="${letter(x)}${y + 1}"`
      if (cell === null) return ''
      if (typeof cell === 'number') return `<c ${at} s="${plain}"><v>${cell}</v></c>`
      if (typeof cell === 'boolean') return `<c ${at} t="b"><v>${cell ? 1 : 0}</v></c>`
      if (typeof cell === 'string')
        return `<c ${at} t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`
      return `<c ${at} s="${cell.style ?? plain}" t="${cell.type ?? 'n'}">${cell.inner}</c>`
    })
  const lines = rows.map((row, y) => {
    const own = cells(row, y).join('')
    const head = `<row r="${y + 1}"${hidden.includes(y + 1) ? ' hidden="1"' : ''}`
    return own === '' ? `${head}/>` : `${head}>${own}</row>`
  })
  return `<worksheet ${MAIN}>${before}<sheetData>${lines.join('')}</sheetData>${after}</worksheet>`
}

const letter = (x: number): string =>
  (x < 26 ? '' : letter(Math.floor(x / 26) - 1)) + String.fromCharCode(65 + (x % 26))

/** `parts` are added or put in place of others; `declared` is the unpacked size a part claims; `flags` as in the format. */
export type ZipOptions = {
  parts?: Record<string, string | Buffer>
  declared?: Record<string, number>
  flags?: number
}

/** A zip archive of parts, deflated. */
export function zip(
  parts: Record<string, string | Buffer>,
  { declared = {}, flags = 0 }: ZipOptions = {},
): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, part] of Object.entries(parts)) {
    const content = Buffer.from(part)
    const packed = deflateRawSync(content)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt16LE(flags, 2)
    head.writeUInt16LE(8, 4)
    head.writeUInt32LE(crc32(content), 10)
    head.writeUInt32LE(packed.length, 14)
    head.writeUInt32LE(declared[name] ?? content.length, 18)
    head.writeUInt16LE(Buffer.byteLength(name), 22)
    const entry = Buffer.concat([Buffer.from('PK\x03\x04'), head, Buffer.from(name), packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), head, rest, Buffer.from(name))
    files.push(entry)
    offset += entry.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(Object.keys(parts).length, 8)
  end.writeUInt16LE(Object.keys(parts).length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, central, end])
}

/** What an old or an encrypted workbook begins with, and names in it. */
export const cfb = (name: string) =>
  Buffer.concat([
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    Buffer.alloc(1016),
    Buffer.from(name, 'utf16le'),
    Buffer.alloc(512),
  ])
