import { inOrder } from '#domain/alert.ts'
import { acrossSites, employerSiteOf } from '#domain/site.ts'
import type { Open } from '#sql/queries/open-by-site.ts'

/** What an employer owes at several places of one region, summed up, and the sums of those places. */
export type Across = { open: Open; parts: readonly Open[] }

/** Digits of the regions over which an employer's sites add up: those of a city, and the cities of a province. */
const REGION_DIGITS = [4, 2] as const

/**
 * What each employer owes over the counties of a city, and over the cities of a province; only where there are at least
 * two, as the smallest region that holds all is the one whose people are to know. Employers known by name only may be
 * several of one name, and projects lie in one county: neither adds up.
 */
export function acrossSitesOf(sites: readonly Open[]): Across[] {
  const placed = sites.flatMap((open) => {
    const employer = employerSiteOf(open.site)
    return employer ? { ...employer, open } : []
  })
  return [...Map.groupBy(placed, ({ code }) => code)].flatMap(([code, members]) => {
    const found: Across[] = []
    let narrower: readonly { region: string; open: Open }[] = members
    for (const digits of REGION_DIGITS) {
      const regions = Map.groupBy(narrower, ({ region }) => region.slice(0, digits))
      narrower = [...regions].flatMap(([region, parts]) => {
        if (parts.length < 2) return parts
        const opens = parts.map((part) => part.open)
        const open = { ...summed(opens), site: acrossSites(code, region), region, works: [region] }
        found.push({ open, parts: opens })
        return { region, open }
      })
    }
    return found
  })
}

/** The names of all that a site is, or may become, a part of. */
export function acrossNamesOf(site: string): string[] {
  const employer = employerSiteOf(site)
  if (!employer) return []
  return REGION_DIGITS.map((digits) => acrossSites(employer.code, employer.region.slice(0, digits)))
}

/**
 * Names, sector and status are those of the part that owes most. Only who holds the whole region sees it, and nobody by home:
 * it tells of workers of elsewhere.
 */
function summed(parts: readonly Open[]): Open {
  const heaviest = parts.reduce((a, b) => (b.owedFen > a.owedFen ? b : a))
  return parts.reduce(plus, { ...heaviest, ...NOTHING, homes: [], sectors: [], bySector: [] })
}

const NOTHING = { cases: 0, workers: 0, owedFen: 0n, gathering: 0 }

function plus(sum: Open, part: Open): Open {
  return {
    ...sum,
    sectors: inOrder([...sum.sectors, ...part.sectors]),
    cases: sum.cases + part.cases,
    workers: sum.workers + part.workers,
    owedFen: sum.owedFen + part.owedFen,
    gathering: sum.gathering + part.gathering,
    observedMs: Math.max(sum.observedMs, part.observedMs),
  }
}
