import { ancestorAt, isWithin, type RegionCode } from '#domain/region.ts'
import { countiesCalled, regionNamed } from '#domain/region-named.ts'
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
 * an unclear one, stays for the schema to judge; the row of the sender is left as it is. 资阳 alone is a district of 益阳 and a city of
 * 四川: the district to a source that holds it, and none to others of 湖南.
 */
export function withPlacesNamed(kind: Kind, value: unknown, sourceRegion: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const row = value as Record<string, unknown>
  const county = ancestorAt(sourceRegion, 'county')
  const found: Record<string, unknown> = {}
  for (const field of ['homeRegion', 'workRegion']) {
    const code = codeOf(row[field], field === OWN[kind] ? county : null, sourceRegion)
    if (code !== null) found[field] = code
  }
  const homes: unknown[] = Array.isArray(row.homeRegions) ? row.homeRegions : []
  const placed = homes.map((home) => homePlaced(home, sourceRegion))
  if (placed.some((home, i) => home !== homes[i])) found.homeRegions = placed
  return Object.keys(found).length === 0 ? value : { ...row, ...found }
}

function homePlaced(home: unknown, sourceRegion: string): unknown {
  const region = codeOf((home as { region?: unknown } | null)?.region, null, sourceRegion)
  return region === null ? home : { ...(home as object), region }
}

/** What the schema takes for no region, as it would not refuse the name itself. */
const UNCLEAR = ''

function codeOf(name: unknown, county: RegionCode | null, sourceRegion: string): string | null {
  if (typeof name !== 'string' || !HAN.test(name)) return null
  const said = halfWidth(name).trim()
  // Its own first: 中山街道 in the ledger of 新田县 is no street of 中山市.
  const own = county && regionNamed(said, county, villagesOf)
  if (own) return own
  const code = regionNamed(said, null, villagesOf)
  const province = ancestorAt(sourceRegion, 'province')
  const others =
    province === null || code === null || isWithin(code, province) ? [] : countiesCalled(said, province)
  if (others.length === 0) return code
  const here = ancestorAt(sourceRegion, 'county') ?? ancestorAt(sourceRegion, 'city')
  return (here && others.find((other) => isWithin(other, here))) ?? UNCLEAR
}
