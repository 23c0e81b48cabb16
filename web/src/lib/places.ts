import type { Right } from '#domain/right.ts'
import type { Me } from './api.ts'

/** The pages of the menu in order, and the rights by any of which each is of use; none: for everybody. Those of administration stand together. */
const PLACES = [
  { href: '/map', key: 'nav.map', rights: ['figures.read'], isAdministration: false },
  { href: '/wall', key: 'nav.wall', rights: ['figures.read'], isAdministration: false },
  { href: '/households', key: 'nav.households', rights: ['households.read'], isAdministration: false },
  { href: '/registry', key: 'nav.registry', rights: ['units.read'], isAdministration: false },
  { href: '/report', key: 'nav.report', rights: ['reports.send', 'batches.send'], isAdministration: false },
  { href: '/sources', key: 'nav.sources', rights: ['sources.read'], isAdministration: true },
  { href: '/walls', key: 'nav.walls', rights: ['walls.manage'], isAdministration: true },
  { href: '/identity', key: 'nav.identity', rights: ['identity.read'], isAdministration: true },
  { href: '/people', key: 'nav.people', rights: ['people.read'], isAdministration: true },
  { href: '/audit', key: 'nav.audit', rights: ['audit.read'], isAdministration: true },
  { href: '/docs', key: 'nav.docs', rights: [], isAdministration: false },
] as const satisfies readonly {
  href: string
  key: string
  rights: readonly Right[]
  isAdministration: boolean
}[]

/** What one may open. Nobody knows who looks (`null`): what needs no right. */
export function placesFor(me: Me | null) {
  return PLACES.filter(({ rights }) => rights.length === 0 || mayAny(me, rights))
}

/** Whether somebody has at least one of some rights, for anything at all. */
export function mayAny(me: Me | null, rights: readonly Right[]): boolean {
  return rights.some((right) => me?.rights.includes(right))
}
