import { describe, expect, it } from 'vitest'
import { cellText, rowsAsText, rowsFor } from '../../web/src/routes/(live)/map/rows.ts'
import {
  addressOf,
  monthsText,
  spansOf,
  splitOf,
  timesOf,
  upFrom,
  viewFrom,
  withMeasure,
} from '../../web/src/routes/(live)/map/view.ts'

const view = (query: string) => viewFrom(new URLSearchParams(query))

describe('the address of the analyst’s page', () => {
  it('restores the view it was made from', () => {
    const query = 'region=430421&measure=workers.count&by=work&sector=E&at=2026-10-01&sort=name'
    expect(addressOf(view(query))).toBe(`/map?${query}`)
    expect(addressOf(view(''))).toBe('/map')
  })

  it('falls back where it cannot be read or does not fit the measure', () => {
    expect(view('region=44')).toMatchObject({ region: '43' })
    expect(view('region=430000')).toMatchObject({ region: '43' })
    expect(view('measure=nonsense&at=2026-02-30&span=8')).toMatchObject({
      measure: 'arrears.owed',
      at: null,
      span: 30,
    })
    expect(view('measure=arrears.owed&by=home').role).toBe('work')
    expect(view('measure=sources.silent&sector=E').sector).toBeNull()
  })

  it('drops the side that another measure does not know', () => {
    const home = view('measure=workers.count')
    expect(home.role).toBe('home')
    expect(withMeasure(home, 'arrears.owed').role).toBe('work')
    expect(withMeasure(home, 'arrears.workers').role).toBe('home')
  })

  it('splits a region by the next level, and only where the measure knows it', () => {
    expect(splitOf(view(''))).toBe('work.city')
    expect(splitOf(view('detail=county'))).toBe('work.county')
    expect(splitOf(view('region=4304'))).toBe('work.county')
    expect(splitOf(view('region=430421'))).toBe('work.township')
    expect(splitOf(view('region=430421&measure=sources.silent'))).toBeNull()
  })

  it('goes up one level and stops at the province', () => {
    expect(upFrom(view('region=430421'))?.region).toBe('4304')
    expect(upFrom(view('region=43'))).toBeNull()
  })

  it('asks for the whole of a day in Asia/Shanghai and never for the future', () => {
    const nowMs = Date.parse('2026-11-24T10:00:00+08:00')
    expect(timesOf(view('at=2026-10-01'), nowMs).now).toEqual({ at: '2026-10-01T15:59:59.999Z' })
    expect(timesOf(view('at=2026-12-01'), nowMs).endMs).toBe(nowMs)
    expect(timesOf(view('measure=arrears.newCases&span=7'), nowMs)).toMatchObject({
      now: { from: '2026-11-17T02:00:00.000Z', to: '2026-11-24T02:00:00.000Z' },
      before: { from: '2026-11-10T02:00:00.000Z', to: '2026-11-17T02:00:00.000Z' },
    })
    expect(timesOf(view('measure=arrears.newCases&span=7&at=2026-11-20'), nowMs).now).toEqual({
      from: '2026-11-13T16:00:00.000Z',
      to: '2026-11-20T16:00:00.000Z',
    })
  })
})

