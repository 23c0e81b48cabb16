import { isEverything, type Scope } from '#domain/scope.ts'
import type { PlacedQuery, Query } from './engine.ts'

/** The columns by which rows are placed: one home or an array of them, a place of work, a sector; absent where there is none. */
export type Placement = { home?: string; homes?: string; work?: string; sector?: string }

/** The condition that leaves what a scope holds, or `null` when it holds everything. Codes are checked, then written out. */
export function conditionOf(scope: Scope, { home, homes, work, sector }: Placement): string | null {
  if (isEverything(scope)) return null
  const grants = scope.grants.map(({ regions, side, sectors }) => {
    const inside = (column: string) => regions.map((code) => `startsWith(${column}, '${checkedCode(code)}')`)
    const isWork = side !== 'home' && work !== undefined ? inside(work) : []
    const isHome = side !== 'work' && home !== undefined ? inside(home) : []
    const isOneHome =
      side !== 'work' && homes !== undefined
        ? inside('h').map((condition) => `arrayExists(h -> ${condition}, ${homes})`)
        : []
    const places = regions.length === 0 ? ['1'] : [...isWork, ...isHome, ...isOneHome]
    const isSector =
      sectors.length === 0
        ? '1'
        : sector === undefined
          ? '0'
          : `${sector} IN (${sectors.map((code) => `'${checkedCode(code)}'`).join(', ')})`
    return `((${places.length === 0 ? '0' : places.join(' OR ')}) AND ${isSector})`
  })
  return grants.length === 0 ? '0' : `(${grants.join(' OR ')})`
}

/** A query of placed rows, of what a scope holds: it can be asked then. */
export function within<Row>({ name, sql, row, placed }: PlacedQuery<Row>, scope: Scope): Query<Row> {
  return {
    name,
    sql: sql.replaceAll('{scope}', conditionOf(scope, placed) ?? '1'),
    row,
    unscoped: 'its scope stands in it',
  }
}

/** A code of a region or a sector, fit to be written into a statement. */
export function checkedCode(code: string): string {
  if (!/^[\dA-T]{1,12}$/.test(code)) throw new Error('a scope holds a code that is none')
  return code
}
