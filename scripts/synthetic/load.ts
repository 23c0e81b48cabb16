import type { Kind } from '#domain/signal.ts'
import { DAY_MS } from '#domain/time.ts'
import { isoOf, localMidnight } from './calendar.ts'
import { type ArrearsRow, openCase } from './case.ts'
import { WORKERS_DEFAULT } from './figures.ts'
import { dayRow, type IndustryRow, isoDay } from './industry.ts'
import { idNumberOf, PERSONS_PER_COUNTY_MAX } from './names.ts'
import { POINTS } from './points.ts'
import { slicesOf } from './population.ts'
import { randomFor } from './random.ts'
import { NETWORK } from './sources.ts'
import { type WorkersRow, workerOf, workerRow } from './worker.ts'

export type RowOf = { workers: WorkersRow; arrears: ArrearsRow; industry: IndustryRow }

/** Distinct bodies of rows; each is sent again with another key and time. */
const TEMPLATES = 4000
const SPREAD_MS = 30 * DAY_MS
/** Coprime to the spread, so that times repeat only after it has been walked through. */
const STRIDE_MS = 7_919_003

/**
 * `count` valid rows of a kind, each of another person, case or report, for load tests: bodies are drawn once and only
 * keys and times are made per row. All lie in Hunan by home (workers) or work. `now` bounds the times, 30 days back.
 */
export function* generateRows<K extends Kind>(
  kind: K,
  seed: number,
  count: number,
  now = Date.now(),
): Generator<RowOf[K]> {
  const rows = MAKERS[kind](seed, now)
  for (let i = 0; i < count; i++) yield rows(i, isoOf(now - ((i * STRIDE_MS) % SPREAD_MS)))
}

type Maker<Row> = (seed: number, now: number) => (index: number, observedAt: string) => Row

const MAKERS: { [K in Kind]: Maker<RowOf[K]> } = {
  workers: workersMaker,
  arrears: arrearsMaker,
  industry: industryMaker,
}

/** New persons: ID numbers are dealt out by county from a start that depends on the seed. */
function workersMaker(seed: number, now: number): ReturnType<Maker<WorkersRow>> {
  const offices = slicesOf(WORKERS_DEFAULT).filter((slice) => slice.source.startsWith('county-'))
  const templates = offices.flatMap((slice) =>
    Array.from({ length: Math.max(1, Math.round(TEMPLATES * slice.county.homeShare)) }, (_, i) => {
      const worker = workerOf(seed, slice, i, now)
      const birthYear = Number(worker.person.idNumber.slice(6, 10))
      return {
        county: slice.county.code,
        birthYear,
        isMale: worker.person.isMale,
        row: workerRow(worker, 'employed', now),
      }
    }),
  )
  const next = new Map(offices.map(({ county }) => [county.code, (seed * 20_011) % PERSONS_PER_COUNTY_MAX]))
  return (index, observedAt) => {
    const { county, birthYear, isMale, row } = templates[
      index % templates.length
    ] as (typeof templates)[number]
    const person = next.get(county) ?? 0
    next.set(county, (person + 1) % PERSONS_PER_COUNTY_MAX)
    return { ...row, idNumber: idNumberOf(county, person, birthYear, isMale), observedAt }
  }
}

function arrearsMaker(seed: number, now: number): ReturnType<Maker<ArrearsRow>> {
  const offices = NETWORK.filter((source) => source.role === 'county')
  const random = randomFor(seed, 'load arrears')
  const templates = Array.from(
    { length: TEMPLATES },
    () => openCase(random, random.pick(offices), '', now).row,
  )
  return (index, observedAt) => ({
    ...(templates[index % TEMPLATES] as ArrearsRow),
    caseId: `L${seed}-${index}`,
    observedAt,
  })
}

function industryMaker(seed: number, now: number): ReturnType<Maker<IndustryRow>> {
  const random = randomFor(seed, 'load industry')
  const days = Array.from({ length: 30 }, (_, back) => isoDay(localMidnight(now) - (back + 31) * DAY_MS))
  const templates = POINTS.flatMap((point) =>
    days.map((day) =>
      dayRow(point, random, day, now, { headcount: point.headcount, hires: 40, departures: 35 }),
    ),
  )
  return (index, observedAt) => {
    const row = templates[index % templates.length] as IndustryRow
    return { ...row, pointId: `${row.pointId}-L${seed}-${Math.floor(index / templates.length)}`, observedAt }
  }
}
