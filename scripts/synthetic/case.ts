import type { z } from 'zod'
import { HUNAN } from '#domain/region.ts'
import type { Sector } from '#domain/sector.ts'
import type { ArrearsSignal } from '#domain/signal.ts'
import { DAY_MS } from '#domain/time.ts'
import { festivalAfter, isoOf, monthOf } from './calendar.ts'
import { employerOf, projectOf } from './employers.ts'
import {
  ARREARS_SECTOR,
  CASE_SIZE,
  CHANNEL_SHARE,
  CLEARED_BEFORE_FESTIVAL,
  DISMISSED_SHARE,
  MONTHS_OWED,
  OWED,
  SETTLE_DAYS,
} from './figures.ts'
import { COUNTIES, countiesIn, gb, placeAround } from './places.ts'
import { type Random, Weighted, weightedOf } from './random.ts'
import type { SourcePlan } from './sources.ts'

/** A row of `arrears` as it is sent. */
export type ArrearsRow = z.input<typeof ArrearsSignal>

/** A case between two observations. `row` is the last one sent; `totalFen` what was owed at first; `settleAt` when it ends. */
export type Case = {
  readonly source: string
  readonly totalFen: number
  settleAt: number
  readonly isFalse: boolean
  readonly random: Random
  paidFen: number
  row: ArrearsRow
}

const sectors = weightedOf(ARREARS_SECTOR as Record<Sector, number>)
const channels = weightedOf(CHANNEL_SHARE)
const sizes = new Weighted(CASE_SIZE)
/** Other provinces whose people work in Hunan. */
const OTHER_HOMES = ['52', '45', '42', '36', '51', '53']

export function isOpen({ row }: Case): boolean {
  return row.status !== 'settled' && row.status !== 'dismissed'
}

/** A new case with its first row. */
export function openCase(random: Random, source: SourcePlan, caseId: string, at: number): Case {
  const sector = sectors.draw(random)
  const place =
    source.role === 'station' ? placeAround(source.region, random) : placeIn(source.region, random)
  const employer = employerOf(place.slice(0, 6), sector, random)
  const [least, most] = sizes.draw(random)
  const workers = least + random.below(most - least + 1)
  const totalFen = workers * fenPerWorker(workers, random)
  const months = 1 + Math.min(11, Math.floor(Math.log(1 - random.uniform()) / Math.log(1 - 1 / MONTHS_OWED)))
  const row: ArrearsRow = {
    caseId,
    observedAt: isoOf(at),
    channel: source.role === 'station' ? 'station' : channels.draw(random),
    workRegion: gb(place),
    homeRegions: homesOf(source, workers, random),
    sector,
    employer: employer.name,
    status: 'reported',
    workers,
    owed: yuan(totalFen),
    paid: '0.00',
    owedSince: monthOf(at, months),
    gathering: gatheringOf(workers, random, 0.08),
  }
  if (random.chance(0.6)) row.employerCode = employer.code
  if (sector === 'E') row.project = projectOf(place, random)
  return {
    source: source.slug,
    totalFen,
    settleAt: settleTime(workers, at, random),
    isFalse: random.chance(DISMISSED_SHARE),
    random,
    paidFen: 0,
    row,
  }
}

function placeIn(county: string, random: Random): string {
  const townships = COUNTIES.find(({ code }) => code === county)?.townships ?? [county]
  return random.chance(0.7) ? random.pick(townships) : county
}

/** One worker's sum spreads widely; the mean of many comes close to the mean of all. Whole tens of yuan. */
function fenPerWorker(workers: number, random: Random): number {
  const sigma = OWED.sigma / Math.sqrt(Math.min(workers, 4))
  const median = OWED.median * Math.exp((OWED.sigma ** 2 - sigma ** 2) / 2)
  return Math.max(5, Math.round(random.lognormal(median, sigma) / 100)) * 10_000
}

/** Most gatherings are a handful of people at a gate, and most cases have none. */
function gatheringOf(workers: number, random: Random, share: number): number {
  if (workers < 4 || !random.chance(share)) return 0
  return Math.min(workers, Math.ceil(random.lognormal(5, 0.8)))
}

/** Where the workers are registered: mostly near, some unknown. A station names the counties it serves. */
function homesOf(source: SourcePlan, workers: number, random: Random): { region: string; workers: number }[] {
  const homes = new Map<string, number>()
  const known = workers > 5 ? Math.round(workers * random.between(0.75, 1)) : workers
  const groups = Math.min(known, 1 + random.below(4))
  for (let left = known, i = groups; i > 0; i--) {
    const part = i === 1 ? left : Math.max(1, Math.round((left / i) * random.between(0.5, 1.5)))
    const here = Math.min(part, left - (i - 1))
    const home = homeOf(source, random)
    homes.set(home, (homes.get(home) ?? 0) + here)
    left -= here
  }
  return [...homes].map(([region, count]) => ({ region, workers: count }))
}

