import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Alert, AlertChange } from '#domain/alert.ts'
import { fenToYuan } from '#domain/money.ts'
import { employerAcrossOf } from '#domain/site.ts'
import { tierRank } from '#domain/tier.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Finding } from './evaluate.ts'

/** A step of one alert: what changed and the alert after it. */
export type Transition = { change: AlertChange; alert: Alert; finding: Finding | null }

/**
 * The next state of one rule and group: `open` is its alert that is not resolved, or `null`; `finding` is what the rule
 * finds now, or `null` when nothing is open there any more. `null` when nothing changes.
 *
 * A tier may fall as well as rise. Below every tier, or without open cases, the alert is resolved; should it come true
 * again, a new alert opens.
 */
export function advance(open: Alert | null, finding: Finding | null, nowMs: number): Transition | null {
  const now = toShanghaiIso(nowMs)
  if (finding === null || finding.tier === null) {
    if (open === null) return null
    const facts = finding === null ? {} : factsOf(finding)
    return {
      change: 'resolved',
      finding,
      alert: { ...open, ...facts, state: 'resolved', changedAt: now, resolvedAt: now },
    }
  }
  const facts = factsOf(finding)
  if (open === null)
    return { change: 'opened', finding, alert: { ...opened(finding, now), ...facts, tier: finding.tier } }
  const rise = tierRank(finding.tier) - tierRank(open.tier)
  const next: Alert = {
    ...open,
    ...facts,
    tier: finding.tier,
    ruleVersion: finding.rule.version,
    changedAt: now,
  }
  // A rise is news to whoever took the alert: it has to be taken again.
  if (rise > 0) return { change: 'raised', finding, alert: { ...next, state: 'open', acknowledgedBy: null } }
  // And so it is to a county that nobody of has seen it: who took it stands elsewhere.
  if (gainsCounty(open, next))
    return { change: 'moved', finding, alert: { ...next, state: 'open', acknowledgedBy: null } }
  if (rise < 0) return { change: 'lowered', finding, alert: next }
  const isSame = Object.entries(facts).every(([key, value]) =>
    isDeepStrictEqual(open[key as keyof Alert], value),
  )
  return isSame ? null : { change: 'updated', finding, alert: next }
}

const countyOf = (region: string) => region.slice(0, 6)

function gainsCounty(before: Alert, after: Alert): boolean {
  // One from before alerts knew all their places has its region alone.
  const known = new Set([before.region, ...before.workRegions].map(countyOf))
  return after.workRegions.some((region) => !known.has(countyOf(region)))
}

function opened(finding: Finding, now: string): Omit<Alert, keyof ReturnType<typeof factsOf> | 'tier'> {
  return {
    id: `alt_${randomUUID().replaceAll('-', '')}`,
    rule: finding.rule.id,
    ruleVersion: finding.rule.version,
    ruleTitle: finding.rule.title,
    group: finding.group,
    state: 'open',
    unit: finding.rule.value === 'owed' ? 'yuan' : 'persons',
    openedAt: now,
    changedAt: now,
    resolvedAt: null,
    acknowledgedBy: null,
    isPart: false,
  }
}

/** What an alert shows of its cases; sector and names are those of the case that weighs most. */
function factsOf({ rule, group, value, open }: Finding) {
  return {
    value: rule.value === 'owed' ? fenToYuan(value) : String(value),
    region: open.region,
    workRegions: open.works,
    homeRegions: open.homes,
    sector: open.sector,
    sectors: open.sectors,
    bySector: open.bySector,
    employer: open.employer,
    project: open.project,
    isVerified: open.status !== 'reported',
    cases: open.cases,
    workers: open.workers,
    owed: fenToYuan(open.owedFen),
    since: toShanghaiIso(open.observedMs),
    isAcross: employerAcrossOf(group) !== null,
  }
}
