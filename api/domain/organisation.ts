import { z } from 'zod'
import { DUE_DAYS_MAX } from './duty.ts'
import { holdsPersonNumber } from './person.ts'
import {
  ancestorAt,
  canonicalRegion,
  HUNAN,
  isWithin,
  type Level,
  levelAtLeast,
  parentOf,
  regionName,
} from './region.ts'
import { Sector } from './sector.ts'
import { type Bilingual, plainText } from './text.ts'

/**
 * The network that watches: monitoring points (parks, associations), the service stations outside the province,
 * departments and offices. Source: 湘就农发〔2020〕6号 as read in domain research §5.1 to §5.3.
 */
export const UNIT_KINDS = ['park', 'association', 'station', 'department', 'office'] as const
export const UnitKind = z.enum(UNIT_KINDS)
export type UnitKind = z.infer<typeof UnitKind>

/** The level of government a unit belongs to. */
const OfficeRank = z.enum(['province', 'city', 'county', 'township'])
type OfficeRank = z.infer<typeof OfficeRank>

/** Parks are dispatched by their rank. */
const ParkRank = z.enum(['national', 'provincial', 'other'])

/** The rank of a unit of any kind: a level of government, or for parks their own. */
export const UnitRank = z.enum([...OfficeRank.options, ...ParkRank.options])
export type UnitRank = z.infer<typeof UnitRank>

/** The five areas outside the province where stations stand, by the provinces they cover. Source: §5.3. */
export const AREAS = {
  pearlDelta: { zh: '珠三角', en: 'Pearl River Delta', provinces: ['44'] },
  yangtzeDelta: { zh: '长三角', en: 'Yangtze River Delta', provinces: ['31', '32', '33', '34'] },
  capital: { zh: '京津冀', en: 'Beijing, Tianjin, Hebei', provinces: ['11', '12', '13'] },
  fujian: { zh: '福建', en: 'Fujian', provinces: ['35'] },
  hubei: { zh: '湖北', en: 'Hubei', provinces: ['42'] },
} as const satisfies Record<string, Bilingual & { provinces: readonly string[] }>
export const Area = z.enum(Object.keys(AREAS) as [keyof typeof AREAS, ...(keyof typeof AREAS)[]])
export type Area = z.infer<typeof Area>

/** The trades whose associations report by contract. Source: §5.2. */
export const TRADES = {
  domestic: { zh: '家政', en: 'Domestic service' },
  manufacturing: { zh: '制造', en: 'Manufacturing' },
  construction: { zh: '建筑', en: 'Construction' },
  logistics: { zh: '物流', en: 'Logistics' },
  realEstate: { zh: '房地产', en: 'Real estate' },
} as const satisfies Record<string, Bilingual>
export const Trade = z.enum(Object.keys(TRADES) as [keyof typeof TRADES, ...(keyof typeof TRADES)[]])

/** Who runs a station by contract. Source: §5.3. */
export const HostType = z.enum(['chamber', 'association', 'company'])

const text = (max: number) => z.string().transform(plainText).pipe(z.string().max(max))
const Region = z.string().transform((raw, context) => {
  const code = canonicalRegion(raw)
  if (code === null) context.addIssue({ code: 'custom', message: 'is not a region code of GB/T 2260' })
  return code ?? HUNAN
})

/** What every unit has. `pointId` is what its period reports are filed under; without one it sends no industry reports. */
const shared = {
  name: text(100).pipe(z.string().min(1, 'must not be empty')),
  /** Where it is. */
  region: Region,
  address: text(200).nullable().default(null),
  longitude: z.number().min(73).max(136).nullable().default(null),
  latitude: z.number().min(3).max(54).nullable().default(null),
  /** The duty desk: an office contact, never a worker's. */
  contactName: text(50).nullable().default(null),
  contactPhone: z
    .string()
    .regex(/^[0-9+() -]{5,30}$/, 'must be a phone number')
    .nullable()
    .default(null),
  /** The source it sends as; `null` while it sends nothing. */
  sourceId: z.string().min(1).max(100).nullable().default(null),
  pointId: text(80).pipe(z.string().min(1)).nullable().default(null),
  sector: Sector.nullable().default(null),
  /** Days after a period's end by which its report is due; `null`: by the end of the next period, as silence counts. */
  dueDays: z.int().min(0).max(DUE_DAYS_MAX).nullable().default(null),
}

