import { expect, test } from 'vitest'
import { blankMarkOf } from '#domain/blank-marks.ts'
import { SIGNALS } from '#domain/signal.ts'
import { arrears, industry, worker } from '../support/signals.ts'

test.each([
  [
    'nothing',
    [
      '无',
      ' 无 ',
      '/',
      '／',
      '\\',
      '＼',
      '-',
      '--',
      '—',
      '——',
      '–',
      '－',
      'N/A',
      'n/a',
      'NULL',
      '空',
      '暂无',
    ],
  ],
  ['asAbove', ['同上', '同 上', '〃', '"', '＂', '”']],
  ['notKnown', ['不详', '待定', '不清楚']],
  [null, ['', '无为市', '无锡', '空调', '1-2', '-5', '甲/乙', 'NA', '详见附件', '同上海公司', '0', '——甲——']],
])('%s', (mark, texts) => {
  expect(texts.map((text) => [text, blankMarkOf(text)])).toEqual(texts.map((text) => [text, mark]))
})

test.each(['无', ' / ', '—', 'N/A', '\u200b无', ''])(
  'in JSON, too, it names no household, firm or project: %j',
  (mark) => {
    const housed = worker({ homeRegion: '430522100', household: mark, employer: mark, project: mark })
    expect(SIGNALS.workers.parse(housed)).toMatchObject({ household: '', employer: '', project: '' })
    expect(SIGNALS.arrears.parse(arrears({ project: mark })).project).toBe('')
    expect(SIGNALS.industry.parse(industry({ project: mark })).project).toBe('')
  },
)
