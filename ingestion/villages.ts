import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { isWithin, RegionCode } from '#domain/region.ts'

const Villages = z.array(z.tuple([RegionCode, z.string()]))

/** Villages of the counties that were asked for, by county. A county's list is read once, when it is first needed: start stays fast. */
const byCounty = new Map<string, ReadonlyMap<RegionCode, string>>()

/** Whether a 12-digit code is a village or community of Hunan (NBS, 2023). `canonicalRegion` has found its township. */
export function isVillage(code: RegionCode): boolean {
  return villagesOfCounty(code).has(code)
}

/** The villages and communities of a township of Hunan with their Chinese names. */
export function villagesOf(township: RegionCode): { code: RegionCode; name: string }[] {
  return [...villagesOfCounty(township)].flatMap(([code, name]) =>
    isWithin(code, township) ? { code, name } : [],
  )
}

function villagesOfCounty(code: RegionCode): ReadonlyMap<RegionCode, string> {
  const county = code.slice(0, 6)
  const before = byCounty.get(county)
  if (before) return before
  const file = new URL(`../generated/villages/${county}.json`, import.meta.url)
  const villages = new Map(existsSync(file) ? Villages.parse(JSON.parse(readFileSync(file, 'utf8'))) : [])
  byCounty.set(county, villages)
  return villages
}
