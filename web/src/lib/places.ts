import { error, redirect } from '@sveltejs/kit'
import { isWithin } from '#domain/region.ts'
import type { Right } from '#domain/right.ts'
import type { Me } from './api.ts'
import { logInFor } from './entry.ts'
import type { Key } from './locale.svelte.ts'

/**
 * The pages of the menu in order, and the rights by any of which each is of use; none: for everybody. Those of administration
 * stand together; of one that `isWhole` nothing is seen by who has the right for some regions only.
 */
const PLACES: readonly Place[] = [
  { href: '/map', key: 'nav.map', rights: ['figures.read'] },
  { href: '/wall', key: 'nav.wall', rights: ['figures.read'] },
  { href: '/households', key: 'nav.households', rights: ['households.read'] },
  { href: '/report', key: 'nav.report', rights: ['reports.send', 'batches.send'] },
  { href: '/registry', key: 'nav.registry', rights: ['units.read', 'reports.send'] },
  { href: '/sources', key: 'nav.sources', rights: ['sources.read'], isAdministration: true },
  { href: '/walls', key: 'nav.walls', rights: ['walls.manage'], isAdministration: true },
  { href: '/identity', key: 'nav.identity', rights: ['identity.read'], isAdministration: true },
  { href: '/people', key: 'nav.people', rights: ['people.read'], isAdministration: true },
  { href: '/roles', key: 'nav.roles', rights: ['people.read'], isAdministration: true },
  { href: '/audit', key: 'nav.audit', rights: ['audit.read'], isAdministration: true, isWhole: true },
  { href: '/docs', key: 'nav.docs', rights: [] },
]

type Place = {
  href: string
  key: Key
  rights: readonly Right[]
  isAdministration?: boolean
  isWhole?: boolean
}

/** What one may open. Nobody knows who looks (`null`): what needs no right. */
export function placesFor(me: Me | null): Place[] {
  return PLACES.filter((place) => isOpenTo(me, place))
}

/** The place of the menu that an address belongs to. */
export function placeAt(path: string): Place | undefined {
  return PLACES.find(({ href }) => href === path)
}

/** Where to begin: the first page that is of use to who looks, or one that says why there is none. */
export function homeFor(me: Me | null): string {
  return placesFor(me).find(({ rights }) => rights.length > 0)?.href ?? '/map'
}

/** Whether a page of the menu is not open to who looks. Nobody known (`null`) is let through, as the server may only be away. */
export function isClosedTo(me: Me | null, path: string): boolean {
  const place = placeAt(path)
  return me !== null && place !== undefined && !isOpenTo(me, place)
}

/**
 * For `load`, before it asks for anything: a page of the menu that is closed to who looks is not begun. The error page of its
 * layout says so to a person; a screen without one is sent to the log-in. `url` is where that comes back to; it is only read
 * then, as whatever reads it is loaded again with every change of the address.
 * @throws HttpError 403, Redirect.
 */
export function rejectClosed(me: Me | null, path: string, url: Pick<URL, 'search'>): void {
  if (me === null || !isClosedTo(me, path)) return
  if (me.user === null) redirect(307, logInFor({ pathname: path, search: url.search }))
  error(403)
}

/** Whether somebody has at least one of some rights, for anything at all. */
export function mayAny(me: Me | null, rights: readonly Right[]): boolean {
  return rights.some((right) => me?.rights.includes(right))
}

/** Whether a right of somebody's holds for all regions. */
export function mayEverywhere(me: Me | null, right: Right): boolean {
  return me?.everywhere.includes(right) ?? false
}

/** The regions that a right of somebody's reaches, none within another, the largest first; [''] stands for everywhere. */
export function regionsFor(me: Me | null, right: Right): string[] {
  if (mayEverywhere(me, right)) return ['']
  const held = me?.posts.flatMap(({ rights, regions }) => (rights.includes(right) ? regions : [])) ?? []
  return [...new Set(held)]
    .filter((region) => !held.some((other) => other !== region && isWithin(region, other)))
    .sort((a, b) => a.length - b.length || a.localeCompare(b))
}

function isOpenTo(me: Me | null, { rights, isWhole }: Place): boolean {
  if (rights.length === 0) return true
  return isWhole ? rights.some((right) => mayEverywhere(me, right)) : mayAny(me, rights)
}
