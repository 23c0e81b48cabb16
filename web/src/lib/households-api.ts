import { z } from 'zod'
import { read } from './api.ts'

/** The counts of a township or village. `village: null` = persons whose village is not known; counts `null` = nobody reported. */
const Households = z.object({
  region: z.string(),
  rows: z.array(
    z.object({
      village: z.string().nullable(),
      name: z.string().nullable(),
      households: z.int().nullable(),
      persons: z.int().nullable(),
      away: z.int().nullable(),
    }),
  ),
  /** The households of a village, for an administrator. */
  households: z.array(z.object({ key: z.string(), persons: z.int(), away: z.int() })).nullable(),
})

const Field = z.object({
  value: z.union([z.string(), z.boolean(), z.array(z.string())]),
  source: z.string(),
  observedAt: z.string(),
  receivedAt: z.string(),
})
const Household = z.object({
  key: z.string(),
  region: z.string(),
  members: z.array(z.object({ personKey: z.string(), fields: z.record(z.string(), Field) })),
  sources: z.record(z.string(), z.string()),
})
export type Household = z.infer<typeof Household>

export const householdsApi = {
  counts: (region: string) => read('/v1/households', { region }, Households),
  household: (key: string) => read(`/v1/households/${encodeURIComponent(key)}`, {}, Household),
}
