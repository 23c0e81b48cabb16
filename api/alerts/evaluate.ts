import { yuanToFen } from '#domain/money.ts'
import { type Rule, tierFor } from '#domain/rule.ts'
import type { Tier } from '#domain/tier.ts'
import type { OpenCase } from '#sql/queries/open-cases-by-site.ts'

/** What a rule finds of one group now: the value in the rule's whole unit (persons or fen) and the cases behind it. */
export type Finding = {
  rule: Rule
  group: string
  site: string
  value: bigint
  tier: Tier | null
  cases: OpenCase[]
}

/**
 * Judges the open cases of the touched sites by every enabled rule. A touched group without open cases has no finding:
 * `advance` reads that as "no longer true". Groups of rule `groupBy` `case` are case keys, of `site` site keys.
 */
export function evaluate(rules: readonly Rule[], cases: readonly OpenCase[]): Finding[] {
  return rules
    .filter((rule) => rule.isEnabled)
    .flatMap((rule) => {
      const groups = Map.groupBy(cases, (openCase) =>
        rule.groupBy === 'case' ? openCase.caseKey : openCase.site,
      )
      return [...groups].map(([group, members]): Finding => {
        const value = members.reduce((sum, openCase) => sum + amountOf(rule, openCase), 0n)
        return {
          rule,
          group,
          site: members[0]?.site ?? group,
          value,
          tier: tierFor(value, thresholdsOf(rule)),
          cases: members,
        }
      })
    })
}

function amountOf(rule: Rule, openCase: OpenCase): bigint {
  switch (rule.value) {
    case 'gathering':
      return BigInt(openCase.gathering)
    case 'workers':
      return BigInt(openCase.workers)
    case 'owed':
      return BigInt(openCase.owedFen)
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
