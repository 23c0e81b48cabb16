import { expect, test } from 'vitest'
import { reportsOf, textOf } from '../../web/src/routes/(live)/registry/earlier-text.ts'

const REGISTERED = Date.parse('2026-11-20T10:00:00+08:00')

test('reads a period and a time from each line, as typed, or pasted from two columns', () => {
  const months = '2026-08 2026-09-08 09:30\n\n2026-09\t2026/10/9 8:05\n2026/10，2026-11-06\u200b'
  expect(reportsOf(months, REGISTERED, 'month')).toEqual({
    reports: [
      { period: '2026-08', receivedAt: '2026-09-08T09:30:00.000+08:00' },
      { period: '2026-09', receivedAt: '2026-10-09T08:05:00.000+08:00' },
      { period: '2026-10', receivedAt: '2026-11-06T00:00:00.000+08:00' },
    ],
  })
  expect(reportsOf('2026-11-18 未报\r\n2026-11-19 Never\n', REGISTERED, 'day')).toEqual({
    reports: [
      { period: '2026-11-18', receivedAt: null },
      { period: '2026-11-19', receivedAt: null },
    ],
  })
  expect(reportsOf(' \n', REGISTERED, 'month')).toEqual({ reports: [] })
})

test.each(['zh', 'en'] as const)('reads in %s what it wrote', (lang) => {
  const reports = [
    { period: '2026-09', receivedAt: '2026-10-08T09:30:15.000+08:00' },
    { period: '2026-10', receivedAt: null },
  ]
  expect(reportsOf(textOf(reports, lang), REGISTERED, 'month')).toEqual({ reports })
})

test.each([
  ['2026-10 未报\n2026-13 未报', { line: 2, part: 'period' }],
  ['十月 未报', { line: 1, part: 'period' }],
  // It was not over when the unit was registered: its report is sent here.
  ['2026-11 未报', { line: 1, part: 'period' }],
  ['\n2026-10', { line: 2, part: 'receivedAt' }],
  ['2026-10 十一月五日', { line: 1, part: 'receivedAt' }],
  ['2026-10 2026-09-30', { line: 1, part: 'receivedAt' }],
  ['2026-10 2099-01-01', { line: 1, part: 'receivedAt' }],
  ['2026-09 未报\n2026-10 未报\n2026-09 2026-10-08', { line: 3, part: 'list' }],
])('names the line of %j that does not hold', (text, fault) => {
  expect(reportsOf(text, REGISTERED, 'month')).toEqual({ fault })
})

test.each([
  ['month', '2026-09 未报\n2026-10-15 未报'],
  ['day', '2026-11-18 未报\n2026-10 未报'],
] as const)('names the line whose period is not owed by the %s', (every, text) => {
  expect(reportsOf(text, REGISTERED, every)).toEqual({ fault: { line: 2, part: 'period' } })
})
