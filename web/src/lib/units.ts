import { z } from 'zod'
import { Area, HostType, Trade, UnitKind, UnitRank } from '#domain/organisation.ts'
import { Sector } from '#domain/sector.ts'
import { Kind } from '#domain/signal.ts'

const Punctuality = z.object({
  due: z.int(),
  onTime: z.int(),
  late: z.int(),
  missing: z.int(),
  rate: z.number().nullable(),
})

/** A unit of the registry and how it stands, as the server answers it. */
export const UnitSummary = z.object({
  id: z.string(),
  kind: UnitKind,
  rank: UnitRank,
  name: z.string(),
  region: z.string(),
  area: Area.nullable(),
  address: z.string().nullable(),
  longitude: z.number().nullable(),
  latitude: z.number().nullable(),
  contactName: z.string().nullable(),
  contactPhone: z.string().nullable(),
  sourceId: z.string().nullable(),
  pointId: z.string().nullable(),
  sector: Sector.nullable(),
  dueDays: z.int().nullable(),
  trade: Trade.optional(),
  ownerRegion: z.string().optional(),
  serviceRegion: z.string().optional(),
  hostType: HostType.optional(),
  kinds: z.array(Kind),
  dueEvery: z.enum(['day', 'month']).nullable(),
  graceHours: z.int().nullable(),
  isSynthetic: z.boolean(),
  dataAt: z.string().nullable(),
  silentSince: z.string().nullable(),
  punctuality: Punctuality,
  instantReports: z.int(),
  retiredAt: z.string().nullable(),
  /** Whether who looks may report for it, and change its duty calendar. */
  mayReport: z.boolean().default(false),
  mayPlanDuty: z.boolean().default(false),
})
export type UnitSummary = z.infer<typeof UnitSummary>

export const UnitList = z.object({ units: z.array(UnitSummary), asOf: z.string() })

const Party = z.union([
  z.object({ kind: z.enum(['office', 'contract']), region: z.string() }),
  z.object({ kind: z.literal('station'), area: Area }),
])

/** Who is on duty from `firstDay` to `lastDay` (`YYYY-MM-DD`), both included. */
export const DutyEntry = z.object({
  firstDay: z.string(),
  lastDay: z.string(),
  name: z.string(),
  phone: z.string().nullable(),
})
export type DutyEntry = z.infer<typeof DutyEntry>

/** A report that was due before the unit came here: its period, and when the system before had it; `null`: never. */
export const EarlierReport = z.object({ period: z.string(), receivedAt: z.string().nullable() })
export type EarlierReport = z.infer<typeof EarlierReport>

/** A unit with what only the open one shows. `week` is the Monday of the duty calendar. */
export const OpenUnit = UnitSummary.extend({
  createdAt: z.string(),
  command: z.object({
    dispatches: Party.nullable(),
    urges: Party.nullable(),
    reportsThrough: Party.nullable(),
  }),
  week: z.string(),
  duty: z.array(DutyEntry),
  recent: z.array(
    z.object({
      kind: Kind,
      receivedAt: z.string(),
      observationCount: z.int(),
      period: z.string().nullable(),
      project: z.string(),
      headcount: z.number().nullable(),
      majorEvent: z.string(),
    }),
  ),
  /** `null` for who does not manage the unit. */
  reporters: z.array(z.string()).nullable(),
})
export type OpenUnit = z.infer<typeof OpenUnit>

/** The newest report of a point: field → value as the signal has it. */
export const LastPeriod = z.object({
  last: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullable(),
})
export type LastPeriod = z.infer<typeof LastPeriod>['last']
