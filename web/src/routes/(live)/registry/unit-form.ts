import {
  AREAS,
  Area,
  type Command,
  commandOf,
  PutUnit,
  type Unit,
  type UnitKind,
  type UnitRank,
} from '#domain/organisation.ts'
import { HUNAN } from '#domain/region.ts'
import type { UnitSummary } from '../../../lib/units.ts'
import { RANKS } from './view.ts'

/** A unit as it stands in the inputs; '' is nothing said. */
export type UnitDraft = {
  kind: UnitKind
  rank: UnitRank
  name: string
  region: string
  trade: string
  ownerRegion: string
  hostType: string
  serviceRegion: string
  address: string
  longitude: string
  latitude: string
  contactName: string
  contactPhone: string
  sourceId: string
  pointId: string
  sector: string
  dueDays: string
}

/** The provinces where stations stand. */
export const STATION_PROVINCES: readonly string[] = Area.options.flatMap((area) => AREAS[area].provinces)

/** The inputs of a unit, or of a new one. */
export function draftOf(unit: UnitSummary | null): UnitDraft {
  return {
    kind: unit?.kind ?? 'park',
    rank: unit?.rank ?? 'provincial',
    name: unit?.name ?? '',
    region: unit?.region ?? HUNAN,
    trade: unit?.trade ?? '',
    ownerRegion: unit?.ownerRegion ?? HUNAN,
    hostType: unit?.hostType ?? '',
    serviceRegion: unit?.serviceRegion ?? '',
    address: unit?.address ?? '',
    longitude: String(unit?.longitude ?? ''),
    latitude: String(unit?.latitude ?? ''),
    contactName: unit?.contactName ?? '',
    contactPhone: unit?.contactPhone ?? '',
    sourceId: unit?.sourceId ?? '',
    pointId: unit?.pointId ?? '',
    sector: unit?.sector ?? '',
    dueDays: String(unit?.dueDays ?? ''),
  }
}

/** The draft as one of another kind: its highest rank, and a place where such a unit can stand. */
export function asKind(draft: UnitDraft, kind: UnitKind): UnitDraft {
  const rank = RANKS[kind].includes(draft.rank) ? draft.rank : (RANKS[kind][0] ?? draft.rank)
  const isOutside = STATION_PROVINCES.some((code) => draft.region.startsWith(code))
  const region = (kind === 'station') === isOutside ? draft.region : kind === 'station' ? '' : HUNAN
  return { ...draft, kind, rank, region }
}

/** The unit that the inputs mean, or the fields that do not hold. */
export function unitOf(draft: UnitDraft): { unit: Unit } | { faulty: ReadonlySet<string> } {
  const parsed = PutUnit.safeParse({
    kind: draft.kind,
    rank: draft.rank,
    name: draft.name,
    region: draft.region,
    address: textOf(draft.address),
    longitude: numberOf(draft.longitude),
    latitude: numberOf(draft.latitude),
    contactName: textOf(draft.contactName),
    contactPhone: textOf(draft.contactPhone),
    sourceId: textOf(draft.sourceId),
    pointId: textOf(draft.pointId),
    sector: textOf(draft.sector),
    dueDays: numberOf(draft.dueDays),
    ...(draft.kind === 'association' && { trade: draft.trade }),
    ...(draft.kind === 'station' && {
      ownerRegion: draft.ownerRegion,
      hostType: draft.hostType,
      serviceRegion: draft.serviceRegion,
    }),
  })
  if (parsed.success) return { unit: parsed.data }
  return { faulty: new Set(parsed.error.issues.map(({ path }) => String(path[0] ?? 'name'))) }
}

/** The chain of command of the draft; `null` while its place is not settled. */
export function commandOfDraft({ kind, rank, region, ownerRegion }: UnitDraft): Command | null {
  const others = { name: '—', trade: 'domestic', hostType: 'chamber', serviceRegion: '44' }
  const placed = unitOf({ ...draftOf(null), ...others, kind, rank, region, ownerRegion })
  return 'unit' in placed ? commandOf(placed.unit) : null
}

function textOf(text: string): string | null {
  return text.trim() === '' ? null : text.trim()
}

function numberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text)
}
