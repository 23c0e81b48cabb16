import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'

const Villages = z.array(z.tuple([z.string(), z.string()]))

/** Villages of the counties that were asked for, by county. A county's list is read once, when it is first needed: start stays fast. */
const byCounty = new Map<string, ReadonlySet<string>>()

/** Whether a 12-digit code is a village or community of Hunan (NBS, 2023). `canonicalRegion` has found its township. */
export function isVillage(code: string): boolean {
  const county = code.slice(0, 6)
  let villages = byCounty.get(county)
  if (!villages) {
    villages = readVillages(county)
    byCounty.set(county, villages)
  }
  return villages.has(code)
}

function readVillages(county: string): ReadonlySet<string> {
  const file = new URL(`../generated/villages/${county}.json`, import.meta.url)
  if (!existsSync(file)) return new Set()
  return new Set(Villages.parse(JSON.parse(readFileSync(file, 'utf8'))).map(([code]) => code))
}
