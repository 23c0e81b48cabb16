import type { Fault } from '#domain/reason.ts'
import { isWithin } from '#domain/region.ts'
import type { Kind } from '#domain/signal.ts'
import { periodStart, toShanghaiIso } from '#domain/time.ts'
import type { Signal } from './accept.ts'

/** Nothing of this kind and region subtree may change what was so before this instant (ms). */
export type Lock = { readonly kind: Kind; readonly region: string; readonly beforeMs: number }

/**
 * Refuses a row that speaks of a closed period. A worker belongs to the region of home and of work, a case and a report to
 * that of work; a report speaks of its period from its first instant on, however late it is observed.
 */
export function rejectLocked(kind: Kind, signal: Signal, locks: readonly Lock[], faults: Fault[]): void {
  const fromMs =
    'period' in signal ? Math.min(signal.observedAt, periodStart(signal.period)) : signal.observedAt
  const isOf = (region: string) =>
    isWithin(signal.workRegion ?? '', region) ||
    ('homeRegion' in signal && isWithin(signal.homeRegion, region))
  const lock = locks.find((one) => one.kind === kind && fromMs < one.beforeMs && isOf(one.region))
  if (lock)
    faults.push({
      path: 'period' in signal ? 'period' : 'observedAt',
      code: 'period_locked',
      detail: `${lock.region} < ${toShanghaiIso(lock.beforeMs).slice(0, 16)}`,
    })
}
