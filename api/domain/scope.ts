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
 * What somebody may see by one right: whatever one of the grants holds. `seesSmall`: small counts too, as the right to
 * individuals holds for all of it. `right`: its name, '' for work of the system. Whoever reads signals or alerts must have one, and only the gate
 * (`api/identity/gate.ts`) makes them; work of the system itself takes `everythingFor`.
 */
export type Scope = {
  readonly grants: readonly Grant[]
  readonly seesSmall: boolean
  readonly right: string
  readonly [MADE_BY_THE_GATE]: true
}

/** For the gate alone; a test sees to it. */
export function scopeOf(grants: readonly Grant[], seesSmall: boolean, right = ''): Scope {
  return { grants, seesSmall, right } as Scope
}

/** All there is, for work that answers to nobody: checks, benchmarks. `why` is for who reads the code. */
export function everythingFor(why: string): Scope {
  if (why === '') throw new RangeError('say why this work may see everything')
  return scopeOf([EVERYWHERE], true)
}

export const EVERYWHERE: Grant = { regions: [], side: 'both', sectors: [] }

/** Whether a scope holds everything: all regions by both sides, all sectors. */
export function isEverything(scope: Scope): boolean {
  return scope.grants.some(({ regions, sectors }) => regions.length === 0 && sectors.length === 0)
}

/**
 * Whether a scope holds something of what has these places and sectors: one grant that holds one of each. What is not placed
 * ('') is held only by those who see everywhere.
 */
export function holds(
  scope: Scope,
  placed: { homes: readonly string[]; works: readonly string[]; sectors: readonly string[] },
): boolean {
  return scope.grants.some(({ regions, side, sectors }) => {
    if (sectors.length > 0 && !placed.sectors.some((sector) => sectors.includes(sector))) return false
    const inside = (code: string) => regions.some((region) => isWithin(code, region))
    return (
      regions.length === 0 ||
      (side !== 'home' && placed.works.some(inside)) ||
      (side !== 'work' && placed.homes.some(inside))
    )
  })
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
      { refused: { right: scope.right, place: region } },
    )
}

/** Whether all that `grant` holds is held by one of `others`. */
export function isCovered(grant: Grant, others: readonly Grant[]): boolean {
  return others.some((other) => {
    const isSector =
      other.sectors.length === 0 ||
      (grant.sectors.length > 0 && grant.sectors.every((sector) => other.sectors.includes(sector)))
    if (!isSector) return false
    if (other.regions.length === 0) return true
    const isSide = other.side === 'both' || other.side === grant.side
    const isInside = (code: string) => other.regions.some((region) => isWithin(code, region))
    return isSide && grant.regions.length > 0 && grant.regions.every(isInside)
  })
}
