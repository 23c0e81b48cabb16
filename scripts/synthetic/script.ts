import { CYCLE_MS, incidentSteps, type Step } from './incidents.ts'
import type { Outgoing } from './live.ts'

/** The incident script against a clock that starts at `startedAt`. */
export class Script {
  readonly #seed: number
  readonly #startedAt: number
  readonly #onIncident: (log: string, at: number) => void
  readonly #silent = new Set<string>()
  #cycle = -1
  #steps: Step[] = []

  constructor(seed: number, startedAt: number, onIncident: (log: string, at: number) => void = () => {}) {
    this.#seed = seed
    this.#startedAt = startedAt
    this.#onIncident = onIncident
  }

  isSilent(source: string): boolean {
    return this.#silent.has(source)
  }

  /** What the script sends up to `now` and has not yet sent. A cycle that a long pause skipped is not caught up on. */
  due(now: number): Outgoing[] {
    const cycle = Math.floor((now - this.#startedAt) / CYCLE_MS)
    const late = cycle === this.#cycle ? [] : this.#take(Number.POSITIVE_INFINITY, now)
    if (cycle !== this.#cycle) {
      this.#cycle = cycle
      this.#silent.clear()
      this.#steps = incidentSteps(this.#seed, cycle, this.#startedAt.toString(36))
    }
    return [...late, ...this.#take(now - this.#startedAt - cycle * CYCLE_MS, now)]
  }

  #take(elapsedMs: number, now: number): Outgoing[] {
    const due = this.#steps.filter((step) => step.afterMs <= elapsedMs)
    this.#steps = this.#steps.filter((step) => step.afterMs > elapsedMs)
    return due.flatMap(({ log, event }, i) => {
      this.#onIncident(log, now)
      if (event.kind === 'arrears')
        return [{ kind: 'arrears' as const, source: event.source, row: event.row(now + i) }]
      this.#silent.add(event.source)
      return []
    })
  }
}
