import { DAY_MS, HOUR_MS, nextStart, startOf } from './time.ts'
import { isWorkingDay, workingDayEnd } from './working-day.ts'

/**
 * When a unit's reports are due. `every` null is never due. A period is a working day or a month of Asia/Shanghai; its
 * report is due `dueDays` after its end (`null`: by the end of the next day or month), where that is a day off by the end of
 * the next working day, and late `graceHours` after that. `sinceMs` is the registration: the period it falls in is the first
 * one due.
 */
export type Duty = {
  readonly every: 'day' | 'month' | null
  readonly dueDays: number | null
  readonly graceHours: number
  readonly sinceMs: number
}

/** How a unit kept its reports. `due` = `onTime` + `late` + `missing`; `rate` is `null` when none was due. */
export type Punctuality = {
  readonly due: number
  readonly onTime: number
  readonly late: number
  readonly missing: number
  readonly rate: number | null
}

/** Days over which punctuality is judged. */
export const PUNCTUALITY_DAYS = 90

type Every = { readonly every: 'day' | 'month' }

/** When the report of the period beginning at `startMs` is due, ms. */
export function dueOf({ every, dueDays }: Pick<Duty, 'dueDays'> & Every, startMs: number): number {
  const endMs = nextStart(every, startMs)
  return workingDayEnd(dueDays === null ? nextStart(every, endMs) : endMs + dueDays * DAY_MS)
}

/** The last instant at which the report of the period beginning at `startMs` is still on time, ms. */
export function deadlineOf(duty: Duty & Every, startMs: number): number {
  return dueOf(duty, startMs) + duty.graceHours * HOUR_MS
}

/** First instant of the period that `ms` lies in, or of the next one that is reported, ms. */
export function reportedFrom(every: 'day' | 'month', ms: number): number {
  let startMs = startOf(every, ms)
  while (!isReported(every, startMs)) startMs = nextStart(every, startMs)
  return startMs
}

/** Whether the period beginning at `startMs` is reported at all: of days, only working days are. */
export function isReported(every: 'day' | 'month', startMs: number): boolean {
  return every === 'month' || isWorkingDay(startMs)
}

/**
 * Punctuality over the reports whose deadline passed in the last `PUNCTUALITY_DAYS` before `nowMs`. `receivedAt` gives
 * the first receipt (ms) of the report of the period beginning at an instant, `null` when it never came: a report is
 * judged by when we learnt it, whatever it says it observed.
 */
export function judgePunctuality(
  duty: Duty,
  receivedAt: (periodStartMs: number) => number | null,
  nowMs: number,
): Punctuality {
  const counts = { due: 0, onTime: 0, late: 0, missing: 0 }
  const { every } = duty
  if (every === null) return { ...counts, rate: null }
  const first = startOf(every, Math.max(duty.sinceMs, nowMs - punctualityReachMs(duty.graceHours)))
  for (let startMs = first; startMs < nowMs; startMs = nextStart(every, startMs)) {
    if (!isReported(every, startMs)) continue
    const deadlineMs = deadlineOf({ ...duty, every }, startMs)
    if (deadlineMs >= nowMs || deadlineMs < nowMs - PUNCTUALITY_DAYS * DAY_MS) continue
    const receivedMs = receivedAt(startMs)
    counts.due += 1
    if (receivedMs === null) counts.missing += 1
    else if (receivedMs <= deadlineMs) counts.onTime += 1
    else counts.late += 1
  }
  return { ...counts, rate: counts.due === 0 ? null : counts.onTime / counts.due }
}

/** How far back a period can begin whose deadline still lies in the window, ms: the window, the longest period, delay and row of days off, the grace. */
export function punctualityReachMs(graceHours: number): number {
  return (PUNCTUALITY_DAYS + 31 + DUE_DAYS_MAX + DAYS_OFF_MAX) * DAY_MS + graceHours * HOUR_MS
}

/** No public holiday was longer, with the weekends beside it: ten days at the Spring Festival of 2020. */
const DAYS_OFF_MAX = 10

/** A report due later than this after its period would be of no use to anybody. */
export const DUE_DAYS_MAX = 62
