import { describe, expect, it } from 'vitest'
import type { Alert, AlertChange } from '#domain/alert.ts'
import { DAY_MS } from '#domain/time.ts'
import { placeOf, scaleOf, siteOf, whatHappened } from '../../web/src/lib/alert-text.ts'
import type { Series } from '../../web/src/lib/api.ts'
import { freshnessOf, isDim } from '../../web/src/lib/freshness.ts'
import { daysBack, flowFigure, monthFigure, stockFigure } from '../../web/src/routes/(live)/wall/figures.ts'
import { topFlows } from '../../web/src/routes/(live)/wall/flows.ts'
import { alertsByPlace } from '../../web/src/routes/(live)/wall/marks.ts'
import { tickerLines } from '../../web/src/routes/(live)/wall/ticker.ts'
import { topSectors } from '../../web/src/routes/(live)/wall/top-sectors.ts'

const nowMs = Date.parse('2026-11-24T10:00:00+08:00')
const series = (rows: Series['rows']): Series => ({
  measure: 'arrears.recovered',
  unit: 'yuan',
  asOf: '',
  knownAt: null,
  rows,
})
const alert = (id: string, part: Partial<Alert> = {}): Alert => ({
  id,
  rule: 'D15',
  ruleVersion: 1,
  ruleTitle: { zh: '欠薪金额', en: 'Sum' },
  group: id,
  tier: 'red',
  state: 'open',
  value: '512000.00',
  unit: 'yuan',
  region: '430503',
  workRegions: [],
  homeRegions: [],
  sector: 'E',
  sectors: [],
  bySector: [],
  employer: '湖南某某建设工程有限公司',
  project: '',
  cases: 1,
  workers: 31,
  owed: '512000.00',
  since: '2026-11-24T08:00:00+08:00',
  openedAt: '2026-11-24T08:00:00+08:00',
  changedAt: '2026-11-24T08:00:00+08:00',
  resolvedAt: null,
  acknowledgedBy: null,
  isVerified: false,
  isAcross: false,
  isPart: false,
  ...part,
})
const words = (key: string, values: Record<string, string | number> = {}) =>
  [key, ...Object.values(values)].join(' ')

describe('a figure', () => {
  const days = daysBack(nowMs, 37)
  const at = (day: number) => new Date(days[day] ?? 0).toISOString()

  it('of a stock is the last day against a week before, null where nothing stood', () => {
    const answer = stockFigure(
      series([
        { t: at(29), value: 7 },
        { t: at(36), value: 9 },
      ]),
      days,
    )
    expect([answer.value, answer.before, answer.line.length]).toEqual([9, 7, 30])
    expect(stockFigure(series([]), days)).toMatchObject({ value: null, before: null, hidesBelow: null })
  })

  it('that rests on too few people says so, and is not the one that nobody reported', () => {
    const rows = [
      { t: at(29), value: 10 },
      { t: at(36), value: null, hidden: true as const },
    ]
    const answer = stockFigure({ ...series(rows), hidesBelow: 5 }, days)
    expect([answer.value, answer.hidesBelow, answer.before]).toEqual([null, 5, 10])
  })

  it('of a flow adds yuan to the fen over 30 days, against the 30 that ended a week ago', () => {
    const answer = flowFigure(
      series([
        { t: at(0), value: '0.10' },
        { t: at(7), value: '0.20' },
        { t: at(36), value: '-0.05' },
      ]),
      days,
    )
    expect([answer.value, answer.before]).toEqual(['0.15', '0.30'])
  })

  it('of a month is the last one that is over', () => {
    const month = (t: string, value: number) => ({ t: `${t}-01T00:00:00+08:00`, value })
    const answer = monthFigure(
      series([month('2026-09', 0.9), month('2026-10', 0.95), month('2026-11', 0.1)]),
      nowMs,
    )
    expect([answer.value, answer.before]).toEqual([0.95, 0.9])
    expect(answer.monthMs).toBe(Date.parse('2026-10-01T00:00:00+08:00'))
  })
})

describe('freshness', () => {
  const live = { kind: 'live' } as const

  it('says the worst first and dims only when figures may be wrong', () => {
    const store = { what: 'store', name: 'clickhouse', since: '2026-11-24T09:00:00+08:00' } as const
    const source = { what: 'source', name: '邵阳站', since: '2026-11-24T09:00:00+08:00' } as const
    expect(freshnessOf({ kind: 'lost', since: nowMs }, [store], nowMs, nowMs).kind).toBe('lost')
    expect(freshnessOf(live, [source, store], nowMs, nowMs).kind).toBe('store')
    expect(freshnessOf(live, [source], nowMs - 2 * DAY_MS, nowMs).kind).toBe('old')
    expect(freshnessOf(live, [source], nowMs, nowMs).kind).toBe('live')
    expect(isDim(freshnessOf({ kind: 'connecting' }, [], nowMs, nowMs))).toBe(false)
    expect(freshnessOf(live, [], null, nowMs).kind).toBe('live')
  })
})