/** A unit of the network, by kind. For an association `rank` is the level that bought its service, for a station its owner's. */
export const Unit = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('office'), rank: OfficeRank, ...shared }),
    z.strictObject({ kind: z.literal('park'), rank: ParkRank, ...shared }),
    z.strictObject({ kind: z.literal('association'), rank: OfficeRank, trade: Trade, ...shared }),
    z.strictObject({ kind: z.literal('department'), rank: OfficeRank, ...shared }),
    z.strictObject({
      kind: z.literal('station'),
      rank: z.enum(['province', 'city', 'county']),
      /** Whose people it serves. */
      ownerRegion: Region,
      hostType: HostType,
      /** The region it watches. */
      serviceRegion: Region,
      ...shared,
    }),
  ])
  .superRefine((unit, context) => {
    const fault = unitFault(unit)
    if (fault) context.addIssue({ code: 'custom', path: [fault.path], message: fault.message })
  })
export type Unit = z.infer<typeof Unit>

/**
 * A unit as it is entered. What its point reports is stored under a hash where `pointId` holds the number of a person, and
 * would never be found as the unit's, and is refused where it holds "|"; one that was entered before can still be read.
 */
export const PutUnit = Unit.superRefine(({ pointId }, context) => {
  if (pointId !== null && holdsPersonNumber(pointId))
    context.addIssue({
      code: 'custom',
      path: ['pointId'],
      message: 'must not hold the ID or mobile number of a person; number the point by a code of its own',
    })
  if (pointId?.includes('|'))
    context.addIssue({ code: 'custom', path: ['pointId'], message: 'cannot hold "|"; use another mark' })
})

/** The area that a place outside the province lies in; `null` for the province itself and everywhere else. */
export function areaOf(region: string): Area | null {
  return Area.options.find((area) => AREAS[area].provinces.some((code) => isWithin(region, code))) ?? null
}

/** Who is behind a duty: the office of a region, the contract of whoever bought it, or an area's provincial station. */
export type Party =
  | { readonly kind: 'office'; readonly region: string }
  | { readonly kind: 'contract'; readonly region: string }
  | { readonly kind: 'station'; readonly area: Area }

/** Who dispatches (统筹调度), who urges on site (协调督促), and through whom it reports; `null` above the province. */
export type Command = {
  readonly dispatches: Party | null
  readonly urges: Party | null
  readonly reportsThrough: Party | null
}

/**
 * The chain of command of a unit.
 *
 * National parks are dispatched by the province and urged by the prefecture; provincial parks by the prefecture, which
 * sums up to the province, and by the county; other parks by the county alone. Associations work by contract and are
 * urged by the level that bought them. Source: §5.2. Stations answer to their owner; those of a prefecture or county are
 * coordinated by the provincial station of the area. Source: §5.3. Offices and departments answer to the office one
 * level up. Source: §5.1.
 */
export function commandOf(unit: Pick<Unit, 'kind' | 'rank' | 'region'> & { ownerRegion?: string }): Command {
  const { region } = unit
  switch (unit.kind) {
    case 'park':
      if (unit.rank === 'national') return command(office(HUNAN), officeAt(region, 'city'), office(HUNAN))
      if (unit.rank === 'provincial')
        return command(officeAt(region, 'city'), officeAt(region, 'county'), officeAt(region, 'city'))
      return command(officeAt(region, 'county'), officeAt(region, 'county'), officeAt(region, 'county'))
    case 'association': {
      const buyer = officeAt(region, OfficeRank.parse(unit.rank))
      return command({ ...buyer, kind: 'contract' }, buyer, { ...buyer, kind: 'contract' })
    }
    case 'station': {
      const owner = office(unit.ownerRegion ?? HUNAN)
      const area = areaOf(region)
      const coordinator: Party = unit.rank === 'province' || area === null ? owner : { kind: 'station', area }
      return command(owner, coordinator, owner)
    }
    case 'office':
    case 'department': {
      // A department sits beside the office of its own level; only the office itself looks one level up, wherever it stands.
      const own = ancestorAt(region, OfficeRank.parse(unit.rank)) ?? region
      const above = unit.kind === 'department' ? own : parentOf(own)
      const upper = above === null ? null : office(above)
      return command(upper, upper, upper)
    }
    default:
      return unit.kind satisfies never
  }
}

