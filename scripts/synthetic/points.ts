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

/** Counties with national-level zones, and the zone's own name where the domain research (§5.2) gives one. */
const NATIONAL: readonly (readonly [string, string?])[] = [
  ['430104', '长沙高新区'],
  ['430121', '长沙经开区'],
  ['430211'],
  ['430304'],
  ['430407'],
  ['430602', '城陵矶综保区'],
  ['430703', '常德经开区'],
  ['430903'],
  ['431003'],
  ['430121', '黄花综保区'],
]
/** Provincial parks that bear their own name (§5.2), by county. */
const PROVINCIAL: readonly (readonly [string, string])[] = [
  ['430182', '宁乡高新区'],
  ['430582', '邵东经开区'],
  ['430725', '桃源高新区'],
  ['430111', '长沙雨花经开区'],
  ['431129', '江华高新区'],
  ['431081', '资兴经开区'],
  ['431003', '郴州经开区'],
]
const ASSOCIATIONS: readonly (readonly [string, Sector, string])[] = [
  ['家政服务', 'O', '430103'],
  ['家政服务', 'O', '430406'],
  ['制造业', 'C', '430582'],
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

/** All marked as examples: nothing they report is theirs. Ten national parks (daily), 22 provincial, 16 other, 12 associations (monthly). */
export const POINTS: readonly Point[] = [
  ...NATIONAL.map(([county, name], i) => park('N', i, county, name ?? `${shortName(county)}国家级高新区`)),
  ...PROVINCIAL.map(([county, name], i) => park('P', i, county, name)),
  ...spread(15, 0).map((county, i) =>
    park('P', PROVINCIAL.length + i, county, `${shortName(county)}省级产业园`),
  ),
  ...spread(16, 3).map((county, i) => park('C', i, county, `${shortName(county)}工业集中区`)),
  ...ASSOCIATIONS.map(([trade, sector, county], i) => association(i, trade, sector, county)),
]

/** `count` counties evenly over the code order, so that every prefecture has some. */
function spread(count: number, offset: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const at = (Math.floor((i * COUNTIES.length) / count) + offset) % COUNTIES.length
    return COUNTIES[at]?.code ?? '430102'
  })
}

function park(rank: 'N' | 'P' | 'C', i: number, county: string, name: string): Point {
  const id = `${rank}${String(i + 1).padStart(2, '0')}`
  const hash = hashText(id)
  const [smallest, range] = { N: [28_000, 30_000], P: [7000, 9000], C: [1800, 3000] }[rank] as [
    number,
    number,
  ]
  return {
    id,
    name: `${name}（示例）`,
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
