import { z } from 'zod'
import { TIERS, Tier } from './tier.ts'

/**
 * A rule is data: what to add up over the open arrears cases, for what group, and from which value each tier begins.
 * `groupBy` `case` watches each case by itself; `site` watches a project where one is named, else the employer.
 * Thresholds are in the unit of `value`: persons for `gathering` and `workers`, yuan (decimal string) for `owed`.
 */
export const Rule = z
  .object({
    id: z.string().regex(/^D\d{2}$/),
    version: z.int().min(1),
    isEnabled: z.boolean(),
    title: z.object({ zh: z.string(), en: z.string() }),
    basis: z.string(),
    signal: z.literal('arrears'),
    groupBy: z.enum(['case', 'site']),
    value: z.enum(['gathering', 'owed', 'workers']),
    from: z.partialRecord(Tier, z.string()),
  })
  .meta({ id: 'Rule' })
export type Rule = z.infer<typeof Rule>

/** The highest tier whose threshold the value reaches, or `null` below all of them. Both in the same whole unit (persons or fen). */
export function tierFor(value: bigint, thresholds: ReadonlyMap<Tier, bigint>): Tier | null {
  return (
    TIERS.toReversed().find((tier) => {
      const from = thresholds.get(tier)
      return from !== undefined && value >= from
    }) ?? null
  )
}
