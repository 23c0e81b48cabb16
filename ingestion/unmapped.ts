import { holdsPersonNumber } from '#domain/person.ts'
import type { Quarantine, QuarantineFilter, RowPlace } from './quarantine.ts'
import { canonicalTheirs, type SchemeField, schemeFieldOf } from './schemes.ts'

/** A code of a source that its tables lack, and in how many rows that wait. */
type Unmapped = { field: SchemeField; theirs: string; rows: number }

const ROWS_PER_PAGE = 500

/** The codes of a source that its tables lack, as seen in rows that wait, most frequent first. */
export async function unmappedOf(quarantine: Quarantine, source: string): Promise<Unmapped[]> {
  const seen = new Map<string, Unmapped>()
  const filter: QuarantineFilter = { source, code: 'unmapped_code', state: 'waiting' }
  for (let after: RowPlace | null = null; ; ) {
    const rows = await quarantine.list(filter, after, ROWS_PER_PAGE)
    for (const row of rows) {
      const value = quarantine.valueOf(row)
      for (const { path, code } of row.faults) {
        const field = code === 'unmapped_code' ? schemeFieldOf(path) : null
        if (!field) continue
        // A column that was mixed up may hold a person's number.
        const theirs = shown(canonicalTheirs(String(valueAt(value, path))))
        const one = seen.get(`${field} ${theirs}`)
        if (one) one.rows++
        else seen.set(`${field} ${theirs}`, { field, theirs, rows: 1 })
      }
    }
    const last = rows.at(-1)
    if (!last || rows.length < ROWS_PER_PAGE)
      return [...seen.values()].sort((a, b) => b.rows - a.rows || (a.theirs < b.theirs ? -1 : 1))
    after = { batch: last.batch, row: last.row }
  }
}

/** A code as it is shown: a resident ID or phone number is none, and codes of villages have 12 digits. */
function shown(theirs: string): string {
  return /\d{15}/.test(theirs) || holdsPersonNumber(theirs) ? '***' : theirs.slice(0, 100)
}

function valueAt(value: unknown, path: string): unknown {
  let at: unknown = value
  for (const key of path.split('.'))
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined
  return at
}
