import { INSTANT_SUFFIX } from '#domain/organisation.ts'
import type { Fault } from '#domain/reason.ts'
import { isWithin } from '#domain/region.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { POINT_PLACES } from '#sql/queries/point-places.ts'
import type { Draft } from './observation.ts'

/** Where a point lies, when that was true (ms), and when it was said (µs). */
type Told = { region: string; observedMs: number; saidMicros: number }

const ELSEWHERE: Fault = { path: 'pointId', code: 'point_elsewhere' }

const WITHDRAWALS = `SELECT toUInt32(count()) FROM withdrawn_batches_v1 WHERE kind = 'industry'`

/**
 * Where monitoring points lie, so that nobody speaks for a point of elsewhere: a source may where its region holds the
 * point's. A point lies where the latest of its observations that stand says, and before there is one, where a unit is
 * registered for it; what lies nowhere is of who tells of it first. Who may speak for both places moves a point by saying so.
 *
 * Kept in memory, as a commit brings thousands; brought up to the store and asked in the turn of a commit only, so of two
 * sources that tell of a new point at once one is first, and what a crash left or a withdrawal took is seen.
 */
export class PointPlaces {
  readonly #engine: Engine
  readonly #postgres: Postgres
  readonly #told = new Map<string, Told>()
  #upToMicros = 0
  #withdrawals = 0
  #registered = new Map<string, Told>()
  #registry = ''

  constructor(engine: Engine, postgres: Postgres) {
    this.#engine = engine
    this.#postgres = postgres
  }

  /** Reads what others, or a process before, have stored since; all of it anew once something was withdrawn. */
  async refresh(): Promise<void> {
    const [withdrawals = 0] = await this.#engine.numbers(WITHDRAWALS)
    const isAnew = withdrawals !== this.#withdrawals
    const after = isAnew ? 0 : this.#upToMicros
    const rows = await this.#engine.query(POINT_PLACES, { after, instantSuffix: INSTANT_SUFFIX })
    if (isAnew) this.#told.clear()
    for (const { point, region, observedMs, saidMicros, receivedMicros } of rows) {
      this.#put(point, { region, observedMs, saidMicros })
      this.#upToMicros = Math.max(this.#upToMicros, receivedMicros)
    }
    this.#withdrawals = withdrawals
  }

  /**
   * The drafts whose point lies outside the region of their source; a request in `whole` that has one moves no point. What
   * the store has already, word for word, is let through: it is `unchanged`, whoever sends it.
   */
  async refusedOf<D extends Draft>(
    requests: readonly (readonly D[])[],
    whole: ReadonlySet<number>,
    isKnown: (draft: D) => boolean,
  ): Promise<ReadonlyMap<D, Fault>> {
    const points = requests.map((drafts) => drafts.map(({ historyKey }) => pointOf(historyKey)))
    if (points.some((some) => some.some((point) => !this.#told.has(point)))) await this.#readRegistered()
    // What sources of one region tell of lies in it: it cannot keep them from anything.
    const isOneRegion = new Set(requests.flatMap((drafts) => drafts[0]?.page.region ?? [])).size < 2
    const moved = new Map<string, Told>()
    const refused = new Map<D, Fault>()
    for (const [request, drafts] of requests.entries()) {
      const own = new Map<string, Told>()
      const before = refused.size
      for (const [i, draft] of drafts.entries()) {
        const point = points[request]?.[i] ?? ''
        const told =
          own.get(point) ?? moved.get(point) ?? this.#told.get(point) ?? this.#registered.get(point)
        if (told && !isWithin(told.region, draft.page.region)) {
          if (!isKnown(draft)) refused.set(draft, ELSEWHERE)
        } else if (!isOneRegion && !isKnown(draft)) {
          const now = toldBy(draft, Number.POSITIVE_INFINITY)
          if (isLater(told, now)) own.set(point, now)
        }
      }
      const isDropped = whole.has(request) && refused.size > before
      if (!isDropped) for (const [point, told] of own) moved.set(point, told)
    }
    return refused
  }

  /** What a commit has stored, in its order. */
  keep(fresh: readonly Draft[], receivedMicros: number): void {
    for (const draft of fresh) this.#put(pointOf(draft.historyKey), toldBy(draft, receivedMicros))
    this.#upToMicros = receivedMicros
  }

  #put(point: string, told: Told): void {
    const before = this.#told.get(point)
    if (isLater(before, told)) this.#told.set(point, told)
  }

  /** Units change rarely and commits with new points come often: all are read again only when their digest differs. */
  async #readRegistered(): Promise<void> {
    const registered = `FROM units WHERE "pointId" IS NOT NULL AND "retiredAt" IS NULL`
    const [registry] = await this.#postgres.query<{ digest: string }>(
      `SELECT count(*) || ' ' || coalesce(sum(hashtextextended("pointId" || '|' || region, 0)), 0) AS digest ${registered}`,
    )
    if (!registry || registry.digest === this.#registry) return
    const units = await this.#postgres.query<{ pointId: string; region: string }>(
      `SELECT "pointId", region ${registered}`,
    )
    this.#registered = new Map(
      units.map(({ pointId, region }) => [
        pointId,
        { region, observedMs: Number.NEGATIVE_INFINITY, saidMicros: 0 },
      ]),
    )
    this.#registry = registry.digest
  }
}

const toldBy = ({ place, observedAt, saidAt }: Draft, nowMicros: number): Told => ({
  region: place,
  observedMs: observedAt,
  saidMicros: saidAt ?? nowMicros,
})

/** At one instant the later said holds, and of what was said at once the later received. */
function isLater(before: Told | undefined, told: Told): boolean {
  if (!before || before.observedMs !== told.observedMs) return !before || before.observedMs < told.observedMs
  return before.saidMicros <= told.saidMicros
}

/**
 * The point of a history, which is named `point|project`. A point with a bar of its own, as some were told of before it was refused,
 * is cut there, so that no choice of point and project makes a history of another point's.
 */
function pointOf(historyKey: string): string {
  const name = historyKey.slice(0, historyKey.indexOf('|'))
  return name.endsWith(INSTANT_SUFFIX) ? name.slice(0, -INSTANT_SUFFIX.length) : name
}
