import { tierRank } from '#domain/tier.ts'
import type { Transition } from './advance.ts'
import type { Incident } from './group.ts'

/** Whether a transition may be told to people. Suppressed ones are in the log and on the desk all the same. */
export type Suppression = { kind: 'pass' } | { kind: 'suppressed'; reason: 'outranked' }

/**
 * Within one incident only the highest tier calls people: a yellow sum beside a red crowd at the same site says nothing
 * new to whoever is on the way.
 */
export function suppress(transition: Transition, incident: Incident): Suppression {
  // What is over outranks nothing: a crowd that has gone home must not hide the sum that has grown.
  const standing = incident.transitions.filter((other) => other.change !== 'resolved')
  const highest = Math.max(0, ...standing.map((other) => tierRank(other.alert.tier)))
  return tierRank(transition.alert.tier) < highest
    ? { kind: 'suppressed', reason: 'outranked' }
    : { kind: 'pass' }
}
