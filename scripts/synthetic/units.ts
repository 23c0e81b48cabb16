import type { z } from 'zod'
import type { TRADES, Unit } from '#domain/organisation.ts'
import { HUNAN } from '#domain/region.ts'
import { DAY_MS, startOf } from '#domain/time.ts'
import { DUE_DAYS, type EarlierReport, earlierReportsOf } from './earlier-reports.ts'
import { isoDay } from './industry.ts'
import { POINTS, type Point } from './points.ts'
import { NETWORK, type SourcePlan } from './sources.ts'

/** Who reports in the demo, and for which point: one that reports by month, so that the live stream does not answer for it. */
export const REPORTER = { username: 'reporter', password: 'demo-report-2026', pointId: 'P01' }

type NewUnit = z.input<typeof Unit> & {
  duty?: { firstDay: string; lastDay: string; name: string; phone: string }[]
  earlierReports?: EarlierReport[]
}
const DUTY_WEEKS = 4
/** Two people and the days each is on duty, Monday first. */
const ROTA = [
  { name: '示例值班员甲', from: 0, to: 2 },
  { name: '示例值班员乙', from: 3, to: 4 },
  { name: '示例值班员丙', from: 5, to: 6 },
]
const PARK_RANK = { N: 'national', P: 'provincial', C: 'other' } as const
const TRADE: Partial<Record<Point['sector'], keyof typeof TRADES>> = {
  O: 'domestic',
  C: 'manufacturing',
  E: 'construction',
  G: 'logistics',
  K: 'realEstate',
}
const HOSTS = ['chamber', 'association', 'company'] as const
/** Those who are in the network but send nothing themselves. */
const WITHOUT_SOURCE: readonly NewUnit[] = [
  { kind: 'office', rank: 'province', name: '湖南省农民工办（示例）', region: HUNAN },
  { kind: 'department', rank: 'province', name: '湖南省住房和城乡建设厅欠薪联络处（示例）', region: HUNAN },
  { kind: 'department', rank: 'province', name: '湖南省交通运输厅欠薪联络处（示例）', region: HUNAN },
]

/** All units of the network, for one import. `ids`: source ids by slug. Desks and numbers are of nobody. */
export function unitsOf(ids: ReadonlyMap<string, string>, now: number): NewUnit[] {
  const sending = NETWORK.map((source) => ({
    ...unitOf(source),
    sourceId: ids.get(source.slug) ?? null,
    earlierReports: earlierReportsOf(source, now),
  }))
  return [...WITHOUT_SOURCE, ...sending].map((unit, i) => ({ ...unit, ...desk(i), duty: dutyOf(i, now) }))
}

function unitOf(source: SourcePlan): NewUnit {
  const { name, region } = source
  const dueDays = DUE_DAYS[source.dueEvery ?? 'month']
  switch (source.role) {
    case 'county':
      return { kind: 'office', rank: 'county', name, region, dueDays }
    case 'prefecture':
      return { kind: 'office', rank: 'city', name, region, dueDays }
    case 'station': {
      const rank = source.serves === HUNAN ? 'province' : 'city'
      const hostType = HOSTS[Number(region) % HOSTS.length] ?? 'chamber'
      const serviceRegion = region.slice(0, 2)
      return {
        kind: 'station',
        rank,
        name,
        region,
        ownerRegion: source.serves,
        serviceRegion,
        hostType,
        dueDays,
      }
    }
    case 'point':
      return { ...pointUnit(source), name, region, dueDays }
    case 'ledger':
      return { kind: 'department', rank: 'city', name, region }
    default:
      return source.role satisfies never
  }
}

/** What only the unit of a point has: its rank or trade, by the first letter of its id. */
function pointUnit(source: SourcePlan) {
  const point = POINTS.find(({ id }) => source.slug === `point-${id}`)
  if (!point) throw new RangeError(`the synthetic network has no point ${source.slug}`)
  const { id: pointId, sector } = point
  const rank = PARK_RANK[pointId[0] as keyof typeof PARK_RANK]
  if (rank) return { kind: 'park', rank, pointId, sector } as const
  return {
    kind: 'association',
    rank: 'city',
    trade: TRADE[sector] ?? 'manufacturing',
    pointId,
    sector,
  } as const
}

function desk(i: number) {
  return { contactName: '示例值班室', contactPhone: `0731-0000-${String(1000 + i)}` }
}

function dutyOf(i: number, now: number) {
  const monday = startOf('week', now)
  return Array.from({ length: DUTY_WEEKS }, (_, week) =>
    ROTA.map(({ name, from, to }) => ({
      firstDay: isoDay(monday + (week * 7 + from) * DAY_MS),
      lastDay: isoDay(monday + (week * 7 + to) * DAY_MS),
      name,
      phone: desk(i).contactPhone,
    })),
  ).flat()
}
