import { LEFT_OUT_NAMED, type LeftOut, type LeftOutLine } from '#domain/batch.ts'
import { fieldsOf, type Kind } from '#domain/signal.ts'
import { halfWidth } from '#domain/text.ts'
import { type SheetCell, textOf } from './cell.ts'
import { type Column, isSerial, plainTitle } from './columns.ts'

/** Of what is no table. */
export const NOTHING_LEFT_OUT: LeftOut = { count: 0, lines: [] }

/** Notes a line that was left out. */
export function noteLeftOut(leftOut: LeftOut, line: LeftOutLine): void {
  leftOut.count++
  if (leftOut.lines.length < LEFT_OUT_NAMED) leftOut.lines.push(line)
}

/**
 * Tells of the lines of a ledger in turn, from below its header, why they are none of its rows; `null` for one that is. Ledgers
 * end their blocks with totals, and themselves with who filled them in and with notes: such a line begins with a word for it, and
 * has nothing where a row has what it cannot be without. And they say their titles again above each block, and number their
 * columns below them: `heads` are those, line by line. And their running numbers are printed before there are rows. No row that
 * could be taken is one: something that each must have is not there, or no time stands in `observedAt`.
 */
export function whyLeftOutFor(
  kind: Kind,
  columns: readonly Column[],
  heads: readonly (readonly SheetCell[])[],
): (cells: readonly SheetCell[]) => LeftOutLine['why'] | null {
  const fields = new Map(fieldsOf(kind).map((field) => [field.key, field]))
  const placeOf = (key: string) => columns.findIndex(({ field }) => field === key)
  const observedAt = placeOf('observedAt')
  const required = [...fields.values()].flatMap(({ key, isRequired }) => (isRequired ? placeOf(key) : []))
  const titles = new Set(heads.map(titlesOf).filter((line) => line !== ''))
  const serials = new Set(columns.flatMap((column, at) => (isSerial(column) ? at : [])))
  /** The columns whose cells are no figures. */
  const wordy = columns.flatMap(({ field: key }, at) => {
    const field = key === null ? undefined : fields.get(key)
    return !field || FIGURES.has(field.meta.cell) ? [] : { at, isRequired: field.isRequired }
  })
  /** Whether a cell belongs to such a line, of signatures or a note: "审核人：李四", or 李四 after "审核人：". */
  const isPart = (cells: readonly SheetCell[], at: number) =>
    whyOf(cells[at]) !== null ||
    (at !== observedAt && LABEL.test(plain(cells.slice(0, at).findLast(isFilled))))
  const whyNone = (cells: readonly SheetCell[]) => {
    const instant = cells[observedAt]
    if (!mayBeTime(instant) && titles.has(titlesOf(cells))) return 'header'
    if (before === 'header' && areNumbers(cells)) return 'numbers'
    if (isAlone(cells) && END.test(unspaced(cells.find(isFilled)))) return 'signature'
    const isTimed = isFilled(instant) && whyOf(instant) === null
    // Nearly every line is known for a row by this alone.
    if (isTimed && required.every((at) => isFilled(cells[at]))) return null
    const isTime = (at: number) => isTimed && at === observedAt
    const first = cells.findIndex((cell, at) => isFilled(cell) && !isTime(at))
    const hasNoMore = () => !cells.some((cell, at) => at !== first && isFilled(cell) && !isTime(at))
    if (before === 'note' && goesOn(cells[first]) && hasNoMore()) return 'note'
    if (
      serials.has(first) &&
      SERIAL.test(halfWidth(textOf(cells[first] ?? '')).trim()) &&
      !isTimed &&
      hasNoMore()
    )
      return 'serial'
    const why = whyOf(cells[first])
    if (why === null) return null
    if (why === 'remark' || (isTimed && why === 'note')) return hasNoMore() ? 'note' : null
    const isRow = wordy.some(
      ({ at, isRequired }) =>
        at !== first &&
        at !== observedAt &&
        isFilled(cells[at]) &&
        (why === 'total' ? !COUNT.test(plain(cells[at])) : isRequired && !isPart(cells, at)),
    )
    return isRow ? null : why
  }
  let before: LeftOutLine['why'] | null = 'header'
  return (cells) => {
    before = whyNone(cells)
    return before
  }
}

