import { AppError } from '#domain/error.ts'
import { maskIdentifiers } from '#domain/person.ts'
import { fieldsOf, type Kind } from '#domain/signal.ts'
import { halfWidth } from '#domain/text.ts'
import { SYNONYMS } from './column-synonyms.ts'
import { addressesIn, partsOfAddress } from './region-parts.ts'
import { otherSheetsTold } from './sheet-names.ts'
import { titleSaysLarger } from './title-units.ts'

/**
 * How a column came by its field. `ignored` columns are read over; `unknown` and `ambiguous` ones have no field yet, nor `total`, an
 * amount that may be what was owed before some of it was paid, and `running`, a number of lines where a case or point is to be named; `scaled` ones can have none: they count in 万元, as a field does not.
 * `joined` columns hold one address between them.
 */
type How =
  | 'exact'
  | 'normalised'
  | 'synonym'
  | 'joined'
  | 'given'
  | 'remembered'
  | 'ignored'
  | 'ambiguous'
  | 'total'
  | 'running'
  | 'scaled'
  | 'unknown'

/** One column of a file: its title as it stands there, and the field it is read as. */
export type Column = { title: string; field: string | null; how: How }

/** Title → field; `null` leaves the column out. Given by the sender or remembered from before. */
export type Mapping = Readonly<Record<string, string | null>>

/**
 * Proposes a field for every title: by its name or title, by the same without blanks, brackets and units, or by a word
 * that ledgers use for it. Of two titles for one field the closer one has it; where both are as close neither has.
 */
export function proposeColumns(kind: Kind, titles: readonly string[]): Column[] {
  const columns = withAddresses(kind, titles.map((title) => propose(kind, title)).map(asTotalUnclear))
  const isUnclear = (column: Column) =>
    column.field !== null &&
    column.how !== 'joined' &&
    columns.some(
      (other) =>
        other !== column &&
        other.field === column.field &&
        CLOSE.indexOf(other.how) <= CLOSE.indexOf(column.how),
    )
  return columns.map((column) => (isUnclear(column) ? { ...column, field: null, how: 'ambiguous' } : column))
}

const ADDRESSES: readonly (string | undefined)[] = ['homeRegion', 'workRegion']

/** The field whose address a title is a part of, and of what level: "户籍地 乡镇". */
export function addressPart(kind: Kind, title: string): { field: string; level: number } | null {
  if (isQualified(title)) return null
  const names = namesOf(kind)
  for (const { base, level } of partsOfAddress(withoutNumber(title))) {
    const field = names.bare.get(bareTitle(base)) ?? names.synonyms.get(bareTitle(base))
    if (field && ADDRESSES.includes(field)) return { field, level }
  }
  return null
}

/** Where an address stands in several columns, 县 | 乡镇 | 村, they are read as one; not where a column has all of it as well. */
function withAddresses(kind: Kind, columns: readonly Column[]): Column[] {
  const joined = addressesIn(columns.map(({ title }) => addressPart(kind, title)))
  const isWhole = (field: string) => columns.some((column, at) => column.field === field && !joined.has(at))
  const isOne = new Set([...joined.values()].filter((field) => !isWhole(field)))
  const runs = (field: string) =>
    [...joined].filter(([at, one]) => one === field && joined.get(at - 1) !== field)
  return columns.map((column, at) => {
    const field = joined.get(at)
    return field !== undefined && isOne.has(field) && runs(field).length === 1
      ? { title: column.title, field, how: 'joined' }
      : column
  })
}

/** What ledgers call what was owed at first, or is still, where nothing says which. */
const OWED_SOMETIME: ReadonlySet<string> = new Set(
  '欠薪金额 拖欠金额 欠薪数额 涉及金额 欠薪总额 拖欠工资金额 金额 拖欠'.split(' '),
)

/** Beside what was paid such a title may mean all of it: what is owed is then less. */
function asTotalUnclear(column: Column, _: number, all: readonly Column[]): Column {
  const isUnclear =
    column.field === 'owed' &&
    OWED_SOMETIME.has(bareTitle(column.title)) &&
    all.some(({ field }) => field === 'paid')
  return isUnclear ? { ...column, field: null, how: 'total' } : column
}

