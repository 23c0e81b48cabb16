import { posix } from 'node:path'
import { AppError } from '#domain/error.ts'
import type { DateFormat } from '../cell.ts'
import type { Package } from './package.ts'
import { parseXml, type XmlHandler } from './xml.ts'

/** Workbook, styles and relations are small; a larger one is not what it says. */
const SMALL_PART_BYTES = 32 * 1024 * 1024

export type Workbook = {
  /** In the order of the tabs; hidden ones, which hold the choices of drop-downs, are left out. */
  sheets: { name: string; part: string }[]
  sharedStringsPart: string | null
  /** Days count from 1904, as old Macs did. */
  is1904: boolean
  /** By style number: how a number in that style shows a date. */
  dateFormats: DateFormat[]
  /** The style numbers that show a number with a larger unit than it counts: 5 as "5万元". */
  scaledFormats: ReadonlySet<number>
}

/** What the sheets need to know from the rest of the file. @throws AppError `bad_request` when it is no workbook. */
export async function readWorkbook(file: Package): Promise<Workbook> {
  const [office] = await relationsOf(file, '')
  const main = office?.target ?? 'xl/workbook.xml'
  if (!file.has(main))
    throw new AppError(
      'bad_request',
      'the file holds no XLSX workbook; save it as "Excel workbook (.xlsx)"',
      {
        zh: '文件里没有工作簿，请另存为“Excel 工作簿 (.xlsx)”',
      },
    )
  const relations = await relationsOf(file, main)
  const partOf = (type: string) => {
    const found = relations.find((relation) => relation.type === type)?.target
    return found !== undefined && file.has(found) ? found : null
  }
  const sheets: Workbook['sheets'] = []
  let is1904 = false
  await walk(file, main, (name, attributes) => {
    if (name === 'workbookPr') is1904 = /^(1|true)$/.test(attributes.date1904 ?? '')
    if (name !== 'sheet' || /hidden/i.test(attributes.state ?? '')) return
    const id = Object.entries(attributes).find(([key]) => /(^|:)id$/.test(key) && key !== 'id')?.[1]
    const relation = relations.find((one) => one.id === id)
    if (relation?.type === 'worksheet' && file.has(relation.target))
      sheets.push({ name: attributes.name ?? '', part: relation.target })
  })
  if (sheets.length === 0)
    throw new AppError('bad_request', 'the workbook holds no visible sheet; unhide one', {
      zh: '工作簿里的工作表都隐藏了，请取消隐藏要上传的那一张',
    })
  const styles = partOf('styles')
  return {
    sheets,
    is1904,
    sharedStringsPart: partOf('sharedStrings'),
    ...(styles ? await readFormats(file, styles) : { dateFormats: [], scaledFormats: new Set() }),
  }
}

type Relation = { id: string; type: string; target: string }

/** Where a part points inside the file; links to anything outside it are left out. */
async function relationsOf(file: Package, part: string): Promise<Relation[]> {
  const folder = posix.dirname(part)
  const rels = posix.join(folder, '_rels', `${posix.basename(part)}.rels`)
  const relations: Relation[] = []
  if (file.has(rels))
    await walk(file, rels, (name, { Id, Type = '', Target = '', TargetMode }) => {
      if (name !== 'Relationship' || TargetMode === 'External') return
      const target = Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target)
      const type = Type.slice(Type.lastIndexOf('/') + 1)
      if (part !== '' || type === 'officeDocument') relations.push({ id: Id ?? '', type, target })
    })
  return relations
}

async function walk(
  file: Package,
  part: string,
  open: XmlHandler['open'],
  close?: XmlHandler['close'],
): Promise<void> {
  const handler = { open, text: () => undefined, close: close ?? (() => undefined) }
  for await (const _ of parseXml(await file.stream(part, SMALL_PART_BYTES), handler));
}

async function readFormats(
  file: Package,
  part: string,
): Promise<Pick<Workbook, 'dateFormats' | 'scaledFormats'>> {
  const custom = new Map<number, string>()
  const dateFormats: DateFormat[] = []
  const scaledFormats = new Set<number>()
  let isInside = false
  await walk(
    file,
    part,
    (name, attributes) => {
      if (name === 'numFmt') custom.set(Number(attributes.numFmtId), attributes.formatCode ?? '')
      if (name === 'cellXfs') isInside = true
      if (name === 'xf' && isInside) {
        const id = Number(attributes.numFmtId ?? 0)
        const code = custom.get(id) ?? BUILT_IN.get(id) ?? ''
        if (showsLargerUnit(code)) scaledFormats.add(dateFormats.length)
        dateFormats.push(dateFormatOf(code))
      }
    },
    (name) => {
      if (name === 'cellXfs') isInside = false
    },
  )
  return { dateFormats, scaledFormats }
}

/**
 * Whether a number format writes 万 or 亿 behind a number that it does not divide: `0.00"万元"`. One that does, by a comma behind
 * the digits (`0!.0,"万"`) or a point that it only draws (`0!.0000"万"`), shows what is yuan.
 */
function showsLargerUnit(code: string): boolean {
  const digits = code.replace(/"[^"]*"/g, '')
  return /[百千万亿]/.test(code) && !/[0#?],+(?![0#?,])|[!\\]\./.test(digits) && !/"\."/.test(code)
}

/** How a number format shows a date: by its letters outside quotes, brackets and escapes. "General" has none. */
function dateFormatOf(code: string): DateFormat {
  const letters = code
    .replace(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, '')
    .split(';')[0]
    ?.toLowerCase()
  if (!letters || letters === 'general' || /[#0?]/.test(letters.replace(/[.,]0+/g, ''))) return null
  if (!/[yd]/.test(letters)) return /[hs]/.test(letters) ? 'time' : /m/.test(letters) ? 'month' : null
  return /[hs]/.test(letters) ? 'time' : /d/.test(letters) ? 'day' : 'month'
}

/** The built-in formats that show dates, those of East Asian versions included (ECMA-376 §18.8.30). */
const BUILT_IN = new Map([
  ...[14, 15, 16, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 58].map((id) => [id, 'y-m-d'] as const),
  ...[17, 57].map((id) => [id, 'y-m'] as const),
  ...[18, 19, 20, 21, 22, 32, 33, 34, 35, 45, 46, 47, 55, 56].map((id) => [id, 'y-m-d h'] as const),
])
