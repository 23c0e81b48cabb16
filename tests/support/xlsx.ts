import { crc32, deflateRawSync } from 'node:zlib'

/** One part of a zip; `declared` is a size that is not the real one. */
export type Part = { name: string; data: Buffer | string; declared?: number; isEncrypted?: boolean }

/** A zip written by hand, so that tests can make it lie. */
export function zip(parts: readonly Part[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, data, declared, isEncrypted } of parts) {
    const raw = Buffer.from(data)
    const packed = deflateRawSync(raw)
    const label = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x800 | (isEncrypted ? 1 : 0), 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(raw), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(declared ?? raw.length, 18)
    common.writeUInt16LE(label.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, label, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, tail, label]))
    files.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...files, central, end])
}

/** A cell as a test writes it: a text, a number, or XML as it stands in the file (after `<c`). */
export type TestCell = string | number | null | { xml: string }

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const escaped = (text: string) => text.replace(/[&<>]/g, (mark) => ESCAPES[mark] ?? mark)

function cellXml(cell: TestCell): string {
  if (cell === null) return '<c/>'
  if (typeof cell === 'number') return `<c><v>${cell}</v></c>`
  if (typeof cell === 'string') return `<c t="inlineStr"><is><t>${escaped(cell)}</t></is></c>`
  return `<c${cell.xml}</c>`
}

export const sheetXml = (rows: readonly (readonly TestCell[])[]) =>
  `<worksheet><cols><col min="2" max="2" hidden="1"/></cols><sheetData>${rows
    .map((cells, i) => `<row r="${i + 1}">${cells.map(cellXml).join('')}</row>`)
    .join('')}</sheetData></worksheet>`

const rels = (body: string) => `<Relationships>${body}</Relationships>`

/** The parts of a workbook. Style 1 is a day, 2 a day with time, 3 a month in Chinese. */
export function workbookParts(
  sheets: Record<string, string>,
  { is1904 = false, hidden = '', sharedStrings = '' } = {},
): Part[] {
  const names = Object.keys(sheets)
  return [
    {
      name: '_rels/.rels',
      data: rels('<Relationship Id="r" Type="x/officeDocument" Target="xl/workbook.xml"/>'),
    },
    {
      name: 'xl/workbook.xml',
      data: `<workbook><workbookPr${is1904 ? ' date1904="1"' : ''}/><sheets>${names
        .map((name, i) => `<sheet name="${name}" r:id="rId${i}"${name === hidden ? ' state="hidden"' : ''}/>`)
        .join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      data: rels(
        [
          ...names.map(
            (_, i) => `<Relationship Id="rId${i}" Type="x/worksheet" Target="worksheets/${i}.xml"/>`,
          ),
          '<Relationship Id="s" Type="x/styles" Target="styles.xml"/>',
          '<Relationship Id="e" Type="x/externalLink" Target="http://example.invalid/x.xlsx" TargetMode="External"/>',
          ...(sharedStrings
            ? ['<Relationship Id="t" Type="x/sharedStrings" Target="sharedStrings.xml"/>']
            : []),
        ].join(''),
      ),
    },
    {
      name: 'xl/styles.xml',
      data: '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="164"/></cellXfs></styleSheet>',
    },
    ...(sharedStrings ? [{ name: 'xl/sharedStrings.xml', data: sharedStrings }] : []),
    ...names.map((name, i) => ({ name: `xl/worksheets/${i}.xml`, data: sheets[name] ?? '' })),
  ]
}

/** A workbook of one sheet. */
export const workbook = (rows: readonly (readonly TestCell[])[], options = {}) =>
  zip(workbookParts({ 台账: sheetXml(rows) }, options))

export const XLSX = { 'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' }