/** The proposal with what the sender says about some titles. @throws AppError `bad_request` for a field that is none. */
export function withMapping(
  kind: Kind,
  titles: readonly string[],
  mapping: Mapping,
  how: 'given' | 'remembered',
): Column[] {
  const fields = new Set(fieldsOf(kind).map((field) => field.key))
  for (const field of Object.values(mapping))
    if (field !== null && !fields.has(field))
      throw new AppError(
        'bad_request',
        `there is no field ${maskIdentifiers(field.slice(0, 40))}; choose another one for that column`,
        { zh: `没有“${maskIdentifiers(field.slice(0, 40))}”这一项，请为那一列改选` },
      )
  const said = sayingOf(mapping)
  const proposed = proposeColumns(
    kind,
    titles.map((title) => (said(title) === undefined ? title : '')),
  )
  const taken = new Set(titles.map(said))
  return titles.map((title, i): Column => {
    const field = said(title)
    if (field === null) return { title, field, how: 'ignored' }
    if (field !== undefined)
      return isScaled(kind, title, field) ? { title, field: null, how: 'scaled' } : { title, field, how }
    const column = proposed[i] ?? { title, field: null, how: 'unknown' }
    return column.field !== null && taken.has(column.field)
      ? { title, field: null, how: 'ambiguous' }
      : { ...column, title }
  })
}

/**
 * What a mapping says of a title: of the same as it stands there, else of one that is the same but for how it is written. Of
 * several columns of one title all are left out with the first, where nothing else is said of them.
 */
export function sayingOf(mapping: Mapping): (title: string) => string | null | undefined {
  const plain = new Map(Object.entries(mapping).map(([title, field]) => [plainTitle(title), field]))
  const said = (title: string) =>
    Object.hasOwn(mapping, title) ? mapping[title] : plain.get(plainTitle(title))
  return (title) => {
    const own = said(title)
    const first = own === undefined ? withoutNumber(title) : title
    return first !== title && said(first) === null ? null : own
  }
}

/** How a further column of one title is told from the first: "签字 (2)". To what a title means that says nothing. */
export const numbered = (title: string, place: number): string => `${title} (${place})`
export const withoutNumber = (title: string): string => title.replace(/ \(\d+\)$/, '')

/** Columns that a refusal names. */
const COLUMNS_NAMED = 10

/**
 * `sheets` are those of the file, where one was taken because nobody named it: a cover may stand before the ledger.
 * @throws AppError `bad_request` when two columns mean one field, or no column is known.
 */
export function rejectUnclear(columns: readonly Column[], sheets: readonly string[]): void {
  const unclear = columns.filter((column) => column.how === 'ambiguous').map((column) => column.title)
  const twice = columns.filter(
    (column) =>
      column.field !== null &&
      column.how !== 'joined' &&
      columns.some((other) => other !== column && other.field === column.field),
  )
  const all = [...unclear, ...twice.map((column) => column.title)]
  const named = all.slice(0, COLUMNS_NAMED).map((title) => maskIdentifiers(title.slice(0, 40)))
  const [more, moreZh] = all.length > named.length ? [', …', '等'] : ['', '']
  if (named.length > 0)
    throw new AppError(
      'bad_request',
      `more than one column is read as the same field: ${named.join(', ')}${more}; choose another field for one of them, or leave it out`,
      { zh: `不止一列是同一项内容：${named.join('、')}${moreZh}；请为其中一列改选，或选“不导入”` },
    )
  const total = columns.find((column) => column.how === 'total')
  if (total) {
    const title = maskIdentifiers(total.title.slice(0, 40))
    throw new AppError(
      'bad_request',
      `${title} beside an amount paid may be what was owed at first or what is still owed: name the column 尚欠金额 (owed) if it is what is still owed, or choose what it is read as`,
      {
        zh: `表中另有已付金额，“${title}”可能是欠薪总额，也可能是尚欠金额；若是尚欠金额，请改列名为“尚欠金额”，或在列对应中选定`,
      },
    )
  }
  if (columns.some((column) => column.field !== null)) return
  const others = otherSheetsTold(sheets).join(', ')
  throw new AppError(
    'bad_request',
    `no column name is known; check which kind of data the file holds, or use the column names of the template${others && `; this is the first sheet, and beside it there are ${others}`}`,
    {
      zh: `没有一列认得出来；请核对文件内容的种类，或改用模板中的列名${others && `；这里读的是第一张工作表，另外还有：${others}`}`,
    },
  )
}

/** How close a match is, closest first. */
const CLOSE: readonly How[] = ['exact', 'normalised', 'synonym']

const SERIAL_TITLES: ReadonlySet<string> = new Set(['序号', '编号序', 'no', 'no.', '#'])