/** The name of a party: "长沙市农民工办", "长沙市农民工办购买服务合同", "珠三角省级服务站". */
export function partyName(party: Party): Bilingual {
  if (party.kind === 'station')
    return { zh: `${AREAS[party.area].zh}省级服务站`, en: `Provincial station, ${AREAS[party.area].en}` }
  const { zh, en } = regionName(party.region)
  const isContract = party.kind === 'contract'
  return {
    zh: `${zh}农民工办${isContract ? '（按购买服务合同）' : ''}`,
    en: `${en} migrant workers office${isContract ? ' (by contract)' : ''}`,
  }
}

/** The regions a unit is a matter of: where it lies, and of a station also whose people it serves. */
export function regionsOf({ region, ownerRegion }: Placed): string[] {
  return ownerRegion === undefined ? [region] : [region, ownerRegion]
}

/** Whose a unit is, and who may say so: of a station whose people it serves, of others where they lie. */
export function ownerOf({ region, ownerRegion }: Placed): string {
  return ownerRegion ?? region
}
type Placed = { region: string; ownerRegion?: string | undefined }

/** What a unit may be asked for by; `null` asks for nothing. */
export type UnitFilter = {
  readonly kind: UnitKind | null
  readonly rank: UnitRank | null
  readonly region: string | null
  readonly area: Area | null
}

/** Whether a unit is asked for. A region's own are also its stations outside. */
export function isAskedFor(
  unit: { kind: UnitKind; rank: UnitRank } & Placed,
  { kind, rank, region, area }: UnitFilter,
): boolean {
  return (
    (kind === null || unit.kind === kind) &&
    (rank === null || unit.rank === rank) &&
    (area === null || areaOf(unit.region) === area) &&
    (region === null || regionsOf(unit).some((one) => isWithin(one, region)))
  )
}

/**
 * The line that a point's instant reports are filed under. They speak of a moment: filed under the point itself they
 * would stand in for the period's figures, which they do not carry.
 */
export function instantPointId(pointId: string): string {
  return pointId + INSTANT_SUFFIX
}
export const INSTANT_SUFFIX = '#event'

const command = (dispatches: Party | null, urges: Party | null, reportsThrough: Party | null): Command => ({
  dispatches,
  urges,
  reportsThrough,
})
const office = (region: string) => ({ kind: 'office', region }) as const
const officeAt = (region: string, rank: OfficeRank) => office(ancestorAt(region, rank) ?? region)

/** The level that the region of a unit in Hunan must at least have: whoever commands it is found from there. */
export function regionLevelOf(kind: UnitKind, rank: UnitRank): Level {
  if (kind === 'park') return rank === 'national' ? 'city' : 'county'
  return OfficeRank.parse(rank)
}

function unitFault(unit: Pick<Unit, 'kind' | 'rank' | 'region'> & { ownerRegion?: string }) {
  if (unit.kind === 'station') {
    if (areaOf(unit.region) === null)
      return {
        path: 'region',
        message: `must lie in ${Object.values(AREAS)
          .map(({ zh }) => zh)
          .join('、')}`,
      }
    if (!isWithin(unit.ownerRegion ?? '', HUNAN)) return { path: 'ownerRegion', message: 'must lie in Hunan' }
    if (!levelAtLeast(unit.ownerRegion ?? '', OfficeRank.parse(unit.rank)))
      return { path: 'ownerRegion', message: `must be of the level ${unit.rank}` }
    return null
  }
  if (!isWithin(unit.region, HUNAN)) return { path: 'region', message: 'must lie in Hunan' }
  const level = regionLevelOf(unit.kind, unit.rank)
  if (!levelAtLeast(unit.region, level))
    return { path: 'region', message: `must be at least of the level ${level}` }
  return null
}
