import { z } from 'zod'

/** What is counted of a village. `away`: employed outside the home township, as far as the work region says. */
export const VILLAGE_COUNTS = ['households', 'persons', 'away'] as const
export type VillageCounts = Record<(typeof VILLAGE_COUNTS)[number], number | null>

/**
 * The counts of a township or village. `village: null` = persons whose village is not known. A count is `null` where it is
 * one of `hidden`, as it is below `hidesBelow` and small counts are not for who asks; else as nobody is reported.
 */
export const Households = z.object({
  region: z.string(),
  rows: z.array(
    z.object({
      village: z.string().nullable(),
      name: z.string().nullable(),
      households: z.int().nullable(),
      persons: z.int().nullable(),
      away: z.int().nullable(),
      hidden: z.array(z.enum(VILLAGE_COUNTS)),
    }),
  ),
  /** Below how many a count is hidden; `null` where none is. */
  hidesBelow: z.int().nullable(),
  /** The households of a village, for who may see them. */
  households: z.array(z.object({ key: z.string(), persons: z.int(), away: z.int() })).nullable(),
})

/** A person as merged from several sources: each field with its value, the source that said it, and both times. */
export const MergedFields = z.record(
  z.string(),
  z.object({
    value: z.union([z.string(), z.boolean(), z.array(z.string())]),
    source: z.string(),
    observedAt: z.string(),
    receivedAt: z.string(),
  }),
)
export type MergedFields = z.infer<typeof MergedFields>

/** A household and its members, by the hash of their ID number; `sources` names the sources of the fields. */
export const Household = z.object({
  key: z.string(),
  region: z.string(),
  members: z.array(z.object({ personKey: z.string(), fields: MergedFields })),
  sources: z.record(z.string(), z.string()),
})
export type Household = z.infer<typeof Household>
