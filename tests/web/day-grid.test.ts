import { describe, expect, test } from 'vitest'
import {
  dayAfterKey,
  dayFrom,
  monthsLater,
  monthTitle,
  weekdayTitles,
  weeksOf,
} from '../../web/src/lib/day-grid.ts'

test.each([
  ['2026-11-28', '2026-11-28'],
  ['2026/1/8', '2026-01-08'],
  ['20260228', '2026-02-28'],
  ['2026 年 2 月 8 日', '2026-02-08'],
  ['2026-02-29', null],
  ['28.11.2026', null],
  ['2026-11', null],
])('what is typed as %s is %s', (typed, day) => {
  expect(dayFrom(typed)).toBe(day)
})

test('a month is its weeks from Monday, without days of its neighbours', () => {
  const weeks = weeksOf('2026-11-28')
  // The first of November 2026 is a Sunday, the last a Monday.
  expect(weeks[0]).toEqual([null, null, null, null, null, null, '2026-11-01'])
  expect(weeks.at(-1)).toEqual(['2026-11-30', null, null, null, null, null, null])
  expect(weeks.flat().filter((day) => day !== null)).toHaveLength(30)
  expect(weeksOf('2027-02-05')).toHaveLength(4)
})

describe('keys', () => {
  test.each([
    ['ArrowLeft', '2026-11-27'],
    ['ArrowDown', '2026-12-05'],
    ['Home', '2026-11-23'],
    ['End', '2026-11-29'],
    ['PageUp', '2026-10-28'],
    ['PageDown', '2026-12-28'],
    ['Enter', null],
  ])('%s leads to %s', (key, day) => {
    expect(dayAfterKey('2026-11-28', key)).toBe(day)
  })

  test('a shorter month ends at its last day', () => {
    expect(monthsLater('2026-01-31', 1)).toBe('2026-02-28')
    expect(monthsLater('2026-01-31', -2)).toBe('2025-11-30')
  })
})

test('speaks the language of the page', () => {
  expect([monthTitle('2026-11-28', 'zh'), monthTitle('2026-11-28', 'en')]).toEqual([
    '2026年11月',
    'November 2026',
  ])
  expect(weekdayTitles('zh').join('')).toBe('一二三四五六日')
  expect(weekdayTitles('en')[0]).toBe('Mon')
})
