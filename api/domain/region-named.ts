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
/** What stands after a name where more than one region is named, or all but that one. */
const ANOTHER = /^(?:[、,，;；|+&.(（]|以外|外$)/u
/** The same before a name. */
const AND = /^[和及与或至到迁转]/u
/** What makes another name of a city's short one: 中山路, 中山大学, 中山区. */
const NOT_OF_CITY = /^(?:[路街区县村]|大[道街学]|公园|服|装)/u
/** How an address goes on in a city without counties. */
const TOWNSHIP = /^\p{Script=Han}{1,8}?(?:镇|街道|乡|开发区)/u
const LAST_WORD = /[省市县区州旗]$/u
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
 * no region has that name, and where more than one has: 朝阳区, but not 北京市朝阳区. A county without its 县, 市 or 区 is named within
 * its province or city alone, and with nothing behind it but a township: 湖南隆回, but not 隆回, nor 深圳宝安大道, which is a road.
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

const counties = new Map<RegionCode, ReadonlyMap<string, readonly RegionCode[]>>()

/** The counties of a province that people call so for short: 资阳 of 湖南, which elsewhere is a city. */
export function countiesCalled(short: string, province: RegionCode): readonly RegionCode[] {
  let called = counties.get(province)
  if (!called) {
    const all = childrenOf(province).flatMap((city) => childrenOf(city))
    called = Map.groupBy(all, (code) => bareNameOf(code) ?? '')
    counties.set(province, called)
  }
  return called.get(short) ?? []
}

/** Names read from the beginning of a text, each within the one before: where that leads, how many there were, and what follows. */
type Reading = { code: RegionCode; name: string; names: number; rest: string; isBare?: true }

function readingsOf(
  within: RegionCode | null,
  text: string,
  names: number,
  villagesOf: VillagesOf,
): Reading[] {
  const { spellings, bare, longest } = below(within, villagesOf)
  const readings: Reading[] = []
  for (let length = Math.min(longest, text.length); length > 1; length--) {
    const name = text.slice(0, length)
    const rest = text.slice(length)
    for (const code of spellings.get(name) ?? [])
      readings.push({ code, name, names: names + 1, rest }, ...readingsOf(code, rest, names + 1, villagesOf))
    for (const code of bare.get(name) ?? [])
      readings.push(
        { code, name, names: names + 1, rest, isBare: true },
        ...readingsOf(code, rest, names + 1, villagesOf),
      )
  }
  return readings
}

/**
 * Whether nothing is left that could have meant another region: an address goes on below a county that was named within another
 * region, and not with the name of a neighbour or the full one of any region, or below a city without counties.
 */
function isWhole({ code, name, names, rest, isBare }: Reading, villagesOf: VillagesOf): boolean {
  // 双清路 in 大祥区 names no neighbour.
  const isNeighbour = (text: string) =>
    readingsOf(parentOf(code), text, 0, villagesOf).some((one) => !one.isBare)
  const isFullName = (text: string) =>
    readingsOf(null, text, 0, villagesOf).some((one) => one.names === 1 && LAST_WORD.test(one.name))
  const isAnother = (text: string) => isNeighbour(text) || isFullName(text)
  if (levelAtLeast(code, 'village')) return IN_VILLAGE.test(rest) && (rest === '' || !isAnother(rest))
  if (rest === '') return true
  if (isBare) return false
  if (ANOTHER.test(rest) || isAnother(AND.test(rest) ? rest.slice(1) : rest)) return false
  if (levelAtLeast(code, 'county')) return names > 1
  const isCounty = levelOf(code) === 'city' && childrenOf(code).length === 0
  return isCounty && !NOT_OF_CITY.test(rest) && (names > 1 || LAST_WORD.test(name) || TOWNSHIP.test(rest))
}

/** `bare`: names of counties without their last word, where no region here is called so. */
type Below = {
  spellings: ReadonlyMap<string, readonly RegionCode[]>
  bare: ReadonlyMap<string, readonly RegionCode[]>
  longest: number
}
const known = new Map<VillagesOf, Map<RegionCode | null, Below>>()

/** The regions that may be named next within one: a level may be left out, of a city its province, of a county both, of a village none. */
function below(within: RegionCode | null, villagesOf: VillagesOf): Below {
  const before = known.get(villagesOf)?.get(within)
  if (before) return before
  const next = within === null ? PROVINCES : childrenOf(within)
  const after = next.flatMap((code) => childrenOf(code))
  const counties = within === null ? after.flatMap((code) => childrenOf(code)) : []
  const spellings = new Map<string, RegionCode[]>()
  const bare = new Map<string, RegionCode[]>()
  const add = (code: RegionCode, name: string, names = spellings) =>
    names.set(name, [...(names.get(name) ?? []), code])
  const all = [...next, ...after, ...counties]
  for (const code of all) for (const name of namesOf(code)) add(code, name)
  const today = new Set(spellings.keys())
  for (const code of all) for (const name of formerNamesOf(code)) if (!today.has(name)) add(code, name)
  const villages = within !== null && levelOf(within) === 'township' ? villagesOf(within) : []
  for (const { code, name } of villages) for (const spelling of villageNamesOf(name)) add(code, spelling)
  for (const code of within === null ? [] : all) {
    const name = bareNameOf(code)
    if (name !== null && !spellings.has(name)) add(code, name, bare)
  }
  const found = {
    spellings,
    bare,
    longest: Math.max(0, ...[...spellings.keys()].map(({ length }) => length)),
  }
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
  const short = bareNameOf(code)
  return short === null ? [] : ['县', '市', '区'].map((kind) => short + kind)
}

/** What people call a county for short; `null` where that would mislead, and for what is none. */
function bareNameOf(code: RegionCode): string | null {
  const short = regionShortName(code).zh
  return levelOf(code) === 'county' && short !== regionName(code).zh ? short : null
}