describe('an alert in words', () => {
  it('says where and what, and who only of a verified case', () => {
    const whereOf = (region: string, lang: 'zh' | 'en', isAcross = false) =>
      placeOf(alert('a', { region, isAcross }), words, lang)
    expect(whereOf('430503', 'zh')).toBe('邵阳市 · 大祥区')
    expect(whereOf('433127', 'zh')).toBe('湘西州 · 永顺县')
    expect(whereOf('43', 'zh')).toBe('湖南省')
    expect(whereOf('4420', 'zh')).toBe('广东 · 中山市')
    expect(whereOf('440306', 'en')).toBe('Guangdong, Shenzhen')
    expect(whereOf('4301', 'zh', true)).toBe('alert.acrossCounties 长沙市')
    expect(whereOf('43', 'zh', true)).toBe('alert.acrossCities 湖南省')
    expect(whatHappened(alert('a'), words, 'zh')).toBe('alert.owedWorkers 51.2 万元 31')
    expect(whatHappened(alert('a', { rule: 'D14', value: '46' }), words, 'zh')).toBe('alert.gathering 46')
    expect(whatHappened(alert('a', { rule: 'D14', value: '0', state: 'resolved' }), words, 'zh')).toBe(
      'alert.dispersed',
    )
    expect(siteOf(alert('a'), words, 'zh')).toBe('湖南某公司')
    expect(siteOf(alert('a'), words, 'en')).toBe('alert.site.employer Construction')
    expect(siteOf(alert('a', { employer: '', project: '大祥区安置房二期' }), words, 'zh')).toBe('大祥某项目')
    expect(siteOf(alert('a', { employer: '' }), words, 'zh')).toBe('alert.site.employer 建筑')
    for (const lang of ['zh', 'en'] as const)
      expect(siteOf(alert('a', { isVerified: true }), words, lang)).toBe('湖南某某建设工程有限公司')
  })

  it('is told without a figure, over or not, to whom only a part of it belongs', () => {
    const part = { value: null, owed: null, workers: null, cases: null, isPart: true }
    for (const rule of ['D14', 'D15', 'other'])
      for (const state of ['open', 'resolved'] as const) {
        const one = alert('a', { rule, state, ...part })
        expect([whatHappened(one, words, 'zh'), scaleOf(one, words, 'zh')]).toEqual([
          'alert.part 欠薪金额',
          '',
        ])
      }
    expect(scaleOf(alert('a', { rule: 'D14', value: '46' }), words, 'zh')).toBe(
      'alert.workersOwed 31 51.2 万元',
    )
  })

  it('comes to the top by news, not by a value that moved inside its tier', () => {
    const entry = (seq: number, id: string, change: AlertChange, at: string) => ({
      seq,
      at,
      change,
      by: null,
      note: null,
      alert: alert(id),
    })
    const lines = tickerLines(
      [
        entry(3, 'a', 'updated', '2026-11-24T09:59:00+08:00'),
        entry(2, 'b', 'raised', '2026-11-24T09:00:00+08:00'),
      ],
      [alert('a'), alert('b')],
    )
    expect(lines.map(({ alert: { id }, change }) => [id, change])).toEqual([
      ['b', 'raised'],
      ['a', 'opened'],
    ])
  })

  it('is put on the map once a place, worst tier first, blue ones not at all', () => {
    const places = alertsByPlace([
      alert('a', { tier: 'yellow' }),
      alert('b', { tier: 'orange' }),
      alert('c', { tier: 'blue', region: '430102' }),
      alert('d', { region: '4301' }),
    ])
    expect(places).toEqual([
      { region: '4301', tier: 'red', ids: ['d'] },
      { region: '430503', tier: 'orange', ids: ['a', 'b'] },
    ])
  })
})

describe('where workers are', () => {
  it('adds the cities of a province and leaves out Hunan and the unknown', () => {
    const rows = [
      { home: '4305', work: '4401', value: 60 },
      { home: '4305', work: '4403', value: 40 },
      { home: '4305', work: '4301', value: 500 },
      { home: '4305', work: 'unknown', value: 9 },
      { home: 'unknown', work: '3301', value: 9 },
    ]
    expect(topFlows(rows)).toEqual({
      destinations: [{ code: '44', workers: 100 }],
      flows: [{ home: '4305', work: '44', workers: 100 }],
    })
  })

  it('shows six sectors and the rest as one', () => {
    const rows = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'unknown'].map((sector, i) => ({
      sector,
      value: 100 - i,
    }))
    expect(topSectors(rows).map(({ code }) => code)).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'other'])
    expect(topSectors(rows).at(-1)?.value).toBe(94 + 93)
  })
})
