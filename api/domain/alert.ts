import { z } from 'zod'
import { Tier } from './tier.ts'

/** How an alert stands: `open` (unacknowledged), `acknowledged` (somebody has it), `resolved`. */
export const AlertState = z.enum(['open', 'acknowledged', 'resolved'])
export type AlertState = z.infer<typeof AlertState>

/**
 * One watched thing that went wrong. At most one alert that is not resolved exists per `rule` and `group`.
 * `value` is in the rule's unit (persons as digits, yuan with two decimals); `since` is the observation time of the
 * facts, `openedAt` when we opened it. `evidence` counts the rows that prove it.
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
    value: z.string(),
    unit: z.enum(['persons', 'yuan']),
    region: z.string(),
    /** Where its workers are registered, as far as the cases say. */
    homeRegions: z.array(z.string()).default([]),
    sector: z.string(),
    employer: z.string(),
    project: z.string(),
    cases: z.int(),
    workers: z.int(),
    owed: z.string(),
    since: z.string(),
    openedAt: z.string(),
    changedAt: z.string(),
    resolvedAt: z.string().nullable(),
    acknowledgedBy: z.string().nullable(),
  })
  .meta({ id: 'Alert' })
export type Alert = z.infer<typeof Alert>

/** What a log entry records. `updated`: the value moved inside its tier. */
export const AlertChange = z.enum([
  'opened',
  'raised',
  'lowered',
  'updated',
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
