import { regionName, regionShortName } from '#domain/region.ts'
import type { Lang } from '#domain/text.ts'

/** The full name of a region, but 湘西州 for the one prefecture whose full name has ten characters. */
export function placeName(code: string, lang: Lang): string {
  const name = regionName(code)
  return lang === 'zh' && name.zh.endsWith('自治州') ? `${regionShortName(code).zh}州` : name[lang]
}
