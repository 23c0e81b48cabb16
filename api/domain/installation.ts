import { z } from 'zod'
import { Right, Side } from './right.ts'

/**
 * Who looks, and what that one may do. `device` is a paired screen, `wall` the screen on the server's own machine, which needs no log-in. `rights` are
 * all that hold now, `posts` those in force: a right holds for the regions (none: everywhere) of the posts that give it.
 * `accessTag` names all of that: whoever connects to `/live` with it hears at once when it does not hold any more.
 */
export const Me = z.object({
  viewer: z.enum(['user', 'device', 'wall']),
  user: z.object({ id: z.string(), username: z.string(), name: z.string(), role: z.string() }).nullable(),
  rights: z.array(Right),
  posts: z.array(
    z.object({
      role: z.string(),
      rights: z.array(Right),
      regions: z.array(z.string()),
      side: Side,
      sectors: z.array(z.string()),
    }),
  ),
  accessTag: z.string(),
})
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
