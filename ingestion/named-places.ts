import { ancestorAt, type RegionCode } from '#domain/region.ts'
import { regionNamed } from '#domain/region-named.ts'
import type { Kind } from '#domain/signal.ts'
import { halfWidth } from '#domain/text.ts'
import { villagesOf } from './villages.ts'

const HAN = /\p{Script=Han}/u

/** Where the people or the places of a source are: a worker's own place of work is seldom in the county that reports him. */
const OWN = {
  workers: 'homeRegion',
  arrears: 'workRegion',
  industry: 'workRegion',
} as const satisfies Record<Kind, string>

/**
 * The row with the codes of the regions that it names, where more is known here than the schema knows by itself: villages, whose lists lie
 * on the server, and which county a source speaks for, whose ledger names its townships alone (六都寨镇). What is no name, or
 * an unclear one, stays for the schema to judge; the row of the sender is left as it is.
 */
export function withPlacesNamed(kind: Kind, value: unknown, sourceRegion: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const row = value as Record<string, unknown>
  const county = ancestorAt(sourceRegion, 'county')
  const found: Record<string, unknown> = {}
  for (const field of ['homeRegion', 'workRegion']) {
    const code = codeOf(row[field], field === OWN[kind] ? county : null)
    if (code !== null) found[field] = code
  }
  const homes: unknown[] = Array.isArray(row.homeRegions) ? row.homeRegions : []
  const placed = homes.map(homePlaced)
  if (placed.some((home, i) => home !== homes[i])) found.homeRegions = placed
  return Object.keys(found).length === 0 ? value : { ...row, ...found }
}

function homePlaced(home: unknown): unknown {
  const region = codeOf((home as { region?: unknown } | null)?.region, null)
  return region === null ? home : { ...(home as object), region }
}

function codeOf(name: unknown, county: RegionCode | null): RegionCode | null {
  if (typeof name !== 'string' || !HAN.test(name)) return null
  const said = halfWidth(name).trim()
  // Its own first: 中山街道 in the ledger of 新田县 is no street of 中山市.
  return (county && regionNamed(said, county, villagesOf)) ?? regionNamed(said, null, villagesOf)
}
