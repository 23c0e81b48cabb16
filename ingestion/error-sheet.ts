import { csvLine } from '#domain/csv.ts'
import { faultMessage } from '#domain/reason.ts'
import type { Lang } from '#domain/text.ts'
import type { RejectedRow } from './accept.ts'

/** The sender's rows with the reasons in a last column, ready to correct and send again. */
export function errorSheet(rejected: readonly RejectedRow[], lang: Lang): string {
  const values = rejected.map(({ value }) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : { row: value },
  )
  const columns = [...new Set(values.flatMap((value) => Object.keys(value)))]
  const reasons = rejected.map(({ faults }) =>
    faults.map((fault) => `${fault.path}: ${faultMessage(fault, lang)}`).join('; '),
  )
  const lines = values.map((value, i) => csvLine([...columns.map((column) => value[column]), reasons[i]]))
  return `\ufeff${[csvLine([...columns, lang === 'zh' ? '原因' : 'reason']), ...lines].join('\r\n')}\r\n`
}
