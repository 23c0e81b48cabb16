import { z } from 'zod'
import { Kind } from '#domain/signal.ts'
import { put, read, remove } from './api.ts'

const Exception = z.object({ source: z.string(), reason: z.string() })
const Lock = z.object({
  kind: Kind,
  region: z.string(),
  before: z.string(),
  reason: z.string(),
  by: z.string(),
  since: z.string(),
  exceptions: z.array(Exception),
})
/** Nothing late of this kind and region subtree is taken that speaks of before `before`, but for the sources excepted. */
export type Lock = z.infer<typeof Lock>
export type LockTerms = Pick<Lock, 'kind' | 'region' | 'before' | 'reason' | 'exceptions'>

/** Periods that are closed for late data. */
export const locksApi = {
  list: async () => (await read('/v1/locks', {}, z.object({ locks: z.array(Lock) }))).locks,
  put: ({ kind, region, before, reason, exceptions }: LockTerms) =>
    put('/v1/locks', { kind, region, before, reason, exceptions }, Lock),
  remove: ({ kind, region }: Pick<Lock, 'kind' | 'region'>) =>
    remove(`/v1/locks?${new URLSearchParams({ kind, region })}`, z.object({ removed: z.int() })),
}
