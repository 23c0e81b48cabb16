import { isoOf, monthOf } from './calendar.ts'
import { type ArrearsRow, yuan } from './case.ts'
import { employerOf } from './employers.ts'
import { gb, nameOf, shortName } from './places.ts'
import { hashText, type Random, randomFor } from './random.ts'
import { NETWORK, type SourcePlan } from './sources.ts'

/**
 * One thing that happens at `afterMs` of a cycle: a row that a source sends, or a source that stops sending until the
 * cycle ends. `log` says in Chinese what happens.
 */
export type Step = {
  readonly afterMs: number
  readonly log: string
  readonly event:
    | { readonly kind: 'arrears'; readonly source: string; readonly row: (at: number) => ArrearsRow }
    | { readonly kind: 'silence'; readonly source: string }
}

/** The script starts over with other places after this long. */
export const CYCLE_MS = 6 * 60_000
const SECOND = 1000

/** What happens in one cycle, in time order. `tag` keeps the case numbers of two runs apart. */
export function incidentSteps(seed: number, cycle: number, tag: string): Step[] {
  const random = randomFor(seed, `incident ${tag}`, cycle)
  const counties = NETWORK.filter((source) => source.role === 'county')
  const builder = random.pick(counties)
  const crowd = random.pick(counties.filter((county) => county !== builder))
  const steps = [
    ...unpaidProject(random, builder, `${tag}-${cycle}`),
    ...crowdAtGate(random, crowd, `${tag}-${cycle}`),
    silence(random),
  ]
  return steps.sort((a, b) => a.afterMs - b.afterMs)
}

type Base = Omit<ArrearsRow, 'observedAt' | 'owed' | 'status'>
type Change = Partial<Pick<ArrearsRow, 'status' | 'note' | 'gathering'>> & {
  owedYuan: number
  paidYuan?: number
}

function step(county: SourcePlan, afterMs: number, log: string, base: Base, change: Change): Step {
  const { owedYuan, paidYuan = 0, ...rest } = change
  const row = (at: number): ArrearsRow => ({
    ...base,
    status: 'reported',
    gathering: 0,
    ...rest,
    owedSince: monthOf(at, 2),
    observedAt: isoOf(at),
    owed: yuan(owedYuan * 100),
    paid: yuan(paidYuan * 100),
  })
  return {
    afterMs,
    log: `${nameOf(county.serves.slice(0, 4))}·${nameOf(county.region)}：${log}`,
    event: { kind: 'arrears', source: county.slug, row },
  }
}

/**
 * A construction company stops paying: three cases on one project within ten seconds take what is owed there over the
 * yellow, orange and red lines of the amount rule (50,000, 200,000, 500,000 yuan); then money comes and it falls again.
 */
function unpaidProject(random: Random, county: SourcePlan, tag: string): Step[] {
  const place = county.region
  const employer = employerOf(place, 'E', random)
  const project = `${shortName(place)}示例安置房${random.pick(['四期', '五期', '六期'])}${1 + (hashText(tag) % 98)}标段`
  const base = {
    sector: 'E',
    employer: employer.name,
    employerCode: employer.code,
    project,
    workRegion: gb(place),
  } as const
  const crew = (name: string, channel: ArrearsRow['channel'], workers: number) => ({
    ...base,
    caseId: `${place}-${tag}-${name}`,
    channel,
    workers,
    homeRegions: [{ region: place, workers }],
  })
  const steel = crew('A', 'hotline12345', 6)
  const masons = crew('B', 'platform', 13)
  const carpenters = crew('C', 'inspection', 27)
  return [
    step(county, 4 * SECOND, `${project}钢筋班组6人反映欠薪6.8万元`, steel, { owedYuan: 68_000 }),
    step(county, 9 * SECOND, `${project}泥瓦班组13人反映欠薪15.6万元`, masons, { owedYuan: 156_000 }),
    step(county, 14 * SECOND, `${project}检查发现木工班组27人欠薪31.8万元，合计超过50万元`, carpenters, {
      owedYuan: 318_000,
    }),
    step(county, 75 * SECOND, `${project}木工班组欠薪核实属实`, carpenters, {
      owedYuan: 318_000,
      status: 'verified',
      note: '工资表与考勤一致，情况属实',
    }),
    step(county, 165 * SECOND, `${project}应急周转金先行垫付20万元`, carpenters, {
      owedYuan: 118_000,
      paidYuan: 200_000,
      status: 'processing',
      note: '动用应急周转金先行垫付',
    }),
    step(county, 230 * SECOND, `${project}泥瓦班组工资付清`, masons, {
      owedYuan: 0,
      paidYuan: 156_000,
      status: 'settled',
      note: '总包代发到位',
    }),
    step(county, 310 * SECOND, `${project}钢筋班组工资付清`, steel, {
      owedYuan: 0,
      paidYuan: 68_000,
      status: 'settled',
      note: '总包代发到位',
    }),
    step(county, 325 * SECOND, `${project}木工班组工资付清`, carpenters, {
      owedYuan: 0,
      paidYuan: 318_000,
      status: 'settled',
      note: '余款付清，垫付款已追回',
    }),
  ]
}

/** A crowd at a factory gate grows over the lines of the gathering rule (5, 10, 30 people), is partly paid, goes home, is paid. */
function crowdAtGate(random: Random, county: SourcePlan, tag: string): Step[] {
  const place = county.region
  const employer = employerOf(place, 'C', random)
  const base = {
    caseId: `${place}-${tag}-G`,
    channel: 'petition' as const,
    sector: 'C' as const,
    employer: employer.name,
    employerCode: employer.code,
    workRegion: gb(place),
    workers: 52,
    homeRegions: [
      { region: place, workers: 34 },
      { region: '520000', workers: 9 },
    ],
  } satisfies Base
  const total = 468_000
  const at = (seconds: number, log: string, change: Change) =>
    step(county, seconds * SECOND, `${employer.name}${log}`, base, change)
  return [
    at(55, '门口6人聚集讨薪', { owedYuan: total, gathering: 6, note: '要求结清工资后返乡' }),
    at(80, '门口聚集增至14人', { owedYuan: total, gathering: 14, note: '劳动监察、公安已到场' }),
    at(105, '门口聚集增至46人', {
      owedYuan: total,
      gathering: 46,
      status: 'verified',
      note: '街道、工会到场疏导',
    }),
    at(190, '先付一半工资，现场剩12人', {
      owedYuan: total / 2,
      paidYuan: total / 2,
      gathering: 12,
      status: 'processing',
      note: '企业变卖存货先付一半',
    }),
    at(245, '聚集人员全部散去', {
      owedYuan: total / 2,
      paidYuan: total / 2,
      gathering: 0,
      status: 'processing',
      note: '签订还款协议',
    }),
    at(335, '工资全部付清', {
      owedYuan: 0,
      paidYuan: total,
      gathering: 0,
      status: 'settled',
      note: '工资全部发放到位',
    }),
  ]
}

/** A station abroad stops sending until the cycle ends. */
function silence(random: Random): Step {
  const source = random.pick(NETWORK.filter(({ role }) => role === 'station'))
  return {
    afterMs: 150 * SECOND,
    log: `${source.name}停止报送`,
    event: { kind: 'silence', source: source.slug },
  }
}
