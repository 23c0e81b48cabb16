import { type Duty, deadlineOf, isReported, PUNCTUALITY_DAYS, punctualityReachMs } from '#domain/duty.ts'
import { DAY_MS, HOUR_MS, nextStart, periodStart, startOf } from '#domain/time.ts'
import { isoOf, monthOf } from './calendar.ts'
import { isoDay } from './industry.ts'
import { randomFor, Weighted } from './random.ts'
import { graceHoursFor, historyEnd, type SourcePlan } from './sources.ts'

/** A report that was due before the unit joined, and when the system before had it; `null`: never. */
export type EarlierReport = { period: string; receivedAt: string | null }
type Outcome = 'onTime' | 'late' | 'missing'

/** How units keep their dates: most do, some are careless, a few have to be urged every month. */
const HABITS = new Weighted<Weighted<Outcome>>([
  [outcomes(98, 2, 0), 78],
  [outcomes(78, 17, 5), 15],
  [outcomes(45, 35, 20), 7],
])
const LATE_DAYS_MAX = 8
/** Days after a period's end by which a report is due that the network expects daily, or monthly. */
export const DUE_DAYS = { day: 1, month: 10 } as const

/** What became of every report that a source owed over the days by which punctuality is judged, before it joined at `now`. */
export function earlierReportsOf(source: SourcePlan, now: number): EarlierReport[] {
  const { dueEvery: every } = source
  if (every === null) return []
  const duty = { every, dueDays: DUE_DAYS[every], graceHours: graceHoursFor(source, now), sinceMs: now }
  const reports: EarlierReport[] = []
  const first = nextStart(every, startOf(every, now - punctualityReachMs(duty.graceHours)))
  for (let start = first; nextStart(every, start) <= now; start = nextStart(every, start))
    if (isReported(every, start) && deadlineOf(duty, start) >= now - PUNCTUALITY_DAYS * DAY_MS)
      reports.push({ period: periodOf(every, start), receivedAt: receiptOf(source, duty, start, now) })
  return reports
}

/** Whether the report of a period never came: then the history does not have it, either. */
export function isMissing(source: SourcePlan, period: string): boolean {
  return source.role === 'point' && outcomeOf(source, periodStart(period)) === 'missing'
}

function receiptOf(
  source: SourcePlan,
  duty: Duty & { every: 'day' | 'month' },
  start: number,
  now: number,
): string | null {
  const random = randomFor(0, `receipt ${source.slug}`, start / DAY_MS)
  const end = nextStart(duty.every, start)
  const outcome = outcomeOf(source, start)
  const days = duty.every === 'day' ? 0 : 3 + random.below(5)
  const morning = end + days * DAY_MS + 9 * HOUR_MS + random.below(HOUR_MS)
  const late =
    deadlineOf(duty, start) + random.between(0.1, duty.every === 'day' ? 2 : LATE_DAYS_MAX) * DAY_MS
  const at = outcome === 'onTime' ? morning : late
  return outcome === 'missing' || at > historyEnd(source.slug, now) ? null : isoOf(at)
}

/** The same for a source and period whatever the seed, as what is missing is missing in every history. */
function outcomeOf(source: SourcePlan, start: number): Outcome {
  const drawn = draw(source, start)
  if (drawn !== 'missing') return drawn
  // An office sends observations, and whatever came later holds for the period as well.
  if (source.role !== 'point') return 'late'
  // A month that is missing, or two days in a row, would be silence.
  if (source.dueEvery !== 'day') return 'onTime'
  return draw(source, startOf('day', start - 1)) === 'missing' ? 'late' : 'missing'
}

function draw({ slug }: SourcePlan, start: number): Outcome {
  const habit = HABITS.draw(randomFor(0, `habit ${slug}`))
  return habit.draw(randomFor(0, `outcome ${slug}`, start / DAY_MS))
}

function outcomes(onTime: number, late: number, missing: number): Weighted<Outcome> {
  return new Weighted<Outcome>([
    ['onTime', onTime],
    ['late', late],
    ['missing', missing],
  ])
}

const periodOf = (every: 'day' | 'month', start: number) => (every === 'day' ? isoDay(start) : monthOf(start))
