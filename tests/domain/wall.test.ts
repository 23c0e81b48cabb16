import { expect, test } from 'vitest'
import { canonicalCode, newCode } from '#domain/wall.ts'

test('a code has eight characters, none of which can be taken for another', () => {
  const seen = new Set<string>()
  for (let i = 0; i < 21; i++) for (const one of newCode(() => i).replace('-', '')) seen.add(one)
  expect(seen.size).toBe(21)
  for (const alike of '0O1IL2Z5S6G8BUV') expect(seen).not.toContain(alike)
  expect(newCode((n) => n - 1)).toBe('YYYY-YYYY')
})

test.each([
  ['ACDE-3479', 'ACDE-3479'],
  [' acde 3479 ', 'ACDE-3479'],
  ['ａｃｄｅ３４７９', 'ACDE-3479'],
  ['A.C.D.E—3479', 'ACDE-3479'],
  ['ACDE-347', null],
  ['ACDE-34799', null],
  ['0CDE-3479', null],
  ['', null],
])('%s is read as %s', (typed, code) => expect(canonicalCode(typed)).toBe(code))