describe('flows of what points report, by the month or by the day', () => {
  const spans = (query: string, now: string) => {
    const times = timesOf(view(`measure=industry.hires&${query}`), Date.parse(now))
    return [times.before.from, times.before.to, times.now.from, times.now.to]
  }
  /** First instants of months, in the order asked. */
  const starts = (...months: string[]) =>
    months.map((month) => new Date(`${month}-01T00:00:00+08:00`).toISOString())

  it('are compared over the same number of whole months, the last of them over', () => {
    // November is not over: August to October against May to July.
    expect(spans('', '2026-11-24T10:00:00+08:00')).toEqual(starts('2026-05', '2026-08', '2026-08', '2026-11'))
    // On a month's last day that month is complete.
    expect(spans('at=2026-10-31&span=30', '2026-11-24T10:00:00+08:00')).toEqual(
      starts('2026-09', '2026-10', '2026-10', '2026-11'),
    )
    expect(spans('at=2026-11-30', '2026-12-09T10:00:00+08:00')).toEqual(
      starts('2026-06', '2026-09', '2026-09', '2026-12'),
    )
    expect(spans('at=2026-03-01&span=365', '2026-12-09T10:00:00+08:00')).toEqual(
      starts('2024-03', '2025-03', '2025-03', '2026-03'),
    )
  })

  it('say which months they are', () => {
    const { months } = timesOf(view('measure=industry.departures'), Date.parse('2026-11-24T10:00:00+08:00'))
    expect(months && monthsText(months.fromMs, months.toMs)).toBe('2026-08 – 2026-10')
    expect(months && monthsText(months.fromMs, Date.parse('2026-09-01T00:00:00+08:00'))).toBe('2026-08')
    expect(timesOf(view('measure=arrears.newCases'), Date.now()).months).toBeNull()
  })

  it('know no span shorter than a month', () => {
    expect(spansOf('industry.wagePaidShare')).toEqual([30, 90, 365])
    expect(view('measure=industry.hires&span=7').span).toBe(90)
    expect(spansOf('arrears.newCases')).toEqual([7, 30, 90, 365])
  })
})

describe('the table', () => {
  const answered = [
    { 'work.city': '4301', value: '100.00' },
    { 'work.city': '4302', value: '300.00' },
    { 'work.city': 'unknown', value: '900.00' },
  ]
  const before = [
    { 'work.city': '4301', value: '50.00' },
    { 'work.city': '4302', value: '400.00' },
  ]

  it('has a line for every region, those without data last and the unknown place after them', () => {
    const rows = rowsFor(view(''), 'work.city', answered, before)
    expect(rows).toHaveLength(15)
    expect(rows.slice(0, 2).map(({ code }) => code)).toEqual(['4302', '4301'])
    expect(rows[2]).toMatchObject({ value: null, before: null })
    expect(rows.at(-1)?.code).toBe('unknown')
  })

  it('sorts by relative change', () => {
    const rows = rowsFor(view('sort=-change'), 'work.city', answered, before)
    expect(rows.slice(0, 2).map(({ code }) => code)).toEqual(['4301', '4302'])
  })

  it('aligns decimals and leaves exact values for the clipboard', () => {
    expect([cellText('5123456.78', 'yuan'), cellText('100.00', 'yuan'), cellText(null, 'yuan')]).toEqual([
      '512.35',
      '0.01',
      '—',
    ])
    const [row] = rowsFor(view(''), 'work.city', [{ 'work.city': '4301', value: '5123456.78' }], [])
    expect(rowsAsText(row ? [row] : [], ['code', '地区', '元', '上周'], '已隐藏', 'zh')).toBe(
      'code\t地区\t元\t上周\n4301\t长沙市\t5123456.78\t',
    )
  })

  it('keeps what is hidden apart from what nobody reported: in its order, and on the clipboard', () => {
    const hidden = (code: string) => ({ 'work.city': code, value: null, hidden: true as const })
    const rows = rowsFor(
      view(''),
      'work.city',
      [...answered, hidden('4309')],
      [hidden('4302'), hidden('4309')],
    )
    expect(rows.slice(0, 4).map(({ code }) => code)).toEqual(['4302', '4301', '4309', '4303'])
    expect(rows[2]).toMatchObject({ value: null, isHidden: true, wasHidden: true })
    expect(rows[3]).toMatchObject({ value: null, isHidden: false, wasHidden: false })
    expect(rowsAsText(rows.slice(0, 4), ['code', '地区', '元', '上周'], '已隐藏', 'zh').split('\n')).toEqual([
      'code\t地区\t元\t上周',
      '4302\t株洲市\t300.00\t已隐藏',
      '4301\t长沙市\t100.00\t',
      '4309\t益阳市\t已隐藏\t已隐藏',
      '4303\t湘潭市\t\t',
    ])
  })
})
