import type { Observation } from './observation.ts'

/**
 * What a commit did with one request's drafts, in counts. `refused` are the places in it of those that it may not bring;
 * absent where there is none.
 */
export type Verdict = { accepted: number; unchanged: number; refused?: readonly number[] }

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

/** What tells one observation from another. */
type Place = Pick<Observation, 'historyKey' | 'observedAt' | 'contentHash'>

export function isIn(history: readonly Place[] | undefined, { observedAt, contentHash }: Place): boolean {
  return history?.some((one) => one.observedAt === observedAt && one.contentHash === contentHash) ?? false
}
