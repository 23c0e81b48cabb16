import { ancestorAt, canonicalRegion, HUNAN, isWithin, type RegionCode } from '#domain/region.ts'

/** What the address of the page asks for: a region down to the village, and the household opened in it. */
export type View = { readonly region: RegionCode; readonly household: string | null }

export function viewFrom(search: URLSearchParams): View {
  const region = canonicalRegion(search.get('region') ?? HUNAN)
  return {
    region: region !== null && isWithin(region, HUNAN) ? region : HUNAN,
    household: search.get('household'),
  }
}

export function addressOf(region: string, household: string | null = null): string {
  const query = new URLSearchParams({ region, ...(household === null ? {} : { household }) })
  return `/households?${query}`
}

/** The region whose villages are counted; `null` above the township. */
export function townshipOf(region: RegionCode): RegionCode | null {
  return ancestorAt(region, 'township')
}
