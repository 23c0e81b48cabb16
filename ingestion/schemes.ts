import type { Fault } from '#domain/reason.ts'
import { halfWidth } from '#domain/text.ts'

/** What a source may name in its own way. */
export const SCHEME_FIELDS = ['region', 'sector', 'employer'] as const
export type SchemeField = (typeof SCHEME_FIELDS)[number]

/** What each name of a source is here, by field; a field without a table is sent in our own codes. */
export type Mappings = { readonly [F in SchemeField]?: ReadonlyMap<string, string> }

/** A code or name as tables keep it: half-width, without what nobody sees and blanks around. */
export const canonicalTheirs = (text: string) => halfWidth(text).trim()

/**
 * The row in our codes; the row of the sender is left as it is. Where a source has a table of regions or sectors, it is
 * the whole of its scheme: a code that is not in it may mean something else here, so it is refused and not passed on.
 * Employers are no closed list: a name that is not in the table is a name.
 */
export function rejectUnmapped(value: unknown, mappings: Mappings, faults: Fault[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const row: Record<string, unknown> = { ...value }
  const map = (holder: Record<string, unknown>, name: string, field: SchemeField, path: string) => {
    const table = mappings[field]
    const theirs = holder[name]
    if (!table || (typeof theirs !== 'string' && typeof theirs !== 'number')) return
    const ours = table.get(canonicalTheirs(String(theirs)))
    if (ours !== undefined) holder[name] = ours
    else if (field !== 'employer') faults.push({ path, code: 'unmapped_code' })
  }
  map(row, 'homeRegion', 'region', 'homeRegion')
  map(row, 'workRegion', 'region', 'workRegion')
  map(row, 'sector', 'sector', 'sector')
  map(row, 'employer', 'employer', 'employer')
  if (mappings.region && Array.isArray(row.homeRegions))
    row.homeRegions = row.homeRegions.map((home: unknown, i) => {
      if (typeof home !== 'object' || home === null) return home
      const copy = { ...home }
      map(copy, 'region', 'region', `homeRegions.${i}.region`)
      return copy
    })
  return row
}

/** The table that a path of a row is mapped by; `null` for one that is not mapped. */
export function schemeFieldOf(path: string): SchemeField | null {
  if (/(^|\.)(home|work)?region$/i.test(path)) return 'region'
  return path === 'sector' || path === 'employer' ? path : null
}
