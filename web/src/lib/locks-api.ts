import type { z } from 'zod'
import { Lock, Locks, type LockTerms, OpenedLocks, type OpenLock } from '#domain/lock.ts'
import { post, put, read } from './api.ts'

/** What is said of a closed period; `before` is a day or an instant. */
export type LockDraft = Required<z.input<typeof LockTerms>>

/** Periods that are closed for late data. */
export const locksApi = {
  list: async () => (await read('/v1/locks', {}, Locks)).locks,
  put: ({ kind, region, before, reason, exceptions }: LockDraft) =>
    put('/v1/locks', { kind, region, before, reason, exceptions }, Lock),
  open: ({ kind, region }: Pick<Lock, 'kind' | 'region'>, reason: string) =>
    post('/v1/locks/open', { kind, region, reason } satisfies z.input<typeof OpenLock>, OpenedLocks),
}
