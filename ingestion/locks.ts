import type { Fault } from '#domain/reason.ts'
import { isWithin } from '#domain/region.ts'
import type { Kind } from '#domain/signal.ts'
import { periodStart, toShanghaiIso } from '#domain/time.ts'
import type { Signal } from './accept.ts'
import { type Change, regionsOf } from './changes.ts'

/** Nothing of this kind and region subtree may change what was so before this instant (ms). */
export type Lock = { readonly kind: Kind; readonly region: string; readonly beforeMs: number }

/**
 * Refuses a row that speaks of a closed period. A worker belongs to the region of home and of work, a case and a report to
 * that of work; a report speaks of its period from its first instant on, however late it is observed.
 */
export function rejectLocked(kind: Kind, signal: Signal, locks: readonly Lock[], faults: Fault[]): void {
  const told = { observedMs: signal.observedAt, period: 'period' in signal ? signal.period : '' }
  const regions = [signal.workRegion ?? '', 'homeRegion' in signal ? signal.homeRegion : '']
  const lock = locks.find(
    (one) => one.kind === kind && regions.some((region) => isLocked(one, { ...told, region })),
  )
  if (lock) faults.push(lockFault(kind, lock))
}

/** That a row would change what a lock closes. */
export const lockFault = (kind: Kind, lock: Lock): Fault => ({
  path: kind === 'industry' ? 'period' : 'observedAt',
  code: 'period_locked',
  detail: lockDetail(lock),
})

/** What is told of a region: since the earlier of an instant (ms) and the beginning of a period; '' where there is none. */
export type Told = { region: string; observedMs: number; period: string }

/** The closed periods that some rows of a kind speak of, as `rejectLocked` has it for one row. */
export function lockedIn(kind: Kind, told: readonly Told[], locks: readonly Lock[]): Lock[] {
  return locks.filter((lock) => lock.kind === kind && told.some((one) => isLocked(lock, one)))
}

/** Since when changes concern which regions. */
export const toldByChanges = (kind: Kind, changes: readonly Change[]): Told[] =>
  changes.flatMap((change) =>
    regionsOf(kind, change).map((region) => ({ region, observedMs: change.at, period: '' })),
  )

function isLocked(lock: Lock, { region, observedMs, period }: Told): boolean {
  const fromMs = period === '' ? observedMs : Math.min(observedMs, periodStart(period))
  return fromMs < lock.beforeMs && isWithin(region, lock.region)
}

/** A lock as the detail of a fault. */
export const lockDetail = ({ region, beforeMs }: Lock) =>
  `${region} < ${toShanghaiIso(beforeMs).slice(0, 16)}`
