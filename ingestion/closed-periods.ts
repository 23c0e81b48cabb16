import type { Fault } from '#domain/reason.ts'
import type { Kind } from '#domain/signal.ts'
import type { Postgres } from '#sql/postgres.ts'
import { changesFor } from './changes.ts'
import { closedTo, readLocksWithExceptions } from './intake-rules.ts'
import { type Lock, lockedIn, lockFault, toldByChanges } from './locks.ts'
import type { Draft, Observation } from './observation.ts'
import { isIn } from './pick.ts'
import { observationOfDraft } from './state.ts'

/** Drafts of one subject up to which each is judged beside those before it; more are judged as one, as each would read all before it. */
const FEW = 50

/**
 * Keeps commits from changing what was so in closed periods. That a row speaks of one is told before it is a draft
 * (`rejectLocked`); that it moves somebody out of a region whose period is closed shows only beside what is known of them.
 * The locks are read in the turn of each commit, so that one that was put while rows were on their way holds for them.
 */
export class ClosedPeriods<K extends Kind> {
  readonly #kind: K
  readonly #postgres: Postgres

  constructor(kind: K, postgres: Postgres) {
    this.#kind = kind
    this.#postgres = postgres
  }

  /** The locks of this kind, with the sources that have an exception. */
  async read() {
    return (await readLocksWithExceptions(this.#postgres)).filter(({ lock }) => lock.kind === this.#kind)
  }

  /** The drafts that would change what is closed to their source, each with its fault. `known`: what is in the store of their histories. */
  async refusedOf(
    requests: readonly (readonly Draft<K>[])[],
    known: ReadonlyMap<string, Observation<K>[]>,
  ): Promise<ReadonlyMap<Draft<K>, Fault>> {
    const refused = new Map<Draft<K>, Fault>()
    const locks = await this.read()
    if (locks.length === 0) return refused
    const latestMs = Math.max(...locks.map(({ lock }) => lock.beforeMs))
    const subjects = new Map<string, Draft<K>[]>()
    for (const draft of requests.flat()) {
      // A report counts in its period, which is in its row, however late it is observed.
      if (this.#kind !== 'industry' && draft.observedAt >= latestMs) continue
      if (isIn(known.get(draft.historyKey), draft)) continue
      const others = subjects.get(draft.historyKey)
      if (others) others.push(draft)
      else subjects.set(draft.historyKey, [draft])
    }
    for (const [historyKey, drafts] of subjects) {
      const taken = [...(known.get(historyKey) ?? [])]
      for (const some of drafts.length > FEW ? [drafts] : drafts.map((draft) => [draft])) {
        const observations = some.map((draft, i) => lastSaid(draft, taken.length + i))
        const told = toldByChanges(this.#kind, changesFor(this.#kind, taken, observations))
        const closed = new Map<string, Lock | undefined>()
        for (const [i, draft] of some.entries()) {
          if (!closed.has(draft.source))
            closed.set(draft.source, lockedIn(this.#kind, told, closedTo(draft.source, locks))[0])
          const lock = closed.get(draft.source)
          if (lock) refused.set(draft, lockFault(this.#kind, lock))
          else taken.push(observations[i] as Observation<K>)
        }
      }
    }
    return refused
  }
}

/** A draft as though it had its place in the commit: after everything that was received. */
const lastSaid = <K extends Kind>(draft: Draft<K>, ordinal: number): Observation<K> => ({
  ...observationOfDraft(draft),
  receivedAt: Number.MAX_SAFE_INTEGER,
  saidAt: draft.saidAt ?? Number.MAX_SAFE_INTEGER,
  ordinal,
})
