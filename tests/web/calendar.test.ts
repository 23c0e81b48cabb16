import { describe, expect, it } from 'vitest'
import { agoOf, sinceText, waitedText } from '../../web/src/lib/clock.ts'
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

  it('aligns a day with the one equally far from the festival before', () => {
    expect(lunarYearMs(at('2026-11-24T12:00:00')) / 86_400_000).toBe(354)
    expect(lunarYearMs(at('2026-02-18T12:00:00')) / 86_400_000).toBe(354)
  })
})

describe('times', () => {
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
