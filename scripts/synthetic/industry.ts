import type { z } from 'zod'
import type { IndustrySignal } from '#domain/signal.ts'
import { DAY_MS, HOUR_MS, nextStart, SHANGHAI_OFFSET_MS, startOf } from '#domain/time.ts'
import { FESTIVALS, isoOf, localMidnight, monthOf } from './calendar.ts'
import { OTHER_WAGE, SECTOR_WAGE, WAGE_GROWTH, WAGE_YEAR } from './figures.ts'
import type { Point } from './points.ts'
import { hashText, Random } from './random.ts'
import type { TimedRow } from './workers.ts'

/** A row of `industry` as it is sent. */
export type IndustryRow = z.input<typeof IndustrySignal>

/**
 * All reports of a point observed in [from, until), oldest first. A daily point sends its people by day, and its wages by
 * month under a point of its own (`…-W`, without headcount), so that no person is counted twice.
 */
export function reportsOf(seed: number, point: Point, from: number, until: number): TimedRow<IndustryRow>[] {
  const random = new Random(seed, hashText(point.id, 0x69), 0)
  if (point.projects.length > 0)
    return byTime(point.projects.flatMap((project) => monthly(point, random, from, until, project)))
  if (!point.isDaily) return monthly(point, random, from, until, null)
  return byTime([...daily(point, random, from, until), ...monthly(point, random, from, until, null)])
}

function byTime(rows: TimedRow<IndustryRow>[]): TimedRow<IndustryRow>[] {
  return rows.sort((a, b) => a.at - b.at)
}

/** One report a day, written the next morning between 8 and 9. */
function daily(point: Point, random: Random, from: number, until: number): TimedRow<IndustryRow>[] {
  const rows: TimedRow<IndustryRow>[] = []
  let headcount = point.headcount
  for (let day = localMidnight(from); ; day += DAY_MS) {
    const at = day + DAY_MS + 8 * HOUR_MS + random.below(HOUR_MS)
    if (at >= until) return rows
    const target = point.headcount * season(day) * growth(day, from)
    const hires = random.poisson(Math.max(1, headcount * 0.0016 + Math.max(0, target - headcount) * 0.08))
    const departures = random.poisson(
      Math.max(1, headcount * 0.0014 + Math.max(0, headcount - target) * 0.08),
    )
    headcount += hires - departures
    rows.push({ at, row: dayRow(point, random, isoDay(day), at, { headcount, hires, departures }) })
  }
}

/** A day's people at a daily point. */
export function dayRow(
  point: Point,
  random: Random,
  period: string,
  at: number,
  people: { headcount: number; hires: number; departures: number },
): IndustryRow {
  return {
    ...head(point, period, at),
    ...people,
    employers: Math.ceil(point.headcount / 220),
    vacancies: vacanciesOf(people.headcount, at, random),
    averageWage: wageOf(point, at, random),
    attendingWorkers: Math.round(people.headcount * random.between(0.9, 0.97)),
    registeredWorkers: Math.round(people.headcount * random.between(0.97, 1)),
  }
}

/** One report a month, written between the third and the eighth of the next. */
function monthly(
  point: Point,
  random: Random,
  from: number,
  until: number,
  project: string | null,
): TimedRow<IndustryRow>[] {
  const rows: TimedRow<IndustryRow>[] = []
  const size = project === null ? point.headcount : 60 + random.below(340)
  for (let month = startOf('month', from); ; ) {
    const next = nextStart('month', month)
    const at = next + (2 + random.below(5)) * DAY_MS + 9 * HOUR_MS + random.below(7 * HOUR_MS)
    if (at >= until) return rows
    if (at >= from)
      rows.push({
        at,
        row: monthRow(point, random, monthOf(month), at, size * season(month) * growth(month, from), project),
      })
    month = next
  }
}

