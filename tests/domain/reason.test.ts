import { expect, test } from 'vitest'
import { faultMessage } from '#domain/reason.ts'

test.each([
  ['4305 < 2026-10-01T00:00', '邵阳市2026年10月1日之前', 'Shaoyang, before October 1, 2026'],
  [
    '430503 < 2026-10-01T17:30',
    '大祥区2026年10月1日 17:30之前',
    'Daxiang District, before October 1, 2026 17:30',
  ],
  ['43 < 2027-01-01T00:00', '湖南省2027年1月1日之前', 'Hunan, before January 1, 2027'],
])('a closed period is told by its place and day: %s', (detail, zh, en) => {
  const fault = { path: 'observedAt', code: 'period_locked', detail } as const
  expect(faultMessage(fault, 'zh')).toBe(`${zh}已封账，不再接收迟报；确需补报请管理员为本来源设例外`)
  expect(faultMessage(fault, 'en')).toBe(
    `Closed for late data: ${en}; ask the administrator for an exception for this source`,
  )
})

test('a detail is put into the message as it is, whatever stands in it', () => {
  expect(faultMessage({ path: 'note', code: 'too_long', detail: '$& {}' }, 'en')).toBe(
    'Too long; the limit is $& {}',
  )
  expect(faultMessage({ path: 'owed', code: 'wrong_format', detail: '1234.50' }, 'zh')).toBe(
    '格式不对，应为最多两位小数的金额 (1234.50)',
  )
  expect(faultMessage({ path: 'status', code: 'unknown_value', detail: 'reported, verified' }, 'zh')).toMatch(
    /已受理 \(reported\)、.+ \(verified\)/,
  )
})
