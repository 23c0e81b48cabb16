import type { Kind } from '#domain/signal.ts'
import { casesOf } from './arrears.ts'
import { CaseCalendar, isoOf, localMidnight } from './calendar.ts'
import { type ArrearsRow, advance, type Case, isOpen, openCase } from './case.ts'
import { dayRow, type IndustryRow, isoDay, majorEventOf, reportsOf } from './industry.ts'
import { POINTS, type Point } from './points.ts'
import { type Slice, slicesOf } from './population.ts'
import { randomFor, Weighted } from './random.ts'
import { isQuiet, NETWORK, sourceFor } from './sources.ts'
import { apply, type Event, type Worker, type WorkersRow, workerOf, workerRow } from './worker.ts'
import { observationsOf } from './workers.ts'

/** A row and the source that sends it. */
export type Outgoing = { readonly source: string } & (
  | { readonly kind: 'workers'; readonly row: WorkersRow }
  | { readonly kind: 'arrears'; readonly row: ArrearsRow }
  | { readonly kind: 'industry'; readonly row: IndustryRow }
)

/** What decides a history: with the same four, the live phase continues the very persons and cases that were sent. */
export type History = {
  readonly seed: number
  readonly workers: number
  readonly from: number
  readonly now: number
}

/** Live signals by kind: registrations and job changes make up the day; cases are few. */
const kinds = new Weighted<Kind>([
  ['workers', 90],
  ['arrears', 5],
  ['industry', 5],
])
/** Changes of those at work; leaving work is as frequent as coming back when 94% are employed. `null`: confirmed as it was. */
const changes = new Weighted<Event | null>([
  ['job', 72],
  [null, 21],
  ['home', 3],
  ['seek', 2.5],
  ['withdraw', 0.5],
])
const NEW_PERSON_SHARE = 0.01
const NEW_CASE_SHARE = 0.1
const CLOSING_SHARE = 0.1
const PAY_SHARE = 0.12
/** Persons whose live changes are remembered; the oldest is forgotten first. */
const REMEMBERED_MAX = 50_000

/** The province going on after its history: `draw(at)` is one more observation, at that instant. */
export class LiveWorld {
  readonly #history: History
  readonly #random
  readonly #slices: Weighted<Slice>
  readonly #people = new Map<string, { worker: Worker; status: WorkersRow['status'] }>()
  readonly #added = new Map<string, number>()
  readonly #persons = new Map<string, number>()
  readonly #cases: Case[] = []
  readonly #target: number
  readonly #points: { point: Point; headcount: number; day: number; hires: number; departures: number }[] = []
  #opened = 0

  constructor(history: History) {
    this.#history = history
    this.#random = randomFor(history.seed, 'live', history.now)
    const slices = slicesOf(history.workers)
    for (const slice of slices) this.#persons.set(slice.county.code, slice.until)
    this.#slices = new Weighted(
      slices
        .filter((slice) => !isQuiet(slice.source))
        .map((slice) => [slice, slice.until - slice.from] as const),
    )
    const calendar = new CaseCalendar(history.from, history.now)
    for (const source of NETWORK) {
      if (isQuiet(source.slug)) continue
      for (const { last } of casesOf(history.seed, source, calendar, history.now))
        if (isOpen(last)) this.#cases.push(last)
    }
    this.#target = this.#cases.length
    for (const point of POINTS)
      if (point.isDaily && !isQuiet(`point-${point.id}`))
        this.#points.push({ point, headcount: this.#lastHeadcount(point), day: 0, hires: 0, departures: 0 })
  }

  get openCases(): number {
    return this.#cases.length
  }

  draw(at: number): Outgoing {
    const kind = kinds.draw(this.#random)
    if (kind === 'workers') return this.#worker(at)
    return kind === 'arrears' ? this.#case(at) : this.#report(at)
  }

  #worker(at: number): Outgoing {
    const slice = this.#slices.draw(this.#random)
    const isNew = this.#random.chance(NEW_PERSON_SHARE)
    const index = isNew ? this.#nextIndex(slice) : slice.from + this.#random.below(slice.until - slice.from)
    const key = `${slice.county.code}.${index}`
    const known = this.#people.get(key) ?? this.#recall(slice, index)
    if (known.status === 'withdrawn') return this.#worker(at)
    const event = known.status === 'employed' ? changes.draw(this.#random) : 'job'
    known.status = event === null ? known.status : apply(known.worker, event, at)
    this.#people.delete(key)
    this.#people.set(key, known)
    if (this.#people.size > REMEMBERED_MAX) this.#people.delete(this.#people.keys().next().value ?? '')
    return { kind: 'workers', source: slice.source, row: workerRow(known.worker, known.status, at) }
  }

  /** A person as the history left him; one who is not in it yet registers now. */
  #recall(slice: Slice, index: number) {
    const { seed, from, now } = this.#history
    const worker = workerOf(seed, slice, index, now)
    const last = index < slice.until ? observationsOf(worker, from, now).at(-1) : undefined
    return { worker, status: last?.row.status ?? ('seeking' as const) }
  }

  #nextIndex({ county }: Slice): number {
    const added = this.#added.get(county.code) ?? 0
    this.#added.set(county.code, added + 1)
    return (this.#persons.get(county.code) ?? 0) + added
  }

  #case(at: number): Outgoing {
    const shortage = (this.#target - this.#cases.length) / Math.max(1, this.#target)
    if (this.#cases.length === 0 || this.#random.chance(NEW_CASE_SHARE + shortage)) return this.#newCase(at)
    const place = this.#random.below(this.#cases.length)
    const open = this.#cases[place] as Case
    if (open.row.status === 'processing')
      open.settleAt = this.#random.chance(CLOSING_SHARE - shortage) ? at : at + 1
    const row = advance(open, at, PAY_SHARE)
    if (!isOpen(open)) this.#cases.splice(place, 1)
    return { kind: 'arrears', source: open.source, row }
  }

  #newCase(at: number): Outgoing {
    const source = sourceFor(this.#slices.draw(this.#random).source)
    const reporter =
      source.role === 'prefecture'
        ? sourceFor(`county-${this.#slices.draw(this.#random).county.code}`)
        : source
    const caseId = `${reporter.region}-${this.#history.now.toString(36)}-${String(++this.#opened).padStart(5, '0')}`
    const random = randomFor(this.#history.seed, caseId, at)
    const opened = openCase(random, reporter, caseId, at)
    this.#cases.push(opened)
    return { kind: 'arrears', source: reporter.slug, row: opened.row }
  }

  /** A daily point corrects its report of the running day, or tells a major event at once. */
  #report(at: number): Outgoing {
    const state = this.#random.pick(this.#points)
    if (state.day !== localMidnight(at))
      Object.assign(state, { day: localMidnight(at), hires: 0, departures: 0 })
    const hires = this.#random.poisson(1.5)
    const departures = this.#random.poisson(1.3)
    state.hires += hires
    state.departures += departures
    state.headcount += hires - departures
    const row = dayRow(state.point, this.#random, isoDay(state.day), at, {
      headcount: state.headcount,
      hires: state.hires,
      departures: state.departures,
    })
    const isMajor = this.#random.chance(0.02)
    return {
      kind: 'industry',
      source: `point-${state.point.id}`,
      row: { ...row, observedAt: isoOf(at), ...(isMajor ? { majorEvent: majorEventOf(this.#random) } : {}) },
    }
  }

  #lastHeadcount(point: Point): number {
    const { seed, from, now } = this.#history
    return (
      reportsOf(seed, point, from, now).findLast(({ row }) => row.headcount !== undefined)?.row.headcount ??
      point.headcount
    )
  }
}
