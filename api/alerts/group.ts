import type { Transition } from './advance.ts'

/** Transitions that belong together: one place of work and its county, however many rules and cases speak of it. */
export type Incident = { site: string; region: string; transitions: Transition[] }

/** Gathers the transitions of one evaluation by site, so that a project with ten cases is one message, not ten. */
export function group(transitions: readonly Transition[]): Incident[] {
  const bySite = Map.groupBy(
    transitions,
    (transition) => transition.finding?.open.site ?? transition.alert.group,
  )
  return [...bySite].map(([site, members]) => ({
    site,
    region: members[0]?.alert.region ?? '',
    transitions: members,
  }))
}
