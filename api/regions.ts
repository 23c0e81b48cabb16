import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import { ancestorAt, HUNAN, isWithin, levelOf, type RegionCode } from '#domain/region.ts'

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
