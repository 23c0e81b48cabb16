import type { Fault } from '#domain/reason.ts'
import type { Observation } from './observation.ts'

/**
 * What a commit did with one request's drafts, in counts. `refused` are those that it may not bring, by their places
 * in it, with why; absent where there is none.
 */
export type Verdict = { accepted: number; unchanged: number; refused?: ReadonlyMap<number, Fault> }

/**
 * Splits observations into those never seen, in order and by history, and those seen before, in the store or earlier in
 * the same commit.
 */
export function pick<O extends Place>(
  requests: readonly (readonly O[])[],
  known: ReadonlyMap<string, Place[]>,
) {
  const fresh: O[] = []
  const groups = new Map<string, O[]>()
  const verdicts = requests.map((observations): Verdict => {
    const before = fresh.length
    for (const observation of observations) {
      const group = groups.get(observation.historyKey)
      if (isIn(known.get(observation.historyKey), observation) || isIn(group, observation)) continue
      if (group) group.push(observation)
      else groups.set(observation.historyKey, [observation])
      fresh.push(observation)
    }
    const accepted = fresh.length - before
    return { accepted, unchanged: observations.length - accepted }
  })
  return { fresh, groups, verdicts }
}

/** Which of some drafts are refused, by their places among them. */
export function refusedIn<D>(
  drafts: readonly D[],
  faults: ReadonlyMap<D, Fault>,
): ReadonlyMap<number, Fault> {
  const refused = new Map<number, Fault>()
  for (const [i, draft] of drafts.entries()) {
    const fault = faults.get(draft)
    if (fault) refused.set(i, fault)
  }
  return refused
}

/** Of the drafts of each request those that are not refused; of a request in `whole` none, where one is. */
export function withoutRefused<D>(
  requests: readonly (readonly D[])[],
  whole: ReadonlySet<number>,
  faults: ReadonlyMap<D, Fault>,
): readonly (readonly D[])[] {
  if (faults.size === 0) return requests
  return requests.map((drafts, request) => {
    const left = drafts.filter((draft) => !faults.has(draft))
    return whole.has(request) && left.length < drafts.length ? [] : left
  })
}

/** What tells one observation from another. */
type Place = Pick<Observation, 'historyKey' | 'observedAt' | 'contentHash'>

export function isIn(history: readonly Place[] | undefined, { observedAt, contentHash }: Place): boolean {
  return history?.some((one) => one.observedAt === observedAt && one.contentHash === contentHash) ?? false
}
