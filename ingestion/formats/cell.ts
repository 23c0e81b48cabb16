import { blankMarkOf } from '#domain/blank-marks.ts'
import { bareWord, codeLabelled } from '#domain/labels.ts'
import { isIdNumber, normalIdNumber } from '#domain/person.ts'
import type { Reason } from '#domain/reason.ts'
import type { Cell, FieldMeta } from '#domain/signal.ts'
import { halfWidth, type Lang } from '#domain/text.ts'
import { yuanInWords } from './amounts.ts'
import { dashed, dayOf, daySerial, isDaySerial, monthOf } from './times.ts'
import { type TitleYear, withYear } from './title-year.ts'

/** How far a date format of a spreadsheet shows an instant; `null` is a plain number. */
export type DateFormat = 'month' | 'day' | 'time' | null

/**
 * A cell as a file holds it. CSV has only texts. `iso` of a number is it read as a serial date, `YYYY-MM-DDTHH:mm:ss`
 * without zone, whether or not its format shows one; `null` when no date of our time has that serial. `isScaled`: its format
 * shows it with a larger unit, 5 as "5万元". An `error` without a text is a formula of which no value was saved.
 */
export type SheetCell =
  | string
  | boolean
  | {
      readonly number: number
      readonly iso: string | null
      readonly format: DateFormat
      readonly isScaled?: boolean
    }
  | { readonly error: string }

