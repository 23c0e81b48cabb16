import { describe, expect, it } from 'vitest'
import type { Alert, AlertChange } from '#domain/alert.ts'
import type { Answer, AnswerRow } from '#domain/measure.ts'
import { PREFECTURES } from '#domain/region.ts'
import { DAY_MS } from '#domain/time.ts'
import { placeOf, scaleOf, siteOf, whatHappened } from '../../web/src/lib/alert-text.ts'
import type { Series } from '../../web/src/lib/api.ts'
import { freshnessOf, isDim } from '../../web/src/lib/freshness.ts'
import {
  daysBack,
  figureOf,
  monthFigure,
  newestOf,
  windowText,
} from '../../web/src/routes/(live)/wall/figures.ts'
import { topFlows } from '../../web/src/routes/(live)/wall/flows.ts'
import { alertsByPlace } from '../../web/src/routes/(live)/wall/marks.ts'
import { rankingOf } from '../../web/src/routes/(live)/wall/ranking.ts'
import { tickerLines } from '../../web/src/routes/(live)/wall/ticker.ts'
import { topSectors } from '../../web/src/routes/(live)/wall/top-sectors.ts'

const nowMs = Date.parse('2026-11-24T10:00:00+08:00')
const series = (rows: Series['rows']): Series => ({
  measure: 'arrears.recovered',
  unit: 'yuan',
  asOf: '',
  knownAt: null,
  hidesBelow: null,
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
  const days = daysBack(nowMs, 30)
  const told = (value: string | number | null, over: Partial<Answer> = {}): Answer => ({
    ...series([]),
    asOf: '2026-11-24T10:00:00.000+08:00',
    rows: [value === null ? { value, hidden: true } : { value }],
    ...over,
  })
  const dayAt = (day: number, value: string | null) => ({ t: new Date(days[day] ?? 0).toISOString(), value })

  it('is what the whole span came to, whatever of its single days is hidden; the line leaves those out', () => {
    // 4,000 yuan on each of 12 days, which is too little to be told, and nothing on the other 18.
    const line = series(days.map((_, day) => dayAt(day, day < 12 ? null : '0.00')))
    const answer = figureOf(told('50000.00'), told('45000.00'), line)
    expect([answer.value, answer.before, answer.hidesBelow]).toEqual(['50000.00', '45000.00', null])
    expect(answer.line).toEqual(days.map((_, day) => (day < 12 ? null : 0)))
  })

  it('that rests on too few people says so, and is not the one that nobody reported', () => {
    const hidden = figureOf(told(null, { hidesBelow: 5 }), told(10), series([]))
    expect([hidden.value, hidden.hidesBelow, hidden.before]).toEqual([null, 5, 10])
    const absent = figureOf(told(0, { rows: [], hidesBelow: 5 }), told(0, { rows: [] }), series([]))
    expect([absent.value, absent.hidesBelow, absent.before]).toEqual([null, null, null])
  })

  it('is the one that was pushed only while that is newer than the answer', () => {
    const answer = figureOf(told(12), told(10), series([]))
    const pushedAt = (time: string) => ({
      value: 11,
      hidesBelow: null,
      atMs: Date.parse(`2026-11-24T${time}+08:00`),
    })
    expect(newestOf(answer, pushedAt('10:00:01'))?.value).toBe(11)
    expect(newestOf(answer, pushedAt('09:59:59'))?.value).toBe(12)
    expect(newestOf(answer, undefined)?.value).toBe(12)
    expect(newestOf(null, pushedAt('09:59:59'))?.value).toBe(11)
    expect(newestOf(null, undefined)).toBeNull()
  })

  it('of a month is the last one that is over', () => {
    const month = (t: string, value: number) => ({ t: `${t}-01T00:00:00+08:00`, value })
    const answer = monthFigure(
      series([month('2026-09', 0.9), month('2026-10', 0.95), month('2026-11', 0.1)]),
      nowMs,
    )
    expect([answer.value, answer.before]).toEqual([0.95, 0.9])
    expect(answer.monthMs).toBe(Date.parse('2026-10-01T00:00:00+08:00'))
    expect([windowText(answer, 'zh'), windowText(answer, 'en')]).toEqual(['2026 年 10 月', 'Oct 2026'])
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

  it('that stands is above every one that is over, whatever happened last', () => {
    const at = '2026-11-24T09:59:00+08:00'
    const over = {
      seq: 9,
      at,
      change: 'resolved' as const,
      by: null,
      note: null,
      alert: alert('z', { state: 'resolved' }),
    }
    expect(tickerLines([over], [alert('a')]).map((line) => line.alert.id)).toEqual(['a', 'z'])
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
  it('are by province, one that is known by no city too; Hunan and the unknown are left out', () => {
    const from = (home: string, work: string, value: number | null): AnswerRow => ({
      'home.city': home,
      'work.province': work,
      value,
    })
    const rows = [
      from('4305', '44', 1_000_000),
      from('4306', '44', null),
      from('4305', '43', 0),
      from('4305', 'unknown', 9),
      from('unknown', '33', 9),
      from('4201', '33', 9),
    ]
    expect(topFlows(rows)).toEqual({
      destinations: [{ code: '44', workers: 1_000_000 }],
      flows: [{ home: '4305', work: '44', workers: 1_000_000 }],
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

describe('what is owed by place', () => {
  const city = (code: string, value: string | null): AnswerRow =>
    value === null ? { 'work.city': code, value, hidden: true } : { 'work.city': code, value }
  const province = (code: string, value: string | null): AnswerRow =>
    value === null ? { 'work.province': code, value, hidden: true } : { 'work.province': code, value }
  const lineOf = (cities: AnswerRow[], provinces: AnswerRow[], code: string) =>
    rankingOf(cities, provinces).find((line) => line.code === code)

  it('is elsewhere only where the province is another; where the city is not told it stands by itself', () => {
    const cities = [city('4305', '10.10'), city('unknown', '7.00')]
    const provinces = [province('43', '17.10'), province('44', '0.10'), province('33', '0.20')]
    expect(lineOf(cities, provinces, 'elsewhere')).toEqual({
      code: 'elsewhere',
      yuan: '0.30',
      isHidden: false,
    })
    expect(lineOf(cities, provinces, 'unplaced')).toEqual({ code: 'unplaced', yuan: '7.00', isHidden: false })
    expect(
      rankingOf(cities, provinces)
        .map(({ code }) => code)
        .slice(0, 1),
    ).toEqual(['4305'])
    expect(rankingOf([], []).map(({ code }) => code)).toEqual([...PREFECTURES, 'elsewhere'])
  })

  it('tells what is hidden from what nobody reported and from zero', () => {
    const cities = [city('4305', null), city('4301', '0.00'), city('unknown', null)]
    const provinces = [province('44', null), province('33', null)]
    expect(rankingOf(cities, provinces).map(({ code }) => code)).toEqual([
      '4301',
      '4305',
      ...PREFECTURES.filter((code) => code !== '4301' && code !== '4305'),
      'unplaced',
      'elsewhere',
    ])
    for (const code of ['4305', 'unplaced', 'elsewhere'])
      expect(lineOf(cities, provinces, code)).toEqual({ code, yuan: null, isHidden: true })
    expect(lineOf(cities, provinces, '4302')).toEqual({ code: '4302', yuan: null, isHidden: false })
    // Of several places what is told is the sum, though some are hidden.
    expect(lineOf([], [province('44', null), province('33', '5.00')], 'elsewhere')?.yuan).toBe('5.00')
  })
})
