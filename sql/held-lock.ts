import { AsyncLocalStorage } from 'node:async_hooks'
import { AppError } from '#domain/error.ts'

/** A lock over all processes. It can be lost under the work it guards: the database that keeps it may go away. */
export type HeldLock = { isLost: boolean }

const held = new AsyncLocalStorage<HeldLock>()

/** Runs work so that everything it calls knows of its lock, without being told. */
export function underLock<T>(lock: HeldLock, work: () => Promise<T>): Promise<T> {
  return held.run(lock, work)
}

/**
 * Called before every write to a store that others share: whoever has lost the lock may no longer write, as another
 * process may be holding it by now. @throws AppError `store_away`.
 */
export function rejectWhenLockLost(): void {
  if (held.getStore()?.isLost)
    throw new AppError('store_away', 'the database went away while this was written; send again', {
      retryAfterS: 5,
    })
}
