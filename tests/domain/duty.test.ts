import { describe, expect, it } from 'vitest'
import { type Duty, deadlineOf, judgePunctuality } from '#domain/duty.ts'
import { DAY_MS, HOUR_MS, periodStart, shanghaiDay } from '#domain/time.ts'

const at = (text: string) => Date.parse(`${text}+08:00`)
const MONTHLY = { every: 'month', dueDays: 10, graceHours: 24, sinceMs: at('2026-01-15T09:00') } as const
const judge = (duty: Duty, received: Record<string, string>, now: string) =>
  judgePunctuality(
    duty,
    (startMs) => {
      const found = Object.entries(received).find(([period]) => periodStart(period) === startMs)
      return found ? at(found[1]) : null
    },
    at(now),
  )

describe('the deadline of a period', () => {
  it('is its end, the days it is due in and the grace, by the calendar of Asia/Shanghai', () => {
    // October ends with the first instant of November; ten days and one more day of grace: 2026-11-12 00:00.
    expect(deadlineOf(MONTHLY, periodStart('2026-10'))).toBe(at('2026-11-12T00:00'))
    expect(
      deadlineOf({ ...MONTHLY, every: 'day', dueDays: 1, graceHours: 12 }, periodStart('2026-02-28')),
    ).toBe(at('2026-03-03T12:00'))
  })
  it('without days is the end of the next period and the grace, as silence counts', () => {
    expect(deadlineOf({ ...MONTHLY, dueDays: null }, periodStart('2026-01'))).toBe(at('2026-03-02T00:00'))
    expect(
      deadlineOf({ ...MONTHLY, every: 'day', dueDays: null, graceHours: 0 }, periodStart('2026-11-02')),
    ).toBe(at('2026-11-04T00:00'))
  })
  it('on a day off is the end of the next working day, also of a Saturday that is worked in place of a holiday', () => {
    const due = (period: string, dueDays: number | null) =>
      shanghaiDay(
        deadlineOf(
          { ...MONTHLY, every: period.length === 7 ? 'month' : 'day', dueDays, graceHours: 0 },
          periodStart(period),
        ) - 1,
      )
    // Days: a Friday, the eve of National Day 2026 (1 to 7 October), 14 February 2026, a Saturday that is worked, before nine days off.
    expect(['2026-11-20', '2026-09-30', '2026-02-14'].map((day) => due(day, null))).toEqual([
      '2026-11-23',
      '2026-10-08',
      '2026-02-24',
    ])
    // Months: due on 5 October within the holiday, on 10 October, a worked Saturday, and by the end of January 2027, a Sunday.
    expect([due('2026-09', 5), due('2026-09', 10), due('2026-12', null)]).toEqual([
      '2026-10-08',
      '2026-10-10',
      '2027-02-01',
    ])
  })
})

describe('punctuality', () => {
  // Now 2026-11-24 09:00, window from 2026-08-26 09:00. Deadlines: July 08-12 (outside), August 09-12, September 10-12,
  // October 11-12, November 12-12 (not yet). Three were due.
  it('counts the reports whose deadline passed in the last 90 days: one on time, one late, one missing of three', () => {
    const received = {
      '2026-07': '2026-08-05T10:00',
      '2026-08': '2026-09-11T23:00',
      '2026-09': '2026-10-12T08:00',
      '2026-11': '2026-11-20T08:00',
    }
    expect(judge(MONTHLY, received, '2026-11-24T09:00')).toEqual({
      due: 3,
      onTime: 1,
      late: 1,
      missing: 1,
      rate: 1 / 3,
    })
  })
  it('is on time at the very deadline and late one minute after', () => {
    const now = '2026-11-24T09:00'
    const of = (october: string) =>
      judge({ ...MONTHLY, sinceMs: at('2026-10-31T23:59') }, { '2026-10': october }, now)
    expect(of('2026-11-12T00:00')).toEqual({ due: 1, onTime: 1, late: 0, missing: 0, rate: 1 })
    expect(of('2026-11-12T00:01')).toEqual({ due: 1, onTime: 0, late: 1, missing: 0, rate: 0 })
  })
  it('asks for nothing before the registration, and for the period it falls in first', () => {
    expect(judge({ ...MONTHLY, sinceMs: at('2026-11-01T00:00') }, {}, '2026-11-24T09:00').due).toBe(0)
    expect(judge({ ...MONTHLY, sinceMs: at('2026-10-31T23:00') }, {}, '2026-11-24T09:00').missing).toBe(1)
  })
  it('has no rate where nothing was due, not a full one', () => {
    expect(judge({ ...MONTHLY, every: null }, {}, '2026-11-24T09:00')).toEqual({
      due: 0,
      onTime: 0,
      late: 0,
      missing: 0,
      rate: null,
    })
    expect(judge({ ...MONTHLY, sinceMs: at('2026-11-20T00:00') }, {}, '2026-11-24T09:00').rate).toBeNull()
  })
  it('of a daily duty spans the working days of 90 days', () => {
    const daily: Duty = { every: 'day', dueDays: 1, graceHours: 12, sinceMs: at('2025-01-01T00:00') }
    // Deadlines at noon. The first after the window's start, 26 August 09:00, is that of Monday the 24th; the last before now
    // that of Thursday 19 November, as Friday's is Monday's end and noon of today. August 6, September 22 (the 25th is off, the
    // 20th worked), October 18 (1 to 7 off, the 10th worked), November 14.
    const all = judgePunctuality(daily, (startMs) => startMs + DAY_MS + HOUR_MS, at('2026-11-24T09:00'))
    expect(all).toEqual({ due: 60, onTime: 60, late: 0, missing: 0, rate: 1 })
  })
  it('still finds a deadline that a long grace puts far behind its period', () => {
    const patient: Duty = { every: 'month', dueDays: 62, graceHours: 8760, sinceMs: at('2020-01-01T00:00') }
    expect(judge(patient, {}, '2026-11-24T09:00').due).toBe(3)
  })
})
