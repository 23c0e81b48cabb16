import { earlierReports } from '#domain/earlier-report.ts'
import { halfWidth } from '#domain/text.ts'
import { parseInstant, toShanghaiIso } from '#domain/time.ts'
import { momentText } from '../../../lib/clock.ts'
import type { EarlierReport } from '../../../lib/units.ts'

/** A line that does not hold, from 1 on, and which part of it. */
export type LineFault = { readonly line: number; readonly part: 'period' | 'receivedAt' | 'list' }

const NEVER = { zh: '未报', en: 'never' } as const

/** Reports as they stand in the text area: one a line, its period and when it was received. */
export function textOf(reports: readonly EarlierReport[], lang: keyof typeof NEVER): string {
  return reports
    .map(
      ({ period, receivedAt }) =>
        `${period} ${receivedAt === null ? NEVER[lang] : momentText(Date.parse(receivedAt))}`,
    )
    .join('\n')
}

/** What the lines say, two columns of a sheet pasted in included; or the first line that does not hold. */
export function reportsOf(
  text: string,
  hereSinceMs: number,
  every: 'day' | 'month',
): { reports: EarlierReport[] } | { fault: LineFault } {
  const lines = text
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [{ line: i + 1, text: halfWidth(line).trim() }]))
  const reports = lines.map(({ text }) => {
    const [, period = '', received = ''] = /^(\S+?)[\s,;]+(.*)$/.exec(text) ?? [text, text]
    return { period: period.replaceAll('/', '-'), receivedAt: timeOf(received) }
  })
  const judged = earlierReports(() => hereSinceMs, every).safeParse(reports)
  if (judged.success) return { reports }
  const [{ path } = { path: [] }] = judged.error.issues
  const at =
    typeof path[0] === 'number'
      ? path[0]
      : reports.findLastIndex(({ period }, i) => reports.findIndex((one) => one.period === period) < i)
  return {
    fault: {
      line: lines[at]?.line ?? lines.length,
      part: typeof path[0] !== 'number' ? 'list' : path[1] === 'period' ? 'period' : 'receivedAt',
    },
  }
}

/** An instant of the text, as is what is none; `null` for never. */
function timeOf(text: string): string | null {
  if (Object.values(NEVER).some((never) => never === text.toLowerCase())) return null
  const ms = parseInstant(text)
  return ms === null ? text : toShanghaiIso(ms)
}