/** A spreadsheet keeps 15 digits of a number: whole ones from here on may have lost their last digits. */
const EXACT_BELOW = 1e15
/** What a spreadsheet makes of a long number when it saves a CSV: "4.30102E+17", the same for many cases and people. */
const POWER = /^\d(\.\d+)?E\+\d+$/i
/** An ID number that a spreadsheet had as a number: its last three digits are gone. */
const CUT = /^\d{15}000$/
/** A number that is guarded from being read as one: by an apostrophe before it, or as the text that a formula gives. */
const GUARDS: ReadonlySet<string | undefined> = new Set("'’‘`´＇=")
const GUARDED = /^(?:['’‘`´＇]\s*([\dA-Z][\dA-Z\s\p{Pd}./:+]*)|="([^"]*)")$/iu

/**
 * The value of a cell for a field, or why it has none; `undefined` where it says that there is nothing. Blank cells are not
 * asked about. `year`: that of days which are written without one.
 */
export function readCell(
  cell: SheetCell,
  meta: FieldMeta,
  year: TitleYear | null = null,
): { value: unknown } | { code: Reason } {
  if (typeof cell === 'string') return readText(cell, meta, year)
  if (typeof cell === 'boolean') return { value: meta.cell === 'boolean' ? cell : String(cell) }
  if ('error' in cell) return { code: cell.error === '' ? 'no_saved_value' : 'cell_error' }
  if (cell.format !== null && cell.iso !== null && CODES.has(meta.key)) return { code: 'code_as_date' }
  if (cell.isScaled && (meta.cell === 'yuan' || meta.cell === 'integer')) return { code: 'larger_unit' }
  const dated = dateOf(cell, meta.cell)
  if (dated !== null) return { value: dated }
  if (Math.abs(cell.number) >= EXACT_BELOW) return { code: 'digits_lost' }
  if (meta.cell === 'yuan' && (cell.format === null || cell.iso === null))
    return { value: fenExact(cell.number) }
  if (meta.cell === 'date') return { value: monthsOf(cell.number) ?? jsonOf(textOf(cell), meta) }
  return { value: jsonOf(textOf(cell), meta) }
}

function readText(
  cell: string,
  meta: FieldMeta,
  year: TitleYear | null,
): { value: unknown } | { code: Reason } {
  const text = unguarded(cell)
  if (AS_DATE.test(text) && CODES.has(meta.key)) return { code: 'code_as_date' }
  if (IN_TIME.has(meta.cell) && YEARLESS.test(text)) {
    const said = YEAR_OF_TITLE.has(meta.key) ? withYear(halfWidth(text), year) : null
    return said === null ? { code: 'year_missing' } : { value: jsonOf(said, meta) }
  }
  if (meta.cell === 'text' && POWER.test(text)) return { code: 'digits_lost' }
  if (meta.key === 'idNumber' && CUT.test(normalIdNumber(text)) && !isIdNumber(normalIdNumber(text)))
    return { code: 'digits_lost' }
  const mark = blankMarkOf(text)
  // Of what may be or not be, 无 is a plain no.
  if (mark === null || (meta.cell === 'boolean' && truthOf(text, meta) === false))
    return { value: jsonOf(text, meta) }
  if (mark === 'nothing') return meta.isRequired ? { code: 'required' } : { value: undefined }
  const isTold = mark === 'notKnown' && !meta.isRequired && !NAMING.has(meta.key)
  return isTold ? { value: undefined } : { code: 'not_told' }
}

/** What tells one case, point, household, project or firm from others: that nobody knows it is no reason to leave it out. */
const NAMING: ReadonlySet<string> = new Set([
  'caseId',
  'pointId',
  'household',
  'project',
  'employer',
  'employerCode',
])

/**
 * What a text was read as, as a person writes it, where it does not say so itself: 1.2万, a day without its year, another word for a
 * code. `null` where it does, and where it was not understood.
 */
export function readAs(text: string, value: unknown, meta: FieldMeta, lang: Lang): string | null {
  if (typeof value !== 'string' || value === text) return null
  const said = halfWidth(text).trim()
  if (meta.labels) {
    const label = meta.labels[value]
    return label && ![label.zh, label.en, value].includes(said) ? label[lang] : null
  }
  if (meta.cell === 'yuan') return AMOUNT.test(said) ? null : `${value}${lang === 'zh' ? '元' : ' yuan'}`
  return IN_TIME.has(meta.cell) && (isDaySerial(said) || !/\d{4}/.test(said)) ? value : null
}

/** What is a code of digits and strokes, of which a spreadsheet makes a day when it is typed: 2025-3, 3-5. */
const CODES: ReadonlySet<string> = new Set([...NAMING, 'idNumber', 'phone', 'name'])
/** As it stands in a CSV: Mar-25, 5-Mar, 3月5日. Nobody numbers a case so. */
const MONTH_NAME = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const AS_DATE = new RegExp(
  `^(?:${MONTH_NAME}-\\d{2,4}|\\d{1,2}-${MONTH_NAME}(?:-\\d{2,4})?|\\d{1,2}月\\d{1,2}日)$`,
  'i',
)

const IN_TIME: ReadonlySet<string> = new Set(['instant', 'date', 'month', 'period'])
/** "3月5日", "3月份": a day or month of which nobody says the year. */
const YEARLESS = /^\s*(?:[0０]?[1-9１-９]|[1１][0-2０-２])\s*月/
/** Since when wages are owed, or when they were transferred, may lie years before the title's; somebody was born in another. */
const YEAR_OF_TITLE: ReadonlySet<string> = new Set(['observedAt', 'period'])

/** A number or code without what guards it; any other text as it is: '90后餐饮 is a name. */
function unguarded(text: string): string {
  if (!GUARDS.has(text[0])) return text
  const [, marked, given] = GUARDED.exec(text) ?? []
  const inner = (marked ?? given)?.trim()
  return inner && /\d/.test(inner) ? inner : text
}

/** Nobody means a millionth of a yuan; a sum of many amounts is off by less, as a spreadsheet adds binary fractions. */
const NOISE_YUAN = 1e-6

/** A computed amount without its binary noise; a third of a fen stays, and is refused. */
function fenExact(yuan: number): string {
  const rounded = Math.round(yuan * 100) / 100
  return String(Math.abs(yuan - rounded) < NOISE_YUAN ? rounded : Number(yuan.toPrecision(15)))
}

/** The two months of birth that the number 1985.1 may be: typed 1985.10 it is the same number. */
function monthsOf(number: number): string | null {
  const [, year] = /^((?:19|20)\d{2})\.1$/.exec(String(number)) ?? []
  return year ? `${year}-01/${year}-10` : null
}

/** A cell as a person reads it, for the preview and for columns that are no field. */
export function textOf(cell: SheetCell): string {
  if (typeof cell === 'string') return cell
  if (typeof cell === 'boolean') return String(cell)
  if ('error' in cell) return cell.error
  if (cell.format !== null && cell.iso !== null)
    return cell.iso.slice(0, SHOWN[cell.format]).replace('T', ' ')
  // What a spreadsheet computed carries noise beyond its 15 digits: 0.1 + 0.2.
  return String(Number(cell.number.toPrecision(15)))
}

const SHOWN = { month: 7, day: 10, time: 19 } as const

/** A number cell in a field that is a time. A bare serial counts as one only where nothing else could be meant. */
function dateOf(cell: { number: number; iso: string | null; format: DateFormat }, kind: Cell): string | null {
  const { iso, format } = cell
  if (iso === null) return null
  switch (kind) {
    case 'instant':
      return `${iso}+08:00`
    case 'date':
      return iso.slice(0, 10)
    case 'month':
      return format === null ? null : iso.slice(0, 7)
    case 'period':
      return format === null ? null : iso.slice(0, format === 'month' ? 7 : 10)
    default:
      return null
  }
}

const YES = new Set(['true', '1', 'yes', 'y', '是', '有', '已', '√', '✓', '✔'])
const NO = new Set(['false', '0', 'no', 'n', '否', '无', '未', '×', '✗', '✘'])
/** What follows 已 or 未 in a field: below another title it would be a cell of another column. */
const DONE: Readonly<Record<string, readonly string[]>> = {
  contractSigned: ['签', '签订'],
  insured: ['参保', '缴'],
}

/** Whether a text says yes or no; `null` where it says neither. */
function truthOf(text: string, { key }: FieldMeta): boolean | null {
  if (YES.has(text)) return true
  if (NO.has(text)) return false
  const word = bareWord(text)
  const isDone = DONE[key]?.includes(word.slice(1))
  if (YES.has(word) || (isDone && word[0] === '已')) return true
  return NO.has(word) || (isDone && word[0] === '未') ? false : null
}

/** The JSON value of a text. One that does not fit its cell kind stays text, so that validation names it. */
function jsonOf(raw: string, meta: FieldMeta): unknown {
  const text = halfWidth(raw)
  switch (meta.cell) {
    case 'text':
      return meta.labels ? (codeLabelled(meta.labels, text) ?? raw) : raw
    case 'yuan':
      return yuanOf(MONTHLY.has(meta.key) ? text.replace(A_MONTH, '') : text) ?? raw
    case 'integer':
      return numberOf(text) ?? raw
    case 'boolean':
      return truthOf(text, meta) ?? raw
    case 'list':
      return jsonList(text) ?? parts(unnumbered(text), BETWEEN_ITEMS)
    case 'regions':
      // "430522:5;430523:3": region and workers. One without workers is not one with none.
      return (
        jsonList(text) ??
        parts(text, /[;|]/).map((item) => {
          const [region, workers = ''] = item.split(':').map((part) => part.trim())
          return { region, workers: numberOf(workers) ?? workers }
        })
      )
    case 'instant':
      return dashed(text) ?? daySerial(text) ?? raw
    case 'date':
      return dashed(text) ?? monthOf(text, true) ?? raw
    case 'month':
      // A day is of its month, as in a cell that is a date.
      return monthOf(text) ?? dayOf(text)?.slice(0, 7) ?? raw
    case 'period':
      return monthOf(text) ?? dashed(text) ?? raw
    default:
      return meta.cell satisfies never
  }
}

/** "￥12,000", "12000元整" and "1.2万元" in yuan; `null` for what is no amount. */
const yuanOf = (text: string): string | null =>
  AMOUNT.exec(text)?.[1]?.replace(MORE_ZEROS, '$1') ?? (UNIT.test(text) ? yuanInWords(text) : null)

/** What counts by the month by its own name: 5000元/月 says it again. */
const MONTHLY: ReadonlySet<string> = new Set(['monthlyWage', 'averageWage'])
const A_MONTH = /\s*[/每]个?月$/
const UNIT = /[元圆块百千万亿佰仟萬]/
const AMOUNT = /^(?:人民币)?\s*¥?\s*(-?[\d,]+(?:\.\d+)?)\s*(?:[元圆][整正]?)?$/
/** What says nothing behind two decimals. */
const MORE_ZEROS = /(\.\d\d)0+$/

/**
 * "1,234人" → 1234, and 12.5 as it is, so that a whole number is asked for; `null` when it is no number. "1,5" is no 15: it
 * comes from where a comma stands for the point.
 */
function numberOf(text: string): number | null {
  const [, digits] = /^(-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)\s*[人名家户日]?$/.exec(text) ?? []
  return digits ? Number(digits.replaceAll(',', '')) : null
}

/** What stands between the items of a list: 电工及焊工, 电工 焊工. */
const BETWEEN_ITEMS = /[;,、|/\r\n]|(?<=\p{Script=Han})(?:\s+|以?(?<!普)及)(?=\p{Script=Han})/u

/** "1.电工 2.焊工" with a line for each: only where a list begins with its first number, as 高压2 says which. */
function unnumbered(text: string): string {
  return /^\(?1[.、)]/.test(text) ? text.replace(/\(?(?<!\d)\d{1,2}[.、)]\s*(?=\p{L})/gu, '\n') : text
}

function parts(text: string, marks: RegExp): string[] {
  return text
    .split(marks)
    .map((item) => item.trim())
    .filter((item) => item.length > 0)
}

/** A list written as JSON, as the sheet of rejected rows has it; `null` when the text is none. */
function jsonList(text: string): unknown {
  try {
    return text.startsWith('[') ? JSON.parse(text) : null
  } catch {
    return null
  }
}
