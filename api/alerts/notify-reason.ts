import type { Transition } from './advance.ts'
import type { Suppression } from './suppress.ts'

/** Why somebody is told, or why not: every transition gets exactly one, and they are counted. */
export type NotifyReason =
  | { kind: 'notify'; reason: 'new' | 'raised' | 'moved' | 'resolved' }
  | { kind: 'quiet'; reason: 'same_tier' | 'lowered' | 'outranked' | 'by_a_person' }

/** People are told of what is new, worse or over; a value that moves inside its tier, or falls, is only shown. */
export function notifyReason(transition: Transition, suppression: Suppression): NotifyReason {
  if (suppression.kind === 'suppressed') return { kind: 'quiet', reason: suppression.reason }
  switch (transition.change) {
    case 'opened':
      return { kind: 'notify', reason: 'new' }
    case 'raised':
      return { kind: 'notify', reason: 'raised' }
    case 'moved':
      return { kind: 'notify', reason: 'moved' }
    case 'resolved':
      return { kind: 'notify', reason: 'resolved' }
    case 'lowered':
      return { kind: 'quiet', reason: 'lowered' }
    case 'updated':
      return { kind: 'quiet', reason: 'same_tier' }
    case 'acknowledged':
    case 'commented':
      return { kind: 'quiet', reason: 'by_a_person' }
    default:
      return transition.change satisfies never
  }
}
