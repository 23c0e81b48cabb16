import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import { ancestorAt, childrenOf, HUNAN, isWithin, levelOf, type RegionCode } from '#domain/region.ts'

const Villages = z.array(z.tuple([z.string(), z.string()]))

/** A village or community: its 12-digit code and its Chinese name. */
export type Village = { code: string; zh: string }

/**
 * The villages and communities of one Hunan county or township, by code (NBS, 2023). Reads one file a call; the
 * caller caches if it must.
 * @throws AppError `not_found` for a region outside Hunan, or coarser or finer than county and township.
 */
export async function readVillages(region: RegionCode): Promise<Village[]> {
  const county = ancestorAt(region, 'county')
  if (county === null || levelOf(region) === 'village' || !isWithin(region, HUNAN))
    throw new AppError('not_found', `no list of villages for "${region}": give a county or township of Hunan`)
  const file = new URL(`../generated/villages/${county}.json`, import.meta.url)
  const villages = Villages.parse(JSON.parse(await readFile(file, 'utf8')))
  return villages.filter(([code]) => isWithin(code, region)).map(([code, zh]) => ({ code, zh }))
}

/** The names of those of some codes that are villages of Hunan, by code. */
export async function readVillageNames(codes: Iterable<string>): Promise<Record<string, string>> {
  const asked = new Set([...codes].filter((code) => /^43\d{10}$/.test(code)))
  const counties = new Set([...asked].flatMap((code) => ancestorAt(code, 'county') ?? []))
  // One that is in no table of today has no list either.
  const known = [...counties].filter((county) => childrenOf(county).length > 0)
  const lists = await Promise.all(known.map(readVillages))
  return Object.fromEntries(lists.flat().flatMap(({ code, zh }) => (asked.has(code) ? [[code, zh]] : [])))
}
