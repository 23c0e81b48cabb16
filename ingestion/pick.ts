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

/** Observations of one subject up to which each is compared. Nearly all have one; a column that is misread as the subject's gives tens of thousands. */
const FEW = 16
type Names = { counted: number; names: Set<string> }
const namesOf = new WeakMap<readonly Place[], Names>()
const nameOf = ({ observedAt, contentHash }: Place) => `${observedAt} ${contentHash}`

/** Whether a history, which may only grow at its end, holds what this observation says at its instant. */
export function isIn(history: readonly Place[] | undefined, place: Place): boolean {
  if (!history) return false
  if (history.length <= FEW)
    return history.some((one) => one.observedAt === place.observedAt && one.contentHash === place.contentHash)
  const known = namesOf.get(history) ?? { counted: 0, names: new Set() }
  if (known.counted === 0) namesOf.set(history, known)
  while (known.counted < history.length) known.names.add(nameOf(history[known.counted++] as Place))
  return known.names.has(nameOf(place))
}
