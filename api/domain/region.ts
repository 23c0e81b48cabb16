import { z } from 'zod'
import table from '#generated/regions.json' with { type: 'json' }
import type { Bilingual } from './text.ts'

/**
 * A region of China as the significant digits of its GB/T 2260 and NBS code: '43' province, '4301' city, '430102'
 * county, '430102001' township, '430102001001' village. A region's code begins with the code of every region it lies
 * in. Only `canonicalRegion` makes one from outside text; this schema checks the shape, not that the region exists.
 */
export const RegionCode = z
  .string()
  .regex(/^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/)
  .brand<'RegionCode'>()
export type RegionCode = z.infer<typeof RegionCode>

/** Levels of regions, coarsest first. */
export const LEVELS = ['province', 'city', 'county', 'township', 'village'] as const
export const Level = z.enum(LEVELS)
export type Level = z.infer<typeof Level>

/** Names of the levels, as on filters and in refusals. */
export const LEVEL_NAME: Record<Level, Bilingual> = {
  province: { zh: '省', en: 'Province' },
  city: { zh: '市州', en: 'City' },
  county: { zh: '县市区', en: 'County' },
  township: { zh: '乡镇街道', en: 'Township' },
  village: { zh: '村社区', en: 'Village' },
}

/** Digits of a code of each level. */
export const LEVEL_DIGITS: Record<Level, number> = {
  province: 2,
  city: 4,
  county: 6,
  township: 9,
  village: 12,
}

type Entry = { code: RegionCode; name: Bilingual; shortName: Bilingual; children: RegionCode[] }
const entries = new Map<string, Entry>()
const aliases = new Map<string, RegionCode>()
readTable()

/** All provinces, by code. */
export const PROVINCES: readonly RegionCode[] = [...entries.values()].flatMap(({ code }) =>
  code.length === LEVEL_DIGITS.province ? code : [],
)

/** The province the product serves. */
export const HUNAN = trusted('43')

/** The 14 cities and prefectures of Hunan, by code. */
export const PREFECTURES: readonly RegionCode[] = childrenOf(HUNAN)

/** The level of a region code, from its length. @throws RangeError when the text has the length of no level. */
export function levelOf(code: string): Level {
  const level = LEVELS.find((one) => LEVEL_DIGITS[one] === code.length)
  if (level === undefined)
    throw new RangeError(`"${code}" is no region code: expected 2, 4, 6, 9 or 12 digits`)
  return level
}

/** Whether a region is of `level` or finer: '430102' is at least a county and at least a city. */
export function levelAtLeast(code: string, level: Level): boolean {
  return code.length >= LEVEL_DIGITS[level]
}

/**
 * The region that a code from outside means; `null` when there is none.
 *
 * Takes 2 to 12 digits, with or without the trailing zeros of the full forms (430000, 430100000000). Codes of renamed
 * counties give today's county (430124 → 430182) and those of statistical zones the county around them (430671 →
 * 430681), also when they name a township or village there; outside Hunan a zone gives its city. Cities without
 * counties are cities (441900 → 4419). Townships are checked in Hunan, villages by their township. Outside
 * Hunan the finest level is the county, or the city when the county is unknown.
 */
export function canonicalRegion(text: string): RegionCode | null {
  const seen = memo.get(text)
  if (seen !== undefined) return seen
  const code = /^\d{2,12}$/.test(text) ? resolve(significant(text)) : null
  if (code !== null) {
    if (memo.size >= MEMO_MAX) memo.clear()
    memo.set(text, code)
  }
  return code
}

/** The region of `level` that a region lies in, or itself; `null` when the region is coarser than `level`. */
export function ancestorAt(code: string, level: Level): RegionCode | null {
  return levelAtLeast(code, level) ? trusted(code.slice(0, LEVEL_DIGITS[level])) : null
}

/** The region one level up; `null` for a province. */
export function parentOf(code: string): RegionCode | null {
  const above = LEVELS[LEVELS.indexOf(levelOf(code)) - 1]
  return above === undefined ? null : ancestorAt(code, above)
}

/** The regions one level down, by code. Empty for Hunan's townships and for counties elsewhere: finer names are not held here. */
export function childrenOf(code: string): RegionCode[] {
  return entries.get(code)?.children.slice() ?? []
}

/** Official Chinese name and English name; the code itself for villages and for what is not in the table. */
export function regionName(code: string): Bilingual {
  return entries.get(code)?.name ?? { zh: code, en: code }
}

/**
 * The name that a chart label needs: 长沙, 湘西, 广东, 内蒙古. Full names stay where the short one would mislead (攸县;
 * 长沙县, which lies in 长沙市) and for townships; the code itself where `regionName` gives it.
 */
export function regionShortName(code: string): Bilingual {
  return entries.get(code)?.shortName ?? { zh: code, en: code }
}

/** Whether a region is `ancestor` or lies in it. Both are canonical codes: '' would hold every region. */
export function isWithin(code: string, ancestor: string): boolean {
  return code.startsWith(ancestor)
}

/** The regions a region lies in, from its province down to itself. */
export function regionTrail(code: string): RegionCode[] {
  return LEVELS.flatMap((level) => ancestorAt(code, level) ?? [])
}

/** The smallest region that holds all of these; '' where there is none, or one of them is not placed. */
export function commonRegion(codes: readonly string[]): string {
  const [first = '', ...others] = codes
  return regionTrail(first).findLast((region) => others.every((code) => isWithin(code, region))) ?? ''
}

/** More than all that Hunan sends (29,500 villages, 5,000 regions in two spellings); then it starts over. */
const MEMO_MAX = 65_536
const memo = new Map<string, RegionCode>()

/** Cuts the zeros that pad a code: three from a village or township, two above. */
function significant(digits: string): string {
  let code = digits
  while (code.length > 2) {
    const level = LEVELS.findIndex((one) => LEVEL_DIGITS[one] === code.length)
    const above = LEVELS[level - 1]
    if (above === undefined || /[^0]/.test(code.slice(LEVEL_DIGITS[above]))) return code
    code = code.slice(0, LEVEL_DIGITS[above])
  }
  return code
}

function resolve(code: string): RegionCode | null {
  const known = entries.get(code)?.code ?? aliases.get(code)
  if (known !== undefined) return known
  if (code.length !== LEVEL_DIGITS.township && code.length !== LEVEL_DIGITS.village) return null
  const county = code.slice(0, LEVEL_DIGITS.county)
  const renamed = aliases.get(county)
  if (renamed !== undefined) return renamed
  if (!isWithin(code, HUNAN))
    return entries.get(county)?.code ?? entries.get(code.slice(0, LEVEL_DIGITS.city))?.code ?? null
  return code.length === LEVEL_DIGITS.village && entries.has(code.slice(0, LEVEL_DIGITS.township))
    ? trusted(code)
    : null
}

/** Parents come before their children, as the table is in the order of codes. */
function readTable(): void {
  for (const line of table.regions) {
    const [code = '', zh = '', en = '', shortZh = zh, shortEn = en] = line.split('|')
    const entry = {
      code: trusted(code),
      name: { zh, en },
      shortName: { zh: shortZh, en: shortEn },
      children: [],
    }
    entries.set(code, entry)
    if (code.length > 2) entries.get(parentOf(code) ?? '')?.children.push(entry.code)
  }
  for (const line of table.aliases) {
    const [code = '', target = ''] = line.split('|')
    aliases.set(code, trusted(target))
  }
}

/** For codes of our own table and cuts of codes already checked: what `canonicalRegion` accepts is a RegionCode. */
function trusted(code: string): RegionCode {
  return code as RegionCode
}
