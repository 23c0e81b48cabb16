import { expect, test } from 'vitest'
import { codeLabelled } from '#domain/labels.ts'
import {
  ALSO_CALLED,
  CHANNEL_TITLES,
  SECTOR_TITLES,
  SEX_TITLES,
  STATUS_TITLES,
} from '#domain/signal-values.ts'

test.each([
  [SEX_TITLES, '女性', 'female'],
  [STATUS_TITLES.workers, 'Seeking  work', 'seeking'],
  [STATUS_TITLES.workers, 'EMPLOYED', 'employed'],
  [STATUS_TITLES.arrears, '已 办 结。', 'settled'],
  [STATUS_TITLES.arrears, '已立案', null],
  [CHANNEL_TITLES, '１２３４５', 'hotline12345'],
  [CHANNEL_TITLES, '来访', null],
  [SECTOR_TITLES, '农、林、牧、渔业', 'A'],
  [SECTOR_TITLES, '农林牧渔业', 'A'],
  [SECTOR_TITLES, 'F 批发和零售业', 'F'],
  [SECTOR_TITLES, '批发', null],
  [SECTOR_TITLES, '', null],
])('a label or another name means its code, and no name two: %#', (labels, text, code) => {
  expect(codeLabelled(labels, text)).toBe(code)
})

test('no other name belongs to two codes', () => {
  for (const [labels, names] of ALSO_CALLED)
    for (const [code, others] of Object.entries(names))
      expect(others.map((name) => codeLabelled(labels, name))).toEqual(others.map(() => code))
})
