import { HOUR_MS } from '#domain/time.ts'
import { type CaseCalendar, monthOf, officeTime } from './calendar.ts'
import { type ArrearsRow, advance, type Case, isOpen, nextAt, openCase } from './case.ts'
import { CASES_BY_STATIONS, CASES_PER_YEAR } from './figures.ts'
import { COUNTIES } from './places.ts'
import { hashText, Random } from './random.ts'
import { NETWORK, type SourcePlan } from './sources.ts'
import type { TimedRow } from './workers.ts'

const STATIONS = NETWORK.filter((source) => source.role === 'station')
const DAYS_A_YEAR = 365.25

/** Cases an average day that a source reports: by the jobs in its county, or its part of what stations report. */
function casesPerDay(source: SourcePlan): number {
  const perDay = CASES_PER_YEAR / DAYS_A_YEAR
  if (source.role === 'station') return (perDay * CASES_BY_STATIONS) / STATIONS.length
  const county = COUNTIES.find(({ code }) => code === source.region)
  return source.role === 'county' ? perDay * (1 - CASES_BY_STATIONS) * (county?.jobShare ?? 0) : 0
}

/** The cases of a source in [from, until), each with all its observations before `until`, in order of their reports. */
export function* casesOf(
  seed: number,
  source: SourcePlan,
  calendar: CaseCalendar,
  until: number,
): Generator<{ life: TimedRow<ArrearsRow>[]; last: Case }> {
  const random = new Random(seed, hashText(source.slug, 0x61), 0)
  const count = random.poisson(casesPerDay(source) * calendar.averageDays)
  const times = Array.from({ length: count }, () => calendar.draw(random)).sort((a, b) => a - b)
  for (const [i, at] of times.entries()) {
    if (at >= until) break
    yield lifeOf(seed, source, i, at, until)
  }
}

function lifeOf(seed: number, source: SourcePlan, index: number, reportedAt: number, until: number) {
  const random = new Random(seed, hashText(source.slug, 0x63), index)
  const last = openCase(random, source, caseIdFor(source, reportedAt, index), reportedAt)
  const life = [{ at: reportedAt, row: last.row }]
  for (let at = reportedAt; isOpen(last); ) {
    at = Math.max(at + HOUR_MS, officeTime(nextAt(last, at), random))
    if (at >= until) break
    life.push({ at, row: advance(last, at) })
  }
  return { life, last }
}

/** “430481-202412-0006”: the office, the month, the number of the case there. */
function caseIdFor({ slug }: SourcePlan, at: number, index: number): string {
  return `${slug.slice(slug.indexOf('-') + 1)}-${monthOf(at).replace('-', '')}-${String(index + 1).padStart(4, '0')}`
}
