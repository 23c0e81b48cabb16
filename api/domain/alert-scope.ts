import { type Alert, type AlertLogEntry, inOrder, type PlacesOfSector } from './alert.ts'
import { commonRegion, LEVEL_DIGITS } from './region.ts'
import { holds, type Scope } from './scope.ts'
import { isProjectSite, isSite } from './site.ts'

/** Whether a scope is told of an alert: one grant holds one of its cases, by place of work or by home, and by sector. */
export function holdsAlert(scope: Scope, alert: Alert): boolean {
  return placesOf(alert).some(({ sector, workRegions, homeRegions }) =>
    holds(scope, { homes: homeRegions, works: workRegions, sectors: [sector] }),
  )
}

/**
 * An alert that a scope holds, as it may see it: whole where every place of work in its sector is its own. By home nobody
 * sees it whole: how many of its workers are of there, it does not say.
 *
 * Otherwise it tells what is so of the whole (rule, group, tier, state, times, whether it is verified), as whoever has a case
 * in it has the duty that the tier sets, and nothing else of the cases of others: no figures, which count them; of places and
 * sectors those that are theirs. `region` is then the smallest that holds their places of work (by home alone: the county
 * of the site, in which their own cases lie too), `sector` the first of theirs, as the heaviest may be another's. Employer and project stay, as the site is named after them or there is but one case; at the site
 * of a project, whose employers may be several, the project alone.
 */
export function alertInScope(scope: Scope, alert: Alert): Alert {
  const all = placesOf(alert)
  const isOwnWork = (work: string, sector: string) =>
    holds(scope, { homes: [], works: [work], sectors: [sector] })
  if (all.every(({ sector, workRegions }) => workRegions.every((work) => isOwnWork(work, sector))))
    return alert
  const own = all
    .map(({ sector, workRegions, homeRegions }) => ({
      sector,
      workRegions: workRegions.filter((work) => isOwnWork(work, sector)),
      homeRegions: homeRegions.filter((home) =>
        holds(scope, { homes: [home], works: [], sectors: [sector] }),
      ),
    }))
    .filter(({ workRegions, homeRegions }) => workRegions.length + homeRegions.length > 0)
  const workRegions = inOrder(own.flatMap((one) => one.workRegions))
  return {
    ...alert,
    value: null,
    cases: null,
    workers: null,
    owed: null,
    isPart: true,
    region: workRegions.length > 0 ? commonRegion(workRegions) : coarseRegion(alert),
    workRegions,
    homeRegions: inOrder(own.flatMap((one) => one.homeRegions)),
    sector: own[0]?.sector ?? '',
    sectors: own.map(({ sector }) => sector),
    bySector: alert.bySector.length > 0 && own.length > 1 ? own : [],
    employer: isProjectSite(alert.group) ? '' : alert.employer,
  }
}

/** Where an alert lies, whichever of its cases are looked at: a site lies in one county, its cases perhaps in several townships. */
function coarseRegion({ group, region, workRegions }: Alert): string {
  return isSite(group) && workRegions.length > 0 ? region.slice(0, LEVEL_DIGITS.county) : region
}

/** A log entry as a scope may see it. What people wrote stays: they wrote it for all who see the alert. */
export function entryInScope(scope: Scope, entry: AlertLogEntry): AlertLogEntry {
  return { ...entry, alert: alertInScope(scope, entry.alert) }
}

/** Its places sector by sector; where it does not say which are of which, each counts for each. */
function placesOf(alert: Alert): readonly PlacesOfSector[] {
  if (alert.bySector.length > 0) return alert.bySector
  const sectors = alert.sectors.length > 0 ? alert.sectors : [alert.sector]
  const workRegions = alert.workRegions.length > 0 ? alert.workRegions : [alert.region]
  return sectors.map((sector) => ({ sector, workRegions, homeRegions: alert.homeRegions }))
}
