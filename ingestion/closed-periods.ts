import type { Fault } from '#domain/reason.ts'
import type { Kind } from '#domain/signal.ts'
import type { Postgres } from '#sql/postgres.ts'
import { changesFor } from './changes.ts'
import { closedTo, readLocksWithExceptions } from './intake-rules.ts'
import { lockedIn, lockFault, toldByChanges } from './locks.ts'
import type { Draft, Observation } from './observation.ts'
import { isIn } from './pick.ts'
import { observationOfDraft } from './state.ts'

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
    const taken = new Map<string, Observation<K>[]>()
    for (const draft of requests.flat()) {
      // A report counts in its period, which is in its row, however late it is observed.
      if (this.#kind !== 'industry' && draft.observedAt >= latestMs) continue
      const history = known.get(draft.historyKey) ?? []
      if (isIn(history, draft)) continue
      const before = [...history, ...(taken.get(draft.historyKey) ?? [])]
      const observation = lastSaid(draft, before.length)
      const told = toldByChanges(this.#kind, changesFor(this.#kind, before, [observation]))
      const [lock] = lockedIn(this.#kind, told, closedTo(draft.source, locks))
      if (lock) refused.set(draft, lockFault(this.#kind, lock))
      else taken.set(draft.historyKey, [...(taken.get(draft.historyKey) ?? []), observation])
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
