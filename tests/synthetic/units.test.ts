import { describe, expect, test } from 'vitest'
import { judgePunctuality } from '#domain/duty.ts'
import { areaOf, Unit } from '#domain/organisation.ts'
import { DAY_MS, periodEnd, shanghaiDay } from '#domain/time.ts'
import { NewUnits } from '../../api/routes/new-unit.ts'
import { DUE_DAYS, earlierReportsOf } from '../../scripts/synthetic/earlier-reports.ts'
import type { IndustryRow } from '../../scripts/synthetic/industry.ts'
import { graceHoursFor, historyEnd, NETWORK, type SourcePlan } from '../../scripts/synthetic/sources.ts'
import { REPORTER, unitsOf } from '../../scripts/synthetic/units.ts'
import { batchesOf, history, NOW } from './support.ts'

const made = unitsOf(new Map(NETWORK.map(({ slug }) => [slug, `src-${slug}`])), NOW)
const units = made.map(({ duty: _, earlierReports: __, ...unit }) => Unit.parse(unit))

test('every source of the network is the source of one unit, and every unit is one that the registry takes', () => {
  const sources = units.flatMap(({ sourceId }) => sourceId ?? [])
  expect(new Set(sources).size).toBe(NETWORK.length)
  expect(sources).toHaveLength(NETWORK.length)
  expect(units.find(({ pointId }) => pointId === REPORTER.pointId)).toMatchObject({
    kind: 'park',
    rank: 'provincial',
  })
})

test('the network is that of domain research §5: five provincial stations, one an area, parks of three ranks, five trades', () => {
  const stations = units.filter((unit) => unit.kind === 'station')
  const provincial = stations.filter(({ rank }) => rank === 'province').map(({ region }) => areaOf(region))
  expect(provincial.sort()).toEqual(['capital', 'fujian', 'hubei', 'pearlDelta', 'yangtzeDelta'])
  // Each of the 14 prefectures has at least one of its own.
  expect(
    new Set(stations.filter(({ rank }) => rank === 'city').map(({ ownerRegion }) => ownerRegion)).size,
  ).toBe(14)
  const parks = Object.groupBy(
    units.filter((unit) => unit.kind === 'park'),
    ({ rank }) => rank,
  )
  expect([parks.national?.length, parks.provincial?.length, parks.other?.length]).toEqual([10, 22, 16])
  expect(new Set(units.flatMap((unit) => (unit.kind === 'association' ? unit.trade : []))).size).toBe(5)
})

describe('what units reported before they came', () => {
  const plans = NETWORK.filter(({ dueEvery }) => dueEvery !== null)
  const keptBy = (source: SourcePlan) => {
    const { dueEvery: every } = source
    const reports = new Map(earlierReportsOf(source, NOW).map((one) => [one.period, one.receivedAt]))
    const at = (start: number) => reports.get(shanghaiDay(start).slice(0, every === 'month' ? 7 : 10))
    const duty = { every, dueDays: DUE_DAYS[every ?? 'month'], graceHours: graceHoursFor(source, NOW) }
    const receivedAt = (start: number) => (at(start) ? Date.parse(String(at(start))) : null)
    return judgePunctuality({ ...duty, sinceMs: NOW - 200 * DAY_MS }, receivedAt, NOW)
  }
  const kept = plans.map((source) => ({ source, ...keptBy(source) }))
  const sum = (of: 'due' | 'onTime' | 'late' | 'missing') => kept.reduce((all, one) => all + one[of], 0)

  test('is what they owed over the days that are judged: most on time, some late, some missing', () => {
    expect(kept.filter(({ due }) => due === 0)).toEqual([])
    expect(new Set(kept.map(({ source, due }) => `${source.dueEvery} ${due}`))).toEqual(
      // The point that falls silent has a grace of its own.
      new Set(['day 60', 'day 61', 'month 3']),
    )
    expect(sum('onTime') / sum('due')).toBeGreaterThan(0.8)
    expect(sum('late')).toBeGreaterThan(20)
    expect(sum('missing')).toBeGreaterThan(5)
    expect(kept.filter(({ rate }) => rate === 1).length).toBeGreaterThan(plans.length / 2)
  })

  test('is the same every time, is taken by the registry, and what is missing is not in the history either', () => {
    const all = unitsOf(new Map(), NOW)
    expect(unitsOf(new Map(), NOW)).toEqual(all)
    expect(NewUnits.safeParse({ units: all }).error?.issues).toBeUndefined()
    const told = new Map<string, Set<string>>()
    for (const { source, kind, rows } of batchesOf(history()))
      if (kind === 'industry')
        for (const row of rows as IndustryRow[])
          told.set(source, (told.get(source) ?? new Set()).add(`${row.pointId} ${row.period}`))
    for (const source of plans.filter(({ role }) => role === 'point')) {
      const pointId = source.slug.slice('point-'.length)
      // Of what a unit that fell silent owes since, nothing came.
      const over = earlierReportsOf(source, NOW).filter(
        ({ period }) => periodEnd(period) < historyEnd(source.slug, NOW) - 20 * DAY_MS,
      )
      const there = over.filter(({ period }) => told.get(source.slug)?.has(`${pointId} ${period}`))
      expect([
        pointId,
        over.filter((one) => !there.includes(one)).map(({ receivedAt }) => receivedAt),
      ]).toEqual([pointId, over.filter((one) => !there.includes(one)).map(() => null)])
      expect([pointId, there.filter(({ receivedAt }) => receivedAt === null)]).toEqual([pointId, []])
    }
  })
})

test('real parks are marked as examples, and every number is of nobody', () => {
  for (const unit of units.filter(({ kind }) => kind === 'park')) expect(unit.name).toContain('示例')
  for (const { contactPhone } of units) expect(contactPhone).toMatch(/^0731-0000-\d{4}$/)
})
