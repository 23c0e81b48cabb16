import { AppError } from './error.ts'
import { isWithin } from './region.ts'
import type { Side } from './right.ts'

/** Regions with all that lies in them (none: everywhere), seen by a side, for some sectors (none: all). */
export type Grant = {
  readonly regions: readonly string[]
  readonly side: Side
  readonly sectors: readonly string[]
}

declare const MADE_BY_THE_GATE: unique symbol

/**
 * What somebody may see by one right: whatever one of the grants holds. Whoever reads signals or alerts must have one,
 * and only the gate (`api/identity/gate.ts`) makes them.
 */
export type Scope = { readonly grants: readonly Grant[]; readonly [MADE_BY_THE_GATE]: true }

/** For the gate alone; a test sees to it. */
export function scopeOf(grants: readonly Grant[]): Scope {
  return { grants } as Scope
}

export const EVERYWHERE: Grant = { regions: [], side: 'both', sectors: [] }

/** Whether a scope holds everything: all regions by both sides, all sectors. */
export function isEverything(scope: Scope): boolean {
  return scope.grants.some(({ regions, sectors }) => regions.length === 0 && sectors.length === 0)
}

/**
 * Whether a scope holds a region as a matter of its own (a source, a unit, a lock, a post): by whichever side, for
 * whichever sectors. '' stands for everywhere.
 */
export function holdsRegion(scope: Scope, region: string): boolean {
  return scope.grants.some(
    ({ regions }) => regions.length === 0 || regions.some((own) => region !== '' && isWithin(region, own)),
  )
}

/** For what is made or changed in a region ('' = everywhere). @throws AppError `forbidden` outside the scope. */
export function rejectOutside(scope: Scope, region: string): void {
  if (!holdsRegion(scope, region))
    throw new AppError(
      'forbidden',
      'your posts with this right do not reach that region; choose one inside them',
    )
}
