import type { Reason } from '#domain/reason.ts'
import type { Cell, FieldMeta } from '#domain/signal.ts'
import { halfWidth } from '#domain/text.ts'

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

/** The value of a cell for a field, or why it has none. Blank cells are not asked about. */
export function readCell(cell: SheetCell, meta: FieldMeta): { value: unknown } | { code: Reason } {
  if (typeof cell === 'string')
    return meta.cell === 'text' && POWER.test(cell) ? { code: 'digits_lost' } : { value: jsonOf(cell, meta) }
  if (typeof cell === 'boolean') return { value: meta.cell === 'boolean' ? cell : String(cell) }
  if ('error' in cell) return { code: cell.error === '' ? 'no_saved_value' : 'cell_error' }
  if (cell.isScaled && (meta.cell === 'yuan' || meta.cell === 'integer')) return { code: 'larger_unit' }
  const dated = dateOf(cell, meta.cell)
  if (dated !== null) return { value: dated }
  if (Math.abs(cell.number) >= EXACT_BELOW) return { code: 'digits_lost' }
  return { value: jsonOf(textOf(cell), meta) }
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

/** The JSON value of a text. One that does not fit its cell kind stays text, so that validation names it. */
function jsonOf(raw: string, meta: FieldMeta): unknown {
  const text = halfWidth(raw)
  switch (meta.cell) {
    case 'text':
      return meta.labels ? (codeOf(meta.labels, text) ?? raw) : raw
    case 'yuan':
      // "￥12,000" and "12000元"; a number of 万元 is none of yuan and stays text.
      return /^¥?\s*(-?[\d,]+(?:\.\d+)?)\s*元?$/.exec(text)?.[1] ?? raw
    case 'integer':
      return integerOf(text) ?? raw
    case 'boolean':
      return YES.has(text.toLowerCase()) ? true : NO.has(text.toLowerCase()) ? false : raw
    case 'list':
      return jsonList(text) ?? parts(text, /[;,、|]/)
    case 'regions':
      // "430522:5;430523:3": region and workers. One without workers is not one with none.
      return (
        jsonList(text) ??
        parts(text, /[;|]/).map((item) => {
          const [region, workers = ''] = item.split(':').map((part) => part.trim())
          return { region, workers: integerOf(workers) ?? workers }
        })
      )
    case 'instant':
      return dashed(text) ?? raw
    case 'date':
      return dashed(text) ?? monthOf(text) ?? raw
    case 'month':
    case 'period':
      return monthOf(text) ?? dashed(text) ?? raw
    default:
      return meta.cell satisfies never
  }
}

/** "1,234人" → 1234; `null` when it is no whole number. "1,5" is no 15: it comes from where a comma stands for the point. */
function integerOf(text: string): number | null {
  const [, digits] = /^(-?(?:\d+|\d{1,3}(?:,\d{3})+))(?:\.0+)?\s*[人名家户日]?$/.exec(text) ?? []
  return digits ? Number(digits.replaceAll(',', '')) : null
}

/**
 * "2026年3月", "2026.03" and "202603" → "2026-03". `null` for "2026.1": a spreadsheet makes it of a typed 2026.10 too, and the
 * report of October must not become that of January.
 */
function monthOf(text: string): string | null {
  const [, year, month] = /^((?:19|20)\d{2})[-./年]?(0?[1-9]|1[0-2])月?$/.exec(text) ?? []
  return year && month && !/\.1$/.test(text) ? `${year}-${month.padStart(2, '0')}` : null
}

/** "2026年11月1日 9:30", "2026.11.1" and "20261101" with dashes and two digits; `null` when the text is no such day. */
function dashed(text: string): string | null {
  const [, year, month, day, rest] =
    /^(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?(?:[ T]*(\d.*))?$/.exec(text) ??
    /^((?:19|20)\d{2})(\d{2})(\d{2})$/.exec(text) ??
    []
  if (!year || !month || !day) return null
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return rest ? `${date}T${rest.replace(/^(\d):/, '0$1:')}` : date
}

const codes = new WeakMap<object, Map<string, string>>()

/** The code of a label or of a code, in either language. */
function codeOf(labels: NonNullable<FieldMeta['labels']>, text: string): string | null {
  let known = codes.get(labels)
  if (!known) {
    known = new Map(
      Object.entries(labels).flatMap(([code, { zh, en }]) =>
        [zh, en.toLowerCase(), code.toLowerCase()].map((name) => [name, code] as const),
      ),
    )
    codes.set(labels, known)
  }
  return known.get(text.trim().toLowerCase()) ?? null
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
