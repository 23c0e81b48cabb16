import { z } from 'zod'

/** Who looks. `wall` is the screen on the server's own machine, which needs no log-in. */
export const Me = z.object({
  viewer: z.enum(['user', 'wall']),
  user: z.object({ id: z.string(), username: z.string(), name: z.string(), role: z.string() }).nullable(),
})
export type Me = z.infer<typeof Me>

/** How the store and its sources stand. `dataAt` and `knownAt` are `null` while nothing was committed. */
export const Status = z.object({
  isSynthetic: z.boolean(),
  dataAt: z.string().nullable(),
  knownAt: z.string().nullable(),
  sources: z.int(),
  silentSources: z.int(),
  asOf: z.string(),
})
export type Status = z.infer<typeof Status>
