import type { LeftOut, LeftOutLine } from '#domain/batch.ts'
import { fieldsOf, type Kind } from '#domain/signal.ts'
import type { SheetCell } from './cell.ts'
import type { Column } from './columns.ts'

/** Of what is no table. */
export const NOTHING_LEFT_OUT: LeftOut = { count: 0, lines: [] }

/** Lines that are named one by one; the others are only counted. */
const LINES_NAMED = 100

/** Notes a line that was left out. */
export function noteLeftOut(leftOut: LeftOut, line: LeftOutLine): void {
  leftOut.count++
  if (leftOut.lines.length < LINES_NAMED) leftOut.lines.push(line)
}

/**
 * Tells of a line of a ledger why it is none of its rows; `null` for one that is. Ledgers end their blocks with totals, and
 * themselves with who filled them in and with notes: such a line begins with a word for it, and has nothing where a row has
 * what it cannot be without. No row that could be taken is one: in `observedAt`, which each must have, there is nothing
 * or such a word, which is no time.
 */
export function whyLeftOutFor(
  kind: Kind,
  columns: readonly Column[],
): (cells: readonly SheetCell[]) => LeftOutLine['why'] | null {
  const fields = new Map(fieldsOf(kind).map((field) => [field.key, field]))
  const observedAt = columns.findIndex(({ field }) => field === 'observedAt')
  /** The columns whose cells are no figures. */
  const wordy = columns.flatMap(({ field: key }, at) => {
    const field = key === null ? undefined : fields.get(key)
    return !field || FIGURES.has(field.meta.cell) ? [] : { at, isRequired: field.isRequired }
  })
  /** Whether a cell belongs to such a line, of signatures or a note: "审核人：李四", or 李四 after "审核人：". */
  const isPart = (cells: readonly SheetCell[], at: number) =>
    whyOf(cells[at]) !== null ||
    (at !== observedAt && LABEL.test(plain(cells.slice(0, at).findLast(isFilled))))
  return (cells) => {
    const instant = cells[observedAt]
    // Nearly every line is known for a row by this alone.
    if (isFilled(instant) && whyOf(instant) === null) return null
    const first = cells.findIndex(isFilled)
    const why = whyOf(cells[first])
    if (why === null) return null
    const isRow = wordy.some(
      ({ at, isRequired }) =>
        at !== first &&
        isFilled(cells[at]) &&
        (why === 'total' ? !COUNT.test(plain(cells[at])) : isRequired && !isPart(cells, at)),
    )
    return isRow ? null : why
  }
}

const FIGURES: ReadonlySet<string> = new Set(['integer', 'yuan'])

/** "合　计", "本页小计：", "合计：12人", "Grand total". */
const TOTAL =
  /^(?:(?:本[页表月季期年]|各项|总|页)?(?:合计|小计|总计|共计|累计)(?:数|人数|金额)?(?:\([人名户元万]+\))?[:]?[\d.,、;人名户件家元万]*|(?:grand|sub|page)?-?totals?:?[\d.,]*)$/i
/** What a total has in the column of names: "12人", or a stroke for nothing. */
const COUNT = /^(?:共?\d{1,7}[人名户件家个]|[-—–/]+)$/

const ROLE = [
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

function whyOf(cell: SheetCell | undefined): LeftOutLine['why'] | null {
  const text = plain(cell)
  if (text === '') return null
  if (TOTAL.test(text)) return 'total'
  if (SIGNATURE.test(text)) return 'signature'
  return NOTE.test(text) ? 'note' : null
}

/** Such words stand in the first of a text. */
const HEAD_CHARACTERS = 60

/** A text without blanks and differences of width, as far as a word could reach; '' for what is no text. */
function plain(cell: SheetCell | undefined): string {
  if (typeof cell !== 'string') return ''
  const text = cell.trim()
  const head = text.length > HEAD_CHARACTERS ? `${text.slice(0, HEAD_CHARACTERS)}…` : text
  return head.normalize('NFKC').replace(/\s+/g, '')
}

const isFilled = (cell: SheetCell | undefined): boolean =>
  cell !== undefined && (typeof cell !== 'string' || cell.trim() !== '')
