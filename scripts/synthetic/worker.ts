import type { z } from 'zod'
import { HUNAN } from '#domain/region.ts'
import type { Sector } from '#domain/sector.ts'
import type { WorkersSignal } from '#domain/signal.ts'
import { DAY_MS } from '#domain/time.ts'
import { isoOf } from './calendar.ts'
import { employerOf, occupationOf, projectOf } from './employers.ts'
import {
  OTHER_WAGE,
  SECTOR_SHARE,
  SECTOR_WAGE,
  WAGE_FACTOR,
  WAGE_GROWTH,
  WAGE_SIGMA,
  WAGE_YEAR,
} from './figures.ts'
import { householdOf } from './households.ts'
import { type Person, personOf } from './names.ts'
import { type County, gb, placeAround, placeInProvince, placeOutside } from './places.ts'
import type { Slice } from './population.ts'
import { hashText, Random, weightedOf } from './random.ts'

/** A row of `workers` as it is sent. */
export type WorkersRow = z.input<typeof WorkersSignal>

/** Where and as what a person works; `place` is the last one when he is back home. */
type Job = {
  place: string
  sector: Sector
  occupation: string
  employer: string
  employerCode: string
  project: string
  wage: number
  isAway: boolean
}
/** A person with what does not change. */
export type Worker = {
  readonly person: Person
  readonly home: string
  readonly county: County
  readonly slice: Slice
  readonly random: Random
  job: Job
}
export type Status = WorkersRow['status']

const sectors = weightedOf(SECTOR_SHARE as Record<Sector, number>)
export const YEAR_MS = 365.25 * DAY_MS

/** Person `index` of a slice, drawn alone: the same arguments give the same person. */
export function workerOf(seed: number, slice: Slice, index: number, now: number): Worker {
  const { county } = slice
  const random = new Random(seed, hashText(county.code, 0x77), index)
  const person = personOf(
    random,
    county.code,
    index,
    new Date(now).getUTCFullYear(),
    slice.station ? 0 : slice.localShare,
  )
  const anywhere = random.pick(county.townships)
  const home = householdOf(county, index)?.township ?? anywhere
  const worker = { person, home, county, slice, random }
  return { ...worker, job: jobFor(worker, now, person.isLocal) }
}

/** A first or a new job; those who leave the township go out of the province in the figures' proportion. */
function jobFor(worker: Omit<Worker, 'job'>, at: number, isLocal: boolean): Job {
  const { random, slice } = worker
  const place = isLocal ? worker.home : placeFor(worker, slice.station ? 1 : slice.outsideShareOfAway)
  const sector = sectors.draw(random)
  const { name, code } = employerOf(place.startsWith(HUNAN) ? place : place.slice(0, 4), sector, random)
  const project = sector === 'E' ? projectOf(place, random) : ''
  return {
    place,
    sector,
    occupation: occupationOf(sector, random),
    employer: name,
    employerCode: code,
    project,
    isAway: !isLocal,
    wage: wageFor(sector, !isLocal, at, random),
  }
}

function placeFor({ random, slice, county }: Omit<Worker, 'job'>, outsideShare: number): string {
  if (slice.station) return placeAround(slice.station, random)
  return random.chance(outsideShare)
    ? placeOutside(county.prefecture, random)
    : placeInProvince(county, random)
}

function wageFor(sector: Sector, isAway: boolean, at: number, random: Random): number {
  const mean = (SECTOR_WAGE[sector] ?? OTHER_WAGE) * (isAway ? WAGE_FACTOR.away : WAGE_FACTOR.local)
  const years = (at - Date.UTC(WAGE_YEAR, 6, 1)) / YEAR_MS
  const median = mean * Math.exp(-(WAGE_SIGMA ** 2) / 2) * WAGE_GROWTH ** years
  return Math.round(random.lognormal(median, WAGE_SIGMA) / 50) * 50
}

/** The row a station writes about a worker at an instant. Stations abroad keep naming the workplace of those who left it. */
export function workerRow(
  { person, home, job, slice, random }: Worker,
  status: Status,
  at: number,
): WorkersRow {
  const row: WorkersRow = {
    idNumber: person.idNumber,
    name: person.name,
    homeRegion: home,
    status,
    observedAt: isoOf(at),
  }
  if (random.chance(0.85)) row.phone = person.phone
  if (status === 'employed' || slice.station) row.workRegion = gb(job.place)
  if (status !== 'employed') return row
  row.sector = job.sector
  row.occupation = job.occupation
  if (random.chance(0.75)) row.employer = job.employer
  if (row.employer !== undefined && random.chance(0.6)) row.employerCode = job.employerCode
  if (job.project !== '' && random.chance(0.6)) row.project = job.project
  if (random.chance(0.9)) row.monthlyWage = job.wage.toFixed(2)
  row.contractSigned = random.chance(job.isAway ? 0.46 : 0.38)
  row.insured = random.chance(0.4)
  if (random.chance(0.15)) row.skills = [job.occupation]
  return row
}

/** Events a person goes through; `job` is a change of employer, sector, wage and often place. */
export type Event = 'register' | 'job' | 'seek' | 'home' | 'back' | 'withdraw'

/** Applies an event to a worker (`worker.job` may change) and answers the status after it. */
export function apply(worker: Worker, event: Event, at: number): Status {
  const { random } = worker
  if (event === 'job' || (event === 'back' && random.chance(0.2))) {
    const isMoving = random.chance(0.4)
    const next = jobFor(worker, at, !worker.job.isAway)
    const isSameTrade = random.chance(0.5)
    worker.job = {
      ...next,
      place: isMoving ? next.place : worker.job.place,
      sector: isSameTrade ? worker.job.sector : next.sector,
    }
    renameEmployer(worker, at)
  }
  if (event === 'register')
    return random.chance(0.96) ? 'employed' : random.chance(0.6) ? 'seeking' : 'returned'
  return (
    { job: 'employed', back: 'employed', seek: 'seeking', home: 'returned', withdraw: 'withdrawn' } as const
  )[event]
}

function renameEmployer({ job, random }: Worker, at: number): void {
  const { name, code } = employerOf(
    job.place.startsWith(HUNAN) ? job.place : job.place.slice(0, 4),
    job.sector,
    random,
  )
  Object.assign(job, {
    employer: name,
    employerCode: code,
    occupation: occupationOf(job.sector, random),
    project: job.sector === 'E' ? projectOf(job.place, random) : '',
    wage: wageFor(job.sector, job.isAway, at, random),
  })
}