function homeOf(source: SourcePlan, random: Random): string {
  const prefecture = source.serves === HUNAN ? null : source.serves.slice(0, 4)
  if (prefecture === null) return random.pick(COUNTIES).code
  if (source.role === 'station') return random.pick(countiesIn(prefecture)).code
  const draw = random.uniform()
  if (draw < 0.55) return source.region
  if (draw < 0.8) return random.pick(countiesIn(prefecture)).code
  return draw < 0.9 ? random.pick(COUNTIES).code : gb(random.pick(OTHER_HOMES))
}

/** Larger cases take longer; the winter action pulls most of them before Spring Festival. */
function settleTime(workers: number, at: number, random: Random): number {
  const { median, sigma, slowShare, slow } = SETTLE_DAYS
  const days =
    random.lognormal(median, sigma) * (1 + Math.log10(workers) * 0.35) +
    (random.chance(slowShare) ? random.between(slow[0], slow[1]) : 0)
  const planned = at + days * DAY_MS
  const festival = festivalAfter(at)
  const isPulled =
    festival !== null &&
    festival - at < 75 * DAY_MS &&
    planned > festival &&
    random.chance(CLEARED_BEFORE_FESTIVAL)
  return isPulled ? Math.max(at + 2 * DAY_MS, festival - random.between(1, 12) * DAY_MS) : planned
}

/** When the next thing happens: checks within days, then instalments (a few weeks apart) until the settlement. */
export function nextAt({ row, settleAt, random }: Case, at: number): number {
  if (row.status === 'reported') return at + random.lognormal(1.5, 0.7) * DAY_MS
  if (row.status === 'verified') return at + random.lognormal(2.5, 0.7) * DAY_MS
  const instalment = at + random.between(8, 40) * DAY_MS
  return instalment < settleAt ? instalment : Math.max(at + DAY_MS / 2, settleAt)
}

const NOTES = {
  verified: ['经核实属实，已下达询问通知书', '与工资表核对一致', '劳动保障监察已到现场核查'],
  processing: ['已下达限期改正指令书', '已约谈企业负责人，承诺分期支付', '总包单位正在筹措资金代发'],
  paid: ['专户代发部分工资', '企业支付一期欠薪', '动用工资保证金先行支付'],
  pressed: ['督促企业付清余款', '已移送公安机关立案侦查', '申请法院强制执行中', '与建设单位协调拨付人工费用'],
  settled: ['工资全部发放到位，农民工已签字确认', '已足额支付，现场结清'],
  dismissed: ['经核查为工程款纠纷，已引导司法途径', '反映事项不属实', '重复反映，已并案'],
} as const
/** Instalments end when this share is left: the rest is fought over until the settlement. */
const REST_SHARE = 0.25

/** The next row of an open case at `at`; the case is left as it says. `payChance`: how likely a visit brings an instalment. */
export function advance(open: Case, at: number, payChance = 1): ArrearsRow {
  const { random, row } = open
  const status = nextStatus(open, at)
  const isVisit = row.status === 'processing' && status === 'processing'
  const owedFen = open.totalFen - open.paidFen
  const isPaying = isVisit && owedFen > open.totalFen * REST_SHARE && random.chance(payChance)
  if (isPaying) open.paidFen += Math.round((owedFen * random.between(0.15, 0.55)) / 1000) * 1000
  if (status === 'settled') open.paidFen = open.totalFen
  const leftFen = status === 'dismissed' ? 0 : open.totalFen - open.paidFen
  const note = random.pick(isPaying ? NOTES.paid : isVisit ? NOTES.pressed : NOTES[status])
  const gathering = status === 'processing' ? gatheringOf(row.workers, random, 0.02) : 0
  open.row = {
    ...row,
    observedAt: isoOf(at),
    status,
    owed: yuan(leftFen),
    paid: yuan(open.paidFen),
    gathering,
    note,
  }
  return open.row
}

function nextStatus(
  { row, isFalse, random, settleAt }: Case,
  at: number,
): 'verified' | 'processing' | 'settled' | 'dismissed' {
  if (row.status === 'reported') return isFalse && random.chance(0.7) ? 'dismissed' : 'verified'
  if (isFalse) return 'dismissed'
  return row.status === 'processing' && at >= settleAt ? 'settled' : 'processing'
}

/** A yuan string of whole fen; exact, as sums stay far below 2^53. */
export function yuan(fen: number): string {
  return (fen / 100).toFixed(2)
}
