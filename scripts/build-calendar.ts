import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * Builds `generated/working-days.json` from the pinned package `chinese-days`, which keeps the yearly notices of the State
 * Council on public holidays (国务院办公厅关于部分节假日安排的通知): days off between Monday and Friday, and Saturdays and
 * Sundays that are worked in their place (调休). `years` are those whose notice it has; a year's comes each November.
 */
const require = createRequire(import.meta.url)
const { holidays, workdays } = JSON.parse(
  readFileSync(require.resolve('chinese-days/dist/chinese-days.json'), 'utf8'),
) as Record<'holidays' | 'workdays', Record<string, string>>

/** Nothing is judged that fell due earlier. */
const FROM = '2024-01-01'
const isWeekend = (day: string) => new Date(day).getUTCDay() % 6 === 0
const since = (days: Record<string, string>) =>
  Object.keys(days)
    .filter((day) => day >= FROM)
    .sort()

const off = since(holidays).filter((day) => !isWeekend(day))
const worked = since(workdays).filter(isWeekend)
const years = [...new Set(off.map((day) => Number(day.slice(0, 4))))]

const OUT = join(import.meta.dirname, '..', 'generated')
mkdirSync(OUT, { recursive: true })
// Another process may be reading: the file is either the old one or the whole new one.
const partial = join(OUT, `working-days.json.${process.pid}`)
writeFileSync(partial, JSON.stringify({ years, off, worked }))
renameSync(partial, join(OUT, 'working-days.json'))
