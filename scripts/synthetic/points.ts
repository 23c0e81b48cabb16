import type { Sector } from '#domain/sector.ts'
import { COUNTIES, nameOf, shortName } from './places.ts'
import { hashText } from './random.ts'

/**
 * A monitoring point (监测预警点): a park of one of three ranks, or an industry association that reports by contract.
 * `headcount` is its size at the start of the history. Points that build report each of their `projects` by itself.
 */
export type Point = {
  readonly id: string
  readonly name: string
  readonly county: string
  readonly sector: Sector
  readonly headcount: number
  readonly isDaily: boolean
  readonly projects: readonly string[]
}

/** Real counties with national-level zones; the parks' names are invented. */
const NATIONAL = [
  '430104',
  '430121',
  '430211',
  '430304',
  '430407',
  '430602',
  '430703',
  '430903',
  '431003',
  '431121',
]
const ASSOCIATIONS: readonly (readonly [string, Sector, string])[] = [
  ['家政服务', 'O', '430103'],
  ['家政服务', 'O', '430406'],
  ['制造业', 'C', '430521'],
  ['制造业', 'C', '431302'],
  ['物流', 'G', '430111'],
  ['物流', 'G', '431202'],
  ['房地产', 'K', '430102'],
  ['房地产', 'K', '431103'],
  ['建筑业', 'E', '430502'],
  ['建筑业', 'E', '430405'],
  ['建筑业', 'E', '433101'],
  ['建筑业', 'E', '430702'],
]
const PROJECTS_PER_BUILDER = 8
const PARK_SECTORS: Sector[] = ['C', 'C', 'C', 'C', 'G', 'I', 'C', 'L']

/** Ten national parks (daily), 22 provincial, 16 other, 12 associations (monthly). */
export const POINTS: readonly Point[] = [
  ...NATIONAL.map((county, i) => park('N', i, county, '国家级示例高新区')),
  ...spread(22, 0).map((county, i) => park('P', i, county, '省级示例产业园')),
  ...spread(16, 3).map((county, i) => park('C', i, county, '示例工业集中区')),
  ...ASSOCIATIONS.map(([trade, sector, county], i) => association(i, trade, sector, county)),
]

/** `count` counties evenly over the code order, so that every prefecture has some. */
function spread(count: number, offset: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const at = (Math.floor((i * COUNTIES.length) / count) + offset) % COUNTIES.length
    return COUNTIES[at]?.code ?? '430102'
  })
}

function park(rank: 'N' | 'P' | 'C', i: number, county: string, kind: string): Point {
  const id = `${rank}${String(i + 1).padStart(2, '0')}`
  const hash = hashText(id)
  const [smallest, range] = { N: [28_000, 30_000], P: [7000, 9000], C: [1800, 3000] }[rank] as [
    number,
    number,
  ]
  return {
    id,
    name: `${shortName(county)}${kind}`,
    county,
    isDaily: rank === 'N',
    projects: [],
    sector: PARK_SECTORS[hash % PARK_SECTORS.length] ?? 'C',
    headcount: smallest + (hash % range),
  }
}

function association(i: number, trade: string, sector: Sector, county: string): Point {
  const id = `A${String(i + 1).padStart(2, '0')}`
  const works = [
    '安置房',
    '标准厂房',
    '中学新校区',
    '医院扩建',
    '农村公路',
    '污水处理厂',
    '物流园',
    '人才公寓',
  ]
  const projects =
    sector === 'E'
      ? works.slice(0, PROJECTS_PER_BUILDER).map((work) => `${shortName(county)}示例${work}一期`)
      : []
  return {
    id,
    name: `${nameOf(county)}示例${trade}协会`,
    county,
    sector,
    headcount: 900 + (hashText(id) % 2600),
    isDaily: false,
    projects,
  }
}
