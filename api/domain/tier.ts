import { z } from 'zod'

/**
 * Alert tiers, mildest first: blue (a data or paper gap) < yellow (a sign) < orange (arrears likely) < red (rights
 * clearly hurt, or public order at risk). Source: domain research §2.4.
 */
export const TIERS = ['blue', 'yellow', 'orange', 'red'] as const
export const Tier = z.enum(TIERS)
export type Tier = z.infer<typeof Tier>

/** Severity as a number: 1 (blue) to 4 (red); 0 for `null`, no tier at all. */
export function tierRank(tier: Tier | null): number {
  return tier === null ? 0 : TIERS.indexOf(tier) + 1
}
