import { Area, isAskedFor, UnitKind, UnitRank } from '#domain/organisation.ts'
import { PREFECTURES } from '#domain/region.ts'
import type { UnitSummary } from '../../../lib/units.ts'

/** Everything the registry shows, as it stands in the address bar. */
export type View = {
  readonly kind: UnitKind | null
  readonly rank: UnitRank | null
  readonly region: string | null
  readonly area: Area | null
  readonly isSilent: boolean
  /** Part of a name. */
  readonly text: string
  /** The unit that is open beside the list; `new` for the form of a new one. */
  readonly unit: string | null
  /** Which of its forms is open in its place. */
  readonly edit: 'unit' | 'duty' | null
}
const EDITS = ['unit', 'duty'] as const

/** The ranks a kind has, highest first. */
export const RANKS: Record<UnitKind, readonly UnitRank[]> = {
  office: ['province', 'city', 'county', 'township'],
  park: ['national', 'provincial', 'other'],
  association: ['province', 'city', 'county'],
  department: ['province', 'city', 'county'],
  station: ['province', 'city', 'county'],
}

/** The view of an address; what cannot be read is left out. */
export function viewFrom(search: Pick<URLSearchParams, 'get'>): View {
  const kind = UnitKind.safeParse(search.get('kind')).data ?? null
  const rank = UnitRank.safeParse(search.get('rank')).data ?? null
  return {
    kind,
    rank: rank !== null && kind !== null && RANKS[kind].includes(rank) ? rank : null,
    region: PREFECTURES.find((code) => code === search.get('region')) ?? null,
    area: Area.safeParse(search.get('area')).data ?? null,
    isSilent: search.get('silent') === 'true',
    text: search.get('q') ?? '',
    unit: search.get('unit'),
    edit: EDITS.find((edit) => edit === search.get('edit')) ?? null,
  }
}

/** The address of a view. */
export function addressOf(view: View): string {
  const search = new URLSearchParams()
  const given = { ...view, silent: view.isSilent ? 'true' : null, q: view.text }
  for (const name of ['kind', 'rank', 'region', 'area', 'silent', 'q', 'unit', 'edit'] as const)
    if (given[name]) search.set(name, given[name])
  return search.size === 0 ? '/registry' : `/registry?${search}`
}

/** The units of a view; the silent ones first within each kind, otherwise in the order of the server. */
export function unitsOf(view: View, units: readonly UnitSummary[]): UnitSummary[] {
  return units
    .filter(
      (unit) =>
        isAskedFor(unit, view) &&
        (!view.isSilent || unit.silentSince !== null) &&
        unit.name.toLowerCase().includes(view.text.trim().toLowerCase()),
    )
    .sort((a, b) => Number(b.silentSince !== null) - Number(a.silentSince !== null))
}
