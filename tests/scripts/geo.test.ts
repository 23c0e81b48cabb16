import { readFileSync } from 'node:fs'
import { geoArea, geoBounds, geoContains } from 'd3-geo'
import type { Feature, MultiPolygon, Polygon } from 'geojson'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import { describe, expect, it } from 'vitest'
import { childrenOf, PREFECTURES, parentOf, regionName } from '../../api/domain/region.ts'

type Area = Feature<Polygon | MultiPolygon, { label: [number, number]; parent: string | null }>

const EARTH_KM2 = 6371.0088 ** 2
const layer = (file: string, name: string): Area[] => {
  const topology: Topology = JSON.parse(
    readFileSync(new URL(`../../generated/${file}`, import.meta.url), 'utf8'),
  )
  return feature(topology, topology.objects[name] as GeometryCollection).features as Area[]
}
const provinces = layer('china.topo.json', 'provinces')
const prefectures = layer('hunan.topo.json', 'prefectures')
const counties = layer('hunan.topo.json', 'counties')
const km2 = (one: Area) => geoArea(one) * EARTH_KM2
/** Parts that still enclose something; one crushed to a point or a line has no area. */
const parts = (code: string) => {
  const shape = provinces.find((one) => one.id === code)?.geometry
  const polygons = shape?.type === 'MultiPolygon' ? shape.coordinates : []
  return polygons.filter((coordinates) => geoArea({ type: 'Polygon', coordinates }) > 0).length
}

describe('the map of Hunan', () => {
  it('has the 14 prefectures and 122 counties of the region table, under the same codes', () => {
    expect(prefectures.map((one) => one.id).sort()).toEqual([...PREFECTURES])
    expect(counties.map((one) => one.id).sort()).toEqual(PREFECTURES.flatMap((code) => childrenOf(code)))
    expect([prefectures.length, counties.length]).toEqual([14, 122])
  })
  it('puts each area under its parent', () => {
    expect(prefectures.every((one) => one.properties.parent === '43')).toBe(true)
    expect(counties.filter((one) => one.properties.parent !== parentOf(String(one.id)))).toEqual([])
  })
  it('tiles each prefecture with its counties, to one part in a thousand', () => {
    for (const prefecture of prefectures) {
      const inside = counties.filter((one) => one.properties.parent === prefecture.id)
      const sum = inside.reduce((total, one) => total + km2(one), 0)
      expect(Math.abs(sum / km2(prefecture) - 1), String(prefecture.id)).toBeLessThan(0.001)
    }
  })
  it('has the size of Hunan, about 211,800 km²', () => {
    const total = prefectures.reduce((sum, one) => sum + km2(one), 0)
    expect(Math.abs(total / 211_800 - 1)).toBeLessThan(0.01)
  })
})

describe('the map of China', () => {
  it('has 34 provinces, each with a name', () => {
    expect(provinces).toHaveLength(34)
    expect(provinces.filter((one) => regionName(String(one.id)).zh === one.id)).toEqual([])
  })
  it('keeps all 16 parts of Taiwan, Diaoyu and Chiwei among them', () => {
    expect(parts('71')).toBe(16)
    const taiwan = provinces.find((one) => one.id === '71')
    // Chiwei Yu lies at 124.6 E, farther east than all else of Taiwan.
    expect(taiwan && geoBounds(taiwan)[1][0]).toBeGreaterThan(124.5)
  })
  it('keeps Hainan and the South China Sea islands: 328 parts, of which at most 3 are below the grid', () => {
    expect(parts('46')).toBeGreaterThanOrEqual(325)
    const hainan = provinces.find((one) => one.id === '46')
    expect(hainan && geoBounds(hainan)[0][1]).toBeLessThan(4)
  })
  it('has the ten dashes, from 3.4 N to 24.7 N', () => {
    const [dashes, ...others] = layer('china.topo.json', 'dashes') as unknown as Feature[]
    expect(others).toEqual([])
    expect(dashes?.geometry.type === 'MultiLineString' && dashes.geometry.coordinates.length).toBe(10)
    const [[west, south], [east, north]] = geoBounds(dashes as Feature)
    expect([west, south, east, north].map((degrees) => degrees.toFixed(1))).toEqual([
      '108.2',
      '3.4',
      '122.8',
      '24.7',
    ])
  })
  it('has the seven other border lines', () => expect(layer('china.topo.json', 'borders')).toHaveLength(7))
})

describe.each([
  ['provinces', provinces],
  ['prefectures', prefectures],
  ['counties', counties],
])('%s', (_, areas) => {
  it('are wound for d3: none covers more than half of the Earth', () =>
    expect(
      areas.filter((one) => geoArea(one) > 2 * Math.PI || geoArea(one) === 0).map((one) => one.id),
    ).toEqual([]))
  it('have their label points inside', () =>
    expect(areas.filter((one) => !geoContains(one, one.properties.label)).map((one) => one.id)).toEqual([]))
})
