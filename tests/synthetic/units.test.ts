import { expect, test } from 'vitest'
import { areaOf, Unit } from '#domain/organisation.ts'
import { NETWORK } from '../../scripts/synthetic/sources.ts'
import { REPORTER, unitsOf } from '../../scripts/synthetic/units.ts'
import { NOW } from './support.ts'

const made = unitsOf(new Map(NETWORK.map(({ slug }) => [slug, `src-${slug}`])), NOW)
const units = made.map(({ duty: _, ...unit }) => Unit.parse(unit))

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

test('real parks are marked as examples, and every number is of nobody', () => {
  for (const unit of units.filter(({ kind }) => kind === 'park')) expect(unit.name).toContain('示例')
  for (const { contactPhone } of units) expect(contactPhone).toMatch(/^0731-0000-\d{4}$/)
})