const SERIAL = /^\d{1,7}[.、)]?$/
const FIGURES: ReadonlySet<string> = new Set(['integer', 'yuan'])

/** "合　计", "本页小计：", "六都寨镇小计", "合计：12人", "合计（5件）", "Grand total". */
const TOTAL =
  /^(?:(?:本[页表月季期年]|各项|总|页|\p{sc=Han}{1,12}[镇乡县市区村道业])?(?:合计|小计|总计|共计|累计)(?:数|人数|金额)?(?:\(\d*[人名户件家元万]+\))?[:]?[\d.,、;人名户件家元万]*|(?:grand|sub|page)?-?totals?:?[\d.,]*)$/iu
/** What a total has in the column of names: "12人", or a stroke for nothing. */
const COUNT = /^(?:共?\d{1,7}[人名户件家个]|[-—–/]+)$/

const ROLE = [
  '(?:联系)?(?:电话|手机)(?:号码?)?',
  '(?:填表|制表|填报|上报|报送|编制|统计|登记|录入|经办|承办|审核|审批|审定|审查|复核|校核|校对|核对|批准|联系|主管|分管)(?:人员?|员|单位|部门|领导|负责人|日期|时间|签字|签名|签章|盖章)?',
  '(?:单位|部门|企业|公司|项目|财务|班组|统计)?(?:主要)?负责人',
  '单位(?=\\()',
  '(?:法定代表人|项目经理|劳资(?:专管)?员|班组长|会计|出纳|领导)(?:签字|签名|签章)?',
  '(?:单位|部门|企业|公司)?(?:公章|盖章|签章|签字|签名)',
  '日期',
  '(?:prepared|filledin|checked|reviewed|verified|approved|signed|submitted|compiled|certified)by',
  '(?:signature|signed|seal|date)',
].join('|')
const SIGNED = '\\((?:签字|签名|签章|盖章|公章|章|手印|signature|seal)[^)]*\\)'
const SIGNATURE = new RegExp(`^(?:${ROLE})(?:${SIGNED})?(?::|$)`, 'i')
const REMARK = '(?:备注|附注|注|说明|填[表报]说明|编制说明|注意事项|notes?|remarks?)(?:\\(?\\d{1,2}\\)?)?'
const NOTE = new RegExp(`^${REMARK}(?:[:、]|$)`, 'i')
/** A word that stands alone: what belongs to it is in the next cell. */
const LABEL = new RegExp(`^(?:(?:${ROLE})(?:${SIGNED})?|${REMARK}):?$`, 'i')
const SIGNER = new RegExp(`^(?:${ROLE})(?:${SIGNED})?$`, 'i')
/** What is signed with: a name, a day, a telephone number. */
const SIGNED_WITH =
  /^(?:\p{sc=Han}{2,4}|\p{sc=Han}+(?:·\p{sc=Han}+)+|[a-z.'-]{2,40}|\d{4}[-./年]\d{1,2}(?:[-./月]\d{1,2}日?)?|[\d-]{7,15})$/iu
const SIGNED_WORDS_MAX = 12
const SIGNED_CHARACTERS = 200

/** "以上数据由各乡镇汇总", "本表一式三份", "数据截至3月31日", "备注 略": said of the sheet, where nothing else stands in the line. */
const REMARKED = new RegExp(
  `^(?:以上|上述|上表|[本此该]表|(?:数据|资料)(?:来源|截[至止])|${REMARK}\\s|(?:the\\s+above|this\\s+table|source:))`,
  'i',
)

/** What a sheet ends with, alone in a line: the number of its page, the day, the authority that made it, the place of its seal. */
const END =
  /^(?:第\d+页.?共\d+页|\(?(?:盖章|公章|签章)\)?|\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?|\p{sc=Han}{2,30}(?:局|厅|办公室|委员会|人民政府|服务中心|监察大队))$/u

/** What the first words of a cell say that its line is. A `remark` is a note only where it stands alone. */
function whyOf(cell: SheetCell | undefined): 'total' | 'signature' | 'note' | 'remark' | null {
  const text = plain(cell)
  if (text === '' || DIGIT_FIRST.test(text)) return null
  if (TOTAL.test(text)) return 'total'
  if (SIGNATURE.test(text) || isSigned(wordsOf(cell))) return 'signature'
  if (NOTE.test(text)) return 'note'
  return REMARKED.test(headOf(cell)) ? 'remark' : null
}

/** "填表人 张三　审 核 人 李 四", "Prepared by Zhang San": who signed, where blanks stand for colons. */
function isSigned(words: readonly string[]): boolean {
  if (words.length < 2) return SIGNATURE.test(words.join(''))
  return words.some((_, i) => {
    const rest = words.slice(i + 1)
    return (
      SIGNER.test(words.slice(0, i + 1).join('')) &&
      rest.some((_, j) => SIGNED_WITH.test(rest.slice(0, j + 1).join('')) && isSignedOn(rest.slice(j + 1)))
    )
  })
}

/** The same, where nothing more may stand, or only the word for it. */
const isSignedOn = (words: readonly string[]): boolean =>
  words.length === 0 || SIGNATURE.test(words.join('')) || isSigned(words)

function wordsOf(cell: SheetCell | undefined): string[] {
  if (typeof cell !== 'string' || cell.length > SIGNED_CHARACTERS) return []
  const words = halfWidth(cell).trim().split(/\s+/)
  return words.length > SIGNED_WORDS_MAX ? [] : words
}

/** What goes on below a note: "2、本表…", or a sentence, "月工资为应发数，不含补贴". */
const CONTINUED =
  /^(?:[(（]?(?:[\d０-９]{1,2}|[一二三四五六七八九十]{1,3})[)）、.．](?!\d)|[①-⑳])\s*\S|[，；。]|^[a-z]+\s.*\.$/isu
const goesOn = (cell: SheetCell | undefined): boolean =>
  typeof cell === 'string' && CONTINUED.test(cell.trim())

/** Fewer may be the first cells of a row. */
const NUMBERS_MIN = 3
const STUB = /^(?:栏次|栏号|列次|列号|[甲乙丙丁戊己庚辛壬癸]|[a-h]|[-—–]+)$/i
const NUMBER = /^[([]?(\d{1,3})[)\]]?[栏列]?(?:=[-+×*÷/%()\d]+)?$/

/** Whether a line counts the columns, as statistical sheets do below their titles: "1 2 3", "甲 乙 (1) (2) (3)=(1)+(2)". */
function areNumbers(cells: readonly SheetCell[]): boolean {
  const texts = cells.filter(isFilled).map(unspaced)
  const numbers = texts.slice(texts.findIndex((text) => !STUB.test(text)))
  return numbers.length >= NUMBERS_MIN && numbers.every((text, i) => Number(NUMBER.exec(text)?.[1]) === i + 1)
}

/** All of a cell, of whatever kind, without blanks and differences of width. */
const unspaced = (cell: SheetCell | undefined): string => halfWidth(textOf(cell ?? '')).replace(/\s+/g, '')

/** Titles are compared as what they mean, without blanks at the end of their line. */
const titlesOf = (cells: readonly SheetCell[]): string =>
  cells
    .slice(0, cells.findLastIndex(isFilled) + 1)
    .map((cell) => plainTitle(textOf(cell)))
    .join('\u001f')

/** Whether a time may be read in a cell: all of them have a digit, of whatever width. */
const mayBeTime = (cell: SheetCell | undefined): boolean =>
  cell !== undefined && (typeof cell !== 'string' || DIGIT.test(halfWidth(cell)))

const DIGIT = /\d/
const DIGIT_FIRST = /^\d/

/** Such words stand in the first of a text. */
const HEAD_CHARACTERS = 60

/** A text without differences of width, as far as a word could reach; '' for what is no text. */
function headOf(cell: SheetCell | undefined): string {
  if (typeof cell !== 'string') return ''
  const text = cell.trim()
  const head = text.length > HEAD_CHARACTERS ? `${text.slice(0, HEAD_CHARACTERS)}…` : text
  return halfWidth(head)
}

/** The same without blanks. */
const plain = (cell: SheetCell | undefined): string => headOf(cell).replace(/\s+/g, '')

const isFilled = (cell: SheetCell | undefined): boolean =>
  cell !== undefined && (typeof cell !== 'string' || cell.trim() !== '')

/** Whether one cell of a line is all it has. */
export function isAlone(cells: readonly SheetCell[]): boolean {
  const at = cells.findIndex(isFilled)
  return at >= 0 && at === cells.findLastIndex(isFilled)
}
