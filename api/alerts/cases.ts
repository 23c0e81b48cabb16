import type { Alert } from '#domain/alert.ts'
import { isWithin } from '#domain/region.ts'
import { employerAcrossOf, employerSiteOf, isSite } from '#domain/site.ts'
import type { Engine } from '#sql/engine.ts'
import { EMPLOYER_SITES } from '#sql/queries/employer-sites.ts'
import { SITE_CASES } from '#sql/queries/site-cases.ts'

/** The keys of the cases behind an alert: its one case, or every case that ever counted under its site or sites. */
export async function readCaseKeys(engine: Engine, { group }: Pick<Alert, 'group'>): Promise<string[]> {
  if (!isSite(group)) return [group]
  const sites = await readSites(engine, group)
  return (await engine.query(SITE_CASES, { sites })).map((row) => row.caseKey)
}

async function readSites(engine: Engine, group: string): Promise<string[]> {
  const across = employerAcrossOf(group)
  if (!across) return [group]
  const sites = await engine.query(EMPLOYER_SITES, { codes: [across.code] })
  return sites.flatMap(({ site }) =>
    isWithin(employerSiteOf(site)?.region ?? '', across.region) ? site : [],
  )
}
