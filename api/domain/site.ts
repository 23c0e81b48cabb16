/**
 * What arrears add up under, the site, lies in one county each, so that sums and proof of a county stay inside it (or in
 * what a case says of its place, where that is less): `project:430503:<name>`, `employer:430503:<name>`, or, of an employer
 * known by its code, `employer:<code>:430503`, so that all sites of one employer lie side by side. What such an employer owes
 * over several of them is watched as `employer:<code>:across:4305`.
 */
const EMPLOYER = /^employer:[0-9A-Z]{18}$/
const EMPLOYER_SITE = /^employer:([0-9A-Z]{18}):(\d{2,6})$/
const ACROSS = /^employer:([0-9A-Z]{18}):across:(\d{2,4})$/

/** A county's site, of an observation's: that names an employer with a code without saying where. */
export function siteWithin(site: string, workRegion: string): string {
  return EMPLOYER.test(site) ? `${site}:${workRegion.slice(0, 6)}` : site
}

/** What an employer owes over the counties of a city, or over the cities of a province. */
export function acrossSites(code: string, region: string): string {
  return `employer:${code}:across:${region}`
}

/** Whether a group is a site or a sum of sites, not one case. */
export function isSite(group: string): boolean {
  return /^(project|employer):/.test(group)
}

/** Whether a group is the site of a project: of one name, and of as many employers as work there. */
export function isProjectSite(group: string): boolean {
  return group.startsWith('project:')
}

type OfEmployer = { code: string; region: string }

/** Employer and place of a site; `null` where it is a project's or the employer is known by name only. */
export function employerSiteOf(site: string): OfEmployer | null {
  return matched(EMPLOYER_SITE, site)
}

/** Employer and place of what is watched over several sites; `null` for every other group. */
export function employerAcrossOf(group: string): OfEmployer | null {
  return matched(ACROSS, group)
}

function matched(pattern: RegExp, text: string): OfEmployer | null {
  const [, code, region] = pattern.exec(text) ?? []
  return code !== undefined && region !== undefined ? { code, region } : null
}
