import {
  ancestorAt,
  childrenOf,
  commonRegion,
  levelAtLeast,
  levelOf,
  PROVINCES,
  parentOf,
  type RegionCode,
  regionName,
  regionShortName,
} from './region.ts'

/** An address is no longer; what is longer is none. */
const CHARACTERS_MAX = 100
/** What may stand between the names of two levels. */
const BETWEEN = /[\s\-—–/\\>·]+/gu
/** What stands after a name where more than one region is named. */
const ANOTHER = /^[、,，;；和及与]/u
const STARTS_HAN = /^\p{Script=Han}/u

/** After a village come its groups and houses: in 新村路12号 no village 新村 is named. */
const IN_VILLAGE = /^([\d一二三四五六七八九十第]|村民|组|$)/u

type Place = { code: RegionCode; name: string }
/** The villages of a township: their lists are long and lie where they are read from. */
type VillagesOf = (township: RegionCode) => readonly Place[]
const NO_VILLAGES: VillagesOf = () => []

/**
 * The region that a Chinese name means, as ledgers write it: 湖南省邵阳市大祥区, 邵阳大祥区雨溪街道, 湘西州凤凰县, 宁乡县 (a city
 * today), or an address, of which is taken what has a name here. `within`: where the name goes on, 六都寨镇 within 隆回县. `null` where
 * no region has that name, and where more than one has: 朝阳区, but not 北京市朝阳区.
 */
export function regionNamed(
  text: string,
  within: RegionCode | null = null,
  villagesOf = NO_VILLAGES,
): RegionCode | null {
  if (text.length > CHARACTERS_MAX || !STARTS_HAN.test(text)) return null
  const names = within === null ? 0 : 1
  const read = readingsOf(within, text.replace(BETWEEN, ''), names, villagesOf)
  const found = read.filter((reading) => isWhole(reading, villagesOf))
  const least = Math.min(...found.map(({ rest }) => rest.length))
  const codes = found.flatMap(({ code, rest }) => (rest.length === least ? code : []))
  const common = commonRegion(codes)
  // 吉林 is a province and a city in it: the province is right either way. So is the township of two villages of one name.
  return codes.find((code) => code === common) ?? ancestorAt(common, 'township')
}

/** Names read from the beginning of a text, each within the one before: where that leads, how many there were, and what follows. */
type Reading = { code: RegionCode; names: number; rest: string }

function readingsOf(
  within: RegionCode | null,
  text: string,
  names: number,
  villagesOf: VillagesOf,
): Reading[] {
  const { spellings, longest } = below(within, villagesOf)
  const readings: Reading[] = []
  for (let length = Math.min(longest, text.length); length > 1; length--)
    for (const code of spellings.get(text.slice(0, length)) ?? []) {
      const rest = text.slice(length)
      readings.push({ code, names: names + 1, rest }, ...readingsOf(code, rest, names + 1, villagesOf))
    }
  return readings
}

/**
 * Whether nothing is left that could have meant another region: an address goes on below a county that was named within another
 * region, and not with the name of a neighbour, or below a city without counties.
 */
function isWhole({ code, names, rest }: Reading, villagesOf: VillagesOf): boolean {
  if (levelAtLeast(code, 'village')) return IN_VILLAGE.test(rest)
  if (rest === '') return true
  if (ANOTHER.test(rest)) return false
  if (!levelAtLeast(code, 'county')) return levelOf(code) === 'city' && childrenOf(code).length === 0
  return names > 1 && readingsOf(parentOf(code), rest, 0, villagesOf).length === 0
}

type Below = { spellings: ReadonlyMap<string, readonly RegionCode[]>; longest: number }
const known = new Map<VillagesOf, Map<RegionCode | null, Below>>()

/** The regions that may be named next within one: a level may be left out, of a city its province, of a county both, of a village none. */
function below(within: RegionCode | null, villagesOf: VillagesOf): Below {
  const before = known.get(villagesOf)?.get(within)
  if (before) return before
  const next = within === null ? PROVINCES : childrenOf(within)
  const after = next.flatMap((code) => childrenOf(code))
  const counties = within === null ? after.flatMap((code) => childrenOf(code)) : []
  const spellings = new Map<string, RegionCode[]>()
  const add = (code: RegionCode, name: string) => spellings.set(name, [...(spellings.get(name) ?? []), code])
  const all = [...next, ...after, ...counties]
  for (const code of all) for (const name of namesOf(code)) add(code, name)
  const today = new Set(spellings.keys())
  for (const code of all) for (const name of formerNamesOf(code)) if (!today.has(name)) add(code, name)
  const villages = within !== null && levelOf(within) === 'township' ? villagesOf(within) : []
  for (const { code, name } of villages) for (const spelling of villageNamesOf(name)) add(code, spelling)
  const found = { spellings, longest: Math.max(0, ...[...spellings.keys()].map(({ length }) => length)) }
  known.set(villagesOf, (known.get(villagesOf) ?? new Map()).set(within, found))
  return found
}

/** As its list names a village, after who governs it, and as people do: 丁山村民委员会 is 丁山村, 南塘居委会 is 南塘社区. */
function villageNamesOf(name: string): Set<string> {
  const place = name.replace(/(村|社区)(民|居民)?委(员)?会$/u, '$1').replace(/居(民)?委(员)?会$/u, '社区')
  return new Set([name, place])
}

/** A region's names of today. What only holds counties together in the code, "北京市辖区", is in no address. */
function namesOf(code: RegionCode): Set<string> {
  const { zh } = regionName(code)
  const level = levelOf(code)
  if (level === 'city' && zh.includes('辖')) return new Set()
  if (level !== 'province' && level !== 'city') return new Set([zh])
  const short = regionShortName(code).zh
  return new Set([zh, short, ...(zh.endsWith('自治州') ? [`${short}州`] : [])])
}

/** What a county may have been, or is called for short: 宁乡县 became 宁乡市, 城步苗族自治县 is 城步县. */
function formerNamesOf(code: RegionCode): string[] {
  const short = regionShortName(code).zh
  if (levelOf(code) !== 'county' || short === regionName(code).zh) return []
  return ['县', '市', '区'].map((kind) => short + kind)
}