/** Columns that belong to the sheet and not to its rows, in lower case: running numbers, and the reasons that we gave rows back with. */
export const IGNORED_TITLES: ReadonlySet<string> = new Set([
  ...['', ...SERIAL_TITLES],
  ...['原因', 'reason', '错误原因', '退回原因'],
])

/** Whether a column numbers the lines of the sheet, and is read as nothing else. */
export const isSerial = ({ title, how }: Column): boolean =>
  how === 'ignored' && SERIAL_TITLES.has(plainTitle(title))

function propose(kind: Kind, title: string): Column {
  const plain = plainTitle(title)
  if (IGNORED_TITLES.has(plain)) return { title, field: null, how: 'ignored' }
  const names = namesOf(kind)
  const exact = names.exact.get(plain)
  if (exact) return { title, field: exact, how: 'exact' }
  if (isQualified(title)) return { title, field: null, how: 'unknown' }
  const bare = bareTitle(title)
  const normalised = names.bare.get(bare)
  const field = normalised ?? names.synonyms.get(bare)
  if (!field) return { title, field: null, how: 'unknown' }
  if (isScaled(kind, title, field)) return { title, field: null, how: 'scaled' }
  return { title, field, how: normalised ? 'normalised' : 'synonym' }
}

/** Whether a column counts in a larger unit than the field: read as if it did not, it would be wrong by thousands. */
function isScaled(kind: Kind, title: string, key: string): boolean {
  const cell = fieldsOf(kind).find((field) => field.key === key)?.meta.cell
  return (cell === 'yuan' || cell === 'integer') && titleSaysLarger(withoutNumber(title))
}

/** What makes titles the same: width, case, blanks around, and the mark of a column that must be filled say nothing. */
export const plainTitle = (title: string): string =>
  halfWidth(title).trim().replace(/\*$/, '').trimEnd().toLowerCase()

/** What makes another thing of a title: 金额（已支付）, 电话（紧急联系人）, 时间（入职）, 单位（原）, 去年同期 above 在岗人数. */
const QUALIFYING =
  /已|未|原[^因]|原$|曾|前任|此前|以前|上[个一]?[月期季年周]|去年|同期|累计|紧急|家[属庭人]|亲属|户主|配偶|父|母|子女|联系人|入职|离职|到岗|进场|退场|开工|竣工|签订|计划|预计|预估|法人|负责人|班组|经办|受理人|备用|其中|应[发付缴得]|实[发付缴得]/u
/** A rate that no field has: a day's or a year's wage. */
const OTHER_RATE = /元\s*\/\s*[个每]?(?:天|日|小时|时|年|周|工)|每(?:天|日|小时|年|周|工)/u
const BRACKETS = /[([【〔{]([^)\]】〕}]*)[)\]】〕}]/gu

/** Whether what stands above a title, or in its brackets, makes it mean something else than by itself. */
export const qualifies = (text: string): boolean => QUALIFYING.test(text)

function isQualified(title: string): boolean {
  const inside = [...halfWidth(title).matchAll(BRACKETS)].map(([, words = '']) => words)
  return inside.some(qualifies) || OTHER_RATE.test(halfWidth(title))
}

/** A title without blanks, marks, brackets and the unit in them: "月工资 (元)*" → "月工资". */
function bareTitle(title: string): string {
  return halfWidth(title)
    .toLowerCase()
    .replace(/[([【〔{][^)\]】〕}]*[)\]】〕}]/g, '')
    .replace(/[\s*:：·_/\-—"'“”]/g, '')
    .replace(/^[\d一二三四五六七八九十]+[、.]/, '')
}

type Names = { exact: Map<string, string>; bare: Map<string, string>; synonyms: Map<string, string> }
const known = new Map<Kind, Names>()

function namesOf(kind: Kind): Names {
  const before = known.get(kind)
  if (before) return before
  const titles = fieldsOf(kind).flatMap(({ key, meta }) =>
    [key, meta.zh, meta.en].map((name) => [name, key] as const),
  )
  const names = {
    exact: new Map(titles.map(([name, key]) => [name.toLowerCase(), key])),
    bare: new Map(titles.map(([name, key]) => [bareTitle(name), key])),
    synonyms: new Map(
      fieldsOf(kind).flatMap(({ key }) =>
        (SYNONYMS[kind][key] ?? '')
          .split(' ')
          .flatMap((word) => (word ? [[bareTitle(word), key] as const] : [])),
      ),
    ),
  }
  known.set(kind, names)
  return names
}
