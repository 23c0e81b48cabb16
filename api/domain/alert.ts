import { z } from 'zod'
import { Tier } from './tier.ts'

/** How an alert stands: `open` (unacknowledged), `acknowledged` (somebody has it), `resolved`. */
export const AlertState = z.enum(['open', 'acknowledged', 'resolved'])
export type AlertState = z.infer<typeof AlertState>

/** Codes as an alert lists them: in order, each once, so that the same places make the same list. */
export const inOrder = (codes: readonly string[]): string[] => [...new Set(codes)].sort()

/** Where the cases of one sector lie and where their workers are registered, in the order of codes. */
export const PlacesOfSector = z.object({
  sector: z.string(),
  workRegions: z.array(z.string()),
  homeRegions: z.array(z.string()),
})
export type PlacesOfSector = z.infer<typeof PlacesOfSector>

/**
 * One watched thing that went wrong. At most one alert that is not resolved exists per `rule` and `group`.
 * `value` is in the rule's unit (persons as digits, yuan with two decimals); `since` is the observation time of the
 * facts, `openedAt` when we opened it. `isVerified`: the case it is named after was verified, not only reported.
 * `region` is the smallest that holds all its cases, `sector` that of the case that weighs most. `isPart`: only a part of it
 * lies in the scope of whoever looks; its four figures are then `null` and its places and sectors what is theirs (`alert-scope.ts`).
 */
export const Alert = z
  .object({
    id: z.string(),
    rule: z.string(),
    ruleVersion: z.int(),
    ruleTitle: z.object({ zh: z.string(), en: z.string() }),
    group: z.string(),
    tier: Tier,
    state: AlertState,
    value: z.string().nullable(),
    unit: z.enum(['persons', 'yuan']),
    region: z.string(),
    /** Everywhere its open cases lie; none: from before alerts knew, `region` alone. */
    workRegions: z.array(z.string()).default([]),
    /** Where its workers are registered, as far as the cases say. */
    homeRegions: z.array(z.string()).default([]),
    sector: z.string(),
    /** Of all its open cases; none: `sector` alone. */
    sectors: z.array(z.string()).default([]),
    /** Which places are of which sector; none: each of each, as where there is one sector, or from before alerts knew. */
    bySector: z.array(PlacesOfSector).default([]),
    employer: z.string(),
    project: z.string(),
    cases: z.int().nullable(),
    workers: z.int().nullable(),
    owed: z.string().nullable(),
    since: z.string(),
    openedAt: z.string(),
    changedAt: z.string(),
    resolvedAt: z.string().nullable(),
    acknowledgedBy: z.string().nullable(),
    isVerified: z.boolean().default(false),
    /** A sum over several counties (`region` is a city) or cities (a province) of one employer. */
    isAcross: z.boolean().default(false),
    isPart: z.boolean().default(false),
  })
  .meta({ id: 'Alert' })
export type Alert = z.infer<typeof Alert>

/** What a log entry records. `updated`: the value moved inside its tier; `moved`: its cases lie in a county, too, where none did before. */
export const AlertChange = z.enum([
  'opened',
  'raised',
  'lowered',
  'updated',
  'moved',
  'resolved',
  'acknowledged',
  'commented',
])
export type AlertChange = z.infer<typeof AlertChange>

/** One row of the append-only log. `seq` is gap-free and starts at 1. `alert` is the alert after the change. */
export const AlertLogEntry = z
  .object({
    seq: z.int(),
    at: z.string(),
    change: AlertChange,
    by: z.string().nullable(),
    note: z.string().nullable(),
    alert: Alert,
  })
  .meta({ id: 'AlertLogEntry' })
export type AlertLogEntry = z.infer<typeof AlertLogEntry>
