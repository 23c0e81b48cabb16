import { HUNAN, regionName, regionShortName, regionTrail } from '#domain/region.ts'
import type { Lang } from '#domain/text.ts'

/** The full name of a region, but 湘西州 or Xiangxi for one whose full name takes a line of its own. */
export function placeName(code: string, lang: Lang): string {
  const name = regionName(code)
  if (!name.zh.endsWith('自治州')) return name[lang]
  const short = regionShortName(code)
  return lang === 'zh' ? `${short.zh}州` : short.en
}

/** A place with those it lies in, from the city down in Hunan, from the province down elsewhere; `villages` are names by code. */
export function placeTrail(code: string, villages: ReadonlyMap<string, string>, lang: Lang): string {
  const trail = regionTrail(code).slice(code.startsWith(HUNAN) && code.length > HUNAN.length ? 1 : 0)
  return trail.map((one) => villages.get(one) ?? placeName(one, lang)).join(' ')
}
