import type { Alert, AlertLogEntry } from './alert.ts'
import { holds, type Scope } from './scope.ts'

/**
 * Whether a scope is told of an alert: one grant holds one of its places and one of its sectors. Not that they are of one
 * case: who is told too much gets no figure (`alertInScope`), who is told nothing misses what is theirs.
 */
export function holdsAlert(scope: Scope, alert: Alert): boolean {
  const { region, workRegions, homeRegions, sector } = alert
  return holds(scope, {
    homes: homeRegions,
    works: [region, ...workRegions],
    sectors: [sector, ...alert.sectors],
  })
}

/**
 * An alert that a scope holds, as it may see it: whole where every place of work in every sector is its own. Otherwise without
 * its figures, which count cases of others, and with those of its places and sectors that are theirs. By home nobody sees it
 * whole: how many of its workers are of there, it does not say.
 */
export function alertInScope(scope: Scope, alert: Alert): Alert {
  const works = alert.workRegions.length > 0 ? alert.workRegions : [alert.region]
  const sectors = alert.sectors.length > 0 ? alert.sectors : [alert.sector]
  const isWhole = works.every((work) =>
    sectors.every((sector) => holds(scope, { homes: [], works: [work], sectors: [sector] })),
  )
  if (isWhole) return alert
  return {
    ...alert,
    value: null,
    cases: null,
    workers: null,
    owed: null,
    isPart: true,
    workRegions: works.filter((work) => holds(scope, { homes: [], works: [work], sectors })),
    homeRegions: alert.homeRegions.filter((home) => holds(scope, { homes: [home], works: [], sectors })),
    sectors: sectors.filter((sector) => holds(scope, { homes: alert.homeRegions, works, sectors: [sector] })),
  }
}

/** A log entry as a scope may see it. What people wrote stays: they wrote it for all who see the alert. */
export function entryInScope(scope: Scope, entry: AlertLogEntry): AlertLogEntry {
  return { ...entry, alert: alertInScope(scope, entry.alert) }
}
