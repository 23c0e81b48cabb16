import { yuanToFen } from '#domain/money.ts'
import { type Rule, tierFor } from '#domain/rule.ts'
import { type Tier, tierRank } from '#domain/tier.ts'
import type { OpenCase } from '#sql/queries/open-by-case.ts'
import type { Open } from '#sql/queries/open-by-site.ts'
import { type Across, acrossSitesOf } from './across.ts'

/** What a rule finds of one group now: the value in the rule's whole unit (persons or fen) and what is open there. */
export type Finding = { rule: Rule; group: string; value: bigint; tier: Tier | null; open: Open }

/**
 * Judges what is open at the touched sites by every enabled rule: `sites` as a whole and, where a rule is about cases,
 * those of their `cases` that may reach a tier. A touched group without a finding is read by `advance` as "no longer
 * true". Groups of rule `groupBy` `case` are case keys, of `site` site keys and what an employer owes over several of them:
 * of whichever employers, all sites must be there.
 */
export function evaluate(
  rules: readonly Rule[],
  sites: readonly Open[],
  cases: readonly OpenCase[],
): Finding[] {
  const across = acrossSitesOf(sites)
  return rules
    .filter((rule) => rule.isEnabled)
    .flatMap((rule) => {
      const thresholds = thresholdsOf(rule)
      const finding = (group: string, open: Open): Finding => {
        const value = amountOf(rule, open)
        return { rule, group, value, tier: tierFor(value, thresholds), open }
      }
      return rule.groupBy === 'case'
        ? cases.map((open) => finding(open.caseKey, open))
        : [
            ...sites.map((open) => finding(open.site, open)),
            ...across.map((one) => aboveItsParts(finding(one.open.site, one.open), one, rule)),
          ]
    })
}

/** A sum that is in no higher tier than one of its parts says nothing that the part's alert does not. */
function aboveItsParts(finding: Finding, { parts }: Across, rule: Rule): Finding {
  const thresholds = thresholdsOf(rule)
  const ranks = parts.map((part) => tierRank(tierFor(amountOf(rule, part), thresholds)))
  return { ...finding, tier: tierRank(finding.tier) > Math.max(...ranks) ? finding.tier : null }
}

/** The least amounts from which on a case alone may reach a tier of some rule; beyond all amounts where no rule asks. */
export function leastOf(rules: readonly Rule[]): Record<Rule['value'], bigint> {
  const least = { gathering: NEVER, workers: NEVER, owed: NEVER }
  for (const rule of rules.filter(({ isEnabled, groupBy }) => isEnabled && groupBy === 'case'))
    for (const from of thresholdsOf(rule).values()) if (from < least[rule.value]) least[rule.value] = from
  return least
}

/** The largest Int64. */
const NEVER = 2n ** 63n - 1n

function amountOf(rule: Rule, open: Open): bigint {
  switch (rule.value) {
    case 'gathering':
      return BigInt(open.gathering)
    case 'workers':
      return BigInt(open.workers)
    case 'owed':
      return open.owedFen
    default:
      return rule.value satisfies never
  }
}

/** Thresholds of a rule in its whole unit. @throws Error when a threshold is not a number of that unit. */
export function thresholdsOf(rule: Rule): Map<Tier, bigint> {
  return new Map(
    Object.entries(rule.from).map(([tier, from]) => {
      const whole = rule.value === 'owed' ? yuanToFen(from) : /^\d+$/.test(from) ? Number(from) : null
      if (whole === null)
        throw new Error(`rule ${rule.id}: threshold ${from} is not a number of ${rule.value}`)
      return [tier as Tier, BigInt(whole)]
    }),
  )
}
