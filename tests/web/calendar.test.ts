import { describe, expect, it } from 'vitest'
import { DAY_MS, shanghaiDay } from '#domain/time.ts'
import { agoOf, monthText, sinceText, waitedText, yearMonthText } from '../../web/src/lib/clock.ts'
import { daysToSpringFestival, lunarYearMs, springFestivalOf } from '../../web/src/lib/lunar.ts'

const at = (text: string) => Date.parse(`${text}+08:00`)

describe('Spring Festival', () => {
  it('falls on the days the calendar office has published', () => {
    expect([2024, 2025, 2026, 2027].map(springFestivalOf)).toEqual([
      '2024-02-10',
      '2025-01-29',
      '2026-02-17',
      '2027-02-06',
    ])
  })

  it('is counted in days of Asia/Shanghai and is 0 on the day itself', () => {
    expect(daysToSpringFestival(at('2026-11-24T00:00:01'))).toBe(74)
    expect(daysToSpringFestival(at('2026-11-23T23:59:59'))).toBe(75)
    expect(daysToSpringFestival(at('2027-02-06T12:00:00'))).toBe(0)
    expect(daysToSpringFestival(at('2027-02-07T00:00:00'))).toBe(353)
  })

  it('aligns a day with that of the same lunar month and number a year before', () => {
    const dayBefore = (day: string) => {
      const noon = at(`${day}T12:00:00`)
      return shanghaiDay(noon - lunarYearMs(noon))
    }
    const pairs = [
      // The eve, the first and the second day of the first month of 2026 and of 2025.
      ['2026-02-16', '2025-01-28'],
      ['2026-02-17', '2025-01-29'],
      ['2026-02-18', '2025-01-30'],
      // The second of the first month of 2028 (2028-01-26 is the first) and of 2027.
      ['2028-01-27', '2027-02-07'],
      // 2025 had its sixth month twice, from 06-25 and from 07-25: both are compared with that of 2024, from 07-06.
      ['2025-07-01', '2024-07-12'],
      ['2025-07-31', '2024-07-12'],
      // The seventh month after it (2025-08-23) meets the seventh (2024-08-04); in 2026 (08-13) it is the other way.
      ['2025-08-23', '2024-08-04'],
      ['2026-08-13', '2025-08-23'],
      // The 30th of the twelfth month of 2022: that of 2021 ended with the 29th, so eve meets eve.
      ['2023-01-21', '2022-01-31'],
      // The 29th of the second month, which no common year of the Gregorian calendar has.
      ['2026-04-16', '2025-03-28'],
    ] as const
    expect(pairs.map(([day]) => [day, dayBefore(day)])).toEqual(pairs)
  })

  it('finds for every day one that lies twelve or thirteen lunar months before', () => {
    for (let ms = at('2020-01-01T12:00:00'); ms < at('2050-01-01T12:00:00'); ms += DAY_MS)
      expect([353, 354, 355, 383, 384, 385], shanghaiDay(ms)).toContain(lunarYearMs(ms) / DAY_MS)
  })
})

describe('times', () => {
  it('name a month with its year, in January too', () => {
    const months = [at('2027-01-01T00:00:00'), at('2026-12-31T23:59:59')]
    expect(months.map((ms) => yearMonthText(ms, 'zh'))).toEqual(['2027 年 1 月', '2026 年 12 月'])
    expect(months.map((ms) => yearMonthText(ms, 'en'))).toEqual(['Jan 2027', 'Dec 2026'])
    expect(months.map((ms) => monthText(ms, 'zh'))).toEqual(['2027 年', '12 月'])
    expect(months.map((ms) => monthText(ms, 'en'))).toEqual(['Jan 2027', 'Dec'])
  })

  const now = at('2026-11-24T14:00:00')

  it('are relative up to an hour, then absolute', () => {
    expect(agoOf(now - 59_000, now)).toEqual({ kind: 'now' })
    expect(agoOf(now - 5 * 60_000, now)).toEqual({ kind: 'minutes', minutes: 5 })
    expect(agoOf(at('2026-11-24T09:05:00'), now)).toEqual({ kind: 'at', text: '09:05' })
    expect(agoOf(at('2026-11-23T09:05:00'), now)).toEqual({ kind: 'at', text: '11-23 09:05' })
    expect(agoOf(at('2025-12-31T23:59:00'), now)).toEqual({ kind: 'at', text: '2025-12-31' })
  })

  it('carry their date on another day', () => {
    expect(sinceText(at('2026-11-24T13:59:58'), now)).toBe('13:59:58')
    expect(sinceText(at('2026-11-22T13:59:58'), now)).toBe('11-22 13:59')
    expect(sinceText(at('2025-12-31T13:59:58'), now)).toBe('2025-12-31')
  })

  it('of waiting are hours and minutes, and days from 100 hours on', () => {
    expect(waitedText(38 * 60_000)).toEqual({ text: '00:38', isDays: false })
    expect(waitedText(99 * 3_600_000)).toEqual({ text: '99:00', isDays: false })
    expect(waitedText(121 * 3_600_000)).toEqual({ text: '5', isDays: true })
  })
})