/** A month's people and wages; for a project also its special account, its deposit and its pay day. */
function monthRow(
  point: Point,
  random: Random,
  period: string,
  at: number,
  size: number,
  project: string | null,
): IndustryRow {
  const headcount = Math.max(5, Math.round(size * random.between(0.96, 1.04)))
  const averageWage = wageOf(point, at, random)
  const bill = headcount * Number(averageWage)
  const isLate = random.chance(project === null ? 0.12 : 0.2)
  const paidShare = isLate ? random.between(0.82, 0.97) : 1
  const wages = {
    wageBill: bill.toFixed(2),
    wagePaid: (Math.round(bill * paidShare * 100) / 100).toFixed(2),
    paidWorkers: Math.round(headcount * paidShare),
  }
  const row = head(point, period, at)
  if (point.isDaily) return { ...row, pointId: `${point.id}-W`, ...wages }
  const people = {
    employers: project === null ? Math.ceil(point.headcount / 150) : 1,
    headcount,
    hires: random.poisson(headcount * 0.045),
    departures: random.poisson(headcount * 0.042),
    vacancies: vacanciesOf(headcount, at, random),
    averageWage,
  }
  if (random.chance(0.004)) return { ...row, ...people, ...wages, majorEvent: majorEventOf(random) }
  return project === null
    ? { ...row, ...people, ...wages }
    : { ...row, ...people, ...wages, ...account(random, headcount, bill, at), project }
}

function account(random: Random, headcount: number, bill: number, at: number): Partial<IndustryRow> {
  const required = Math.round((bill * random.between(0.9, 1.3)) / 1000) * 1000
  return {
    attendingWorkers: Math.round(headcount * random.between(0.85, 1)),
    registeredWorkers: Math.round(headcount * random.between(0.93, 1)),
    accountBalance: Math.round(bill * random.lognormal(1.15, 0.45)).toFixed(2),
    laborCostTransferredAt: isoOf(at - random.between(4, random.chance(0.1) ? 70 : 30) * DAY_MS),
    payDay: random.pick([10, 15, 25]),
    depositRequired: required.toFixed(2),
    depositHeld: (random.chance(0.9) ? required : Math.round(required * 0.7)).toFixed(2),
    stopped: random.chance(0.01),
  }
}

function head(point: Point, period: string, at: number) {
  return { pointId: point.id, period, observedAt: isoOf(at), workRegion: point.county, sector: point.sector }
}

function wageOf(point: Point, at: number, random: Random): string {
  const years = (at - Date.UTC(WAGE_YEAR, 6, 1)) / (365.25 * DAY_MS)
  const mean = (SECTOR_WAGE[point.sector] ?? OTHER_WAGE) * (0.92 + (hashText(point.id, 7) % 20) / 100)
  return Math.round(mean * WAGE_GROWTH ** years * random.between(0.99, 1.01)).toFixed(2)
}

/** Parks lack hands most in the weeks after Spring Festival. */
function vacanciesOf(headcount: number, at: number, random: Random): number {
  return Math.round(headcount * (season(at) < 1 ? 0.11 : 0.045) * random.between(0.85, 1.15))
}

/** People at work over the year's mean: fewer from ten days before Spring Festival to three weeks after. */
function season(ms: number): number {
  const isFestival = FESTIVALS.some((festival) => ms > festival - 10 * DAY_MS && ms < festival + 21 * DAY_MS)
  return isFestival ? 0.84 : 1
}

function growth(ms: number, from: number): number {
  return 1 + (0.03 * (ms - from)) / (365 * DAY_MS)
}

/** The Shanghai day of a local midnight. */
export function isoDay(midnight: number): string {
  return new Date(midnight + SHANGHAI_OFFSET_MS).toISOString().slice(0, 10)
}

const EVENTS = [
  '两家电子企业订单下降，约120名务工人员待岗',
  '一家制鞋企业搬迁，涉及85人，工资正在结算',
  '新项目投产，计划招工300人',
  '受停电影响停产3天，工资照发',
]

/** What a point reports at once, without waiting for the period. */
export function majorEventOf(random: Random): string {
  return random.pick(EVENTS)
}
