import { HUNAN } from '#domain/region.ts'
import { DAY_MS } from '#domain/time.ts'
import { FESTIVALS, officeTime } from './calendar.ts'
import { apply, type Event, type Status, type Worker, type WorkersRow, workerRow, YEAR_MS } from './worker.ts'

/** A row and its observation time in milliseconds. */
export type TimedRow<Row> = { readonly at: number; readonly row: Row }

const REGISTRATION_DAYS = 21

/** What happens to a person in [from, until), in time order: registration, festivals at home, changes. About 2.2 events. */
function eventsOf(worker: Worker, from: number, until: number): [number, Event][] {
  const { random, job } = worker
  const isEarly = random.chance(0.92)
  const first = isEarly ? from + random.uniform() * REGISTRATION_DAYS * DAY_MS : random.between(from, until)
  const events: [number, Event][] = [[first, 'register']]
  const years = (until - first) / YEAR_MS
  const goesHome = job.place.startsWith(HUNAN) ? (job.isAway ? 0.12 : 0) : 0.25
  for (const festival of FESTIVALS) {
    if (festival - 20 * DAY_MS < first || festival > until || !random.chance(goesHome)) continue
    events.push(
      [festival - random.between(7, 20) * DAY_MS, 'home'],
      [festival + random.between(6, 20) * DAY_MS, 'back'],
    )
  }
  for (let n = random.poisson(0.28 * years); n > 0; n--) events.push([random.between(first, until), 'job'])
  if (random.chance(0.025 * years)) {
    const at = random.between(first, until)
    events.push([at, 'seek'], [at + random.between(8, 45) * DAY_MS, 'job'])
  }
  if (random.chance(0.02 * years)) events.push([random.between(first, until), 'home'])
  if (random.chance(0.012 * years)) events.push([random.between(first, until), 'withdraw'])
  return events.sort((a, b) => a[0] - b[0])
}

/** A person's observations in [from, until), oldest first; the worker is left as the last of them says. */
export function observationsOf(worker: Worker, from: number, until: number): TimedRow<WorkersRow>[] {
  const rows: TimedRow<WorkersRow>[] = []
  let status: Status | null = null
  for (const [day, event] of eventsOf(worker, from, until)) {
    const at = officeTime(day, worker.random)
    if (at >= until || status === 'withdrawn') break
    if (event === 'back' && status !== 'returned') continue
    status = apply(worker, event, at)
    rows.push({ at, row: workerRow(worker, status, at) })
  }
  return rows
}
