import { customPinyin, pinyin } from 'pinyin-pro'
import { AUTONOMOUS_ENGLISH, CITY_ENGLISH, FIXED, READINGS } from './geo-words.ts'

customPinyin(READINGS)

/** A region's names. The short ones are what a chart label needs: no 省, 市, 县, no "Autonomous Prefecture". */
export type Names = { zh: string; en: string; shortZh: string; shortEn: string }

/** Names of a province (2 digits), city (4), county (6) or township (9), from its code and official Chinese name. */
export function namesFor(code: string, zh: string): Names {
  const fixed = FIXED[code]
  if (fixed)
    return { zh: fixed[0], en: fixed[1], shortZh: fixed[2] ?? fixed[0], shortEn: fixed[3] ?? fixed[1] }
  if (code.length === 9) return { zh, en: townshipEnglish(zh), shortZh: zh, shortEn: townshipEnglish(zh) }
  const autonomous = autonomousNames(zh)
  if (autonomous) return autonomous
  const [suffix, english] = suffixOf(zh, code.length === 4 ? CITY_SUFFIXES : COUNTY_SUFFIXES)
  const base = zh.slice(0, zh.length - suffix.length)
  const shortEn = CITY_ENGLISH[code] ?? romanise(zh, base.length)
  // One character alone (攸县, 城区) does not read as a name.
  return { zh, en: `${shortEn}${english}`, shortZh: base.length > 1 ? base : zh, shortEn }
}

/**
 * Pinyin of the first `length` characters as a proper noun: joined, capitalised, with the apostrophe that parts a
 * syllable that opens with a vowel. The rest of the name only helps the reading: 单 is shan in 单县 alone.
 */
function romanise(zh: string, length = zh.length): string {
  const syllables = pinyin(zh, { toneType: 'none', type: 'array' }).slice(0, length)
  const joined = syllables.map((one, i) => (i > 0 && /^[aoe]/.test(one) ? `'${one}` : one)).join('')
  return joined.charAt(0).toUpperCase() + joined.slice(1)
}

function suffixOf(zh: string, suffixes: Suffix[]): Suffix {
  return (
    suffixes.find(([suffix, , least = 1]) => zh.endsWith(suffix) && zh.length >= suffix.length + least) ?? [
      '',
      '',
    ]
  )
}

/** 湘西土家族苗族自治州: the place, then the peoples it is named for, then the kind. `null` when not autonomous. */
function autonomousNames(zh: string): Names | null {
  const kind = AUTONOMOUS.find(([suffix]) => zh.endsWith(suffix))
  if (!kind) return null
  let base = zh.slice(0, -kind[0].length)
  const peoples: string[] = []
  for (let found = peopleAt(base); found; found = peopleAt(base)) {
    peoples.unshift(found[1])
    base = base.slice(0, -found[0].length)
  }
  const people =
    peoples.length > 1 ? `${peoples.slice(0, -1).join(', ')} and ${peoples.at(-1)}` : (peoples[0] ?? '')
  const place = base === '' ? '' : (AUTONOMOUS_ENGLISH[base] ?? romanise(base))
  // 东乡族自治县 and 鄂伦春自治旗 are named for a people alone.
  const shortZh = base === '' ? zh.slice(0, -kind[0].length).replace(/族$/, '') : base
  return { zh, en: [place, people, kind[1]].filter(Boolean).join(' '), shortZh, shortEn: place || people }
}

function peopleAt(base: string): [string, string] | null {
  for (const [name, english] of PEOPLES) {
    if (base.endsWith(`${name}族`)) return [`${name}族`, english]
    if (WITHOUT_ZU.has(name) && base.endsWith(name)) return [name, english]
  }
  return null
}

function townshipEnglish(zh: string): string {
  const [suffix, english] = suffixOf(zh, TOWNSHIP_SUFFIXES)
  const base = zh.slice(0, zh.length - suffix.length)
  if (suffix !== '乡' && suffix !== '镇') return `${romanise(base)}${english}`
  let place = base
  const peoples: string[] = []
  for (let found = peopleAt(place); found?.[0].endsWith('族'); found = peopleAt(place)) {
    peoples.unshift(found[1])
    place = place.slice(0, -found[0].length)
  }
  return peoples.length === 0 || place === ''
    ? `${romanise(base)}${english}`
    : `${romanise(place)} ${peoples.join(' and ')} Ethnic${english}`
}

/** A Chinese ending, its English, and the fewest characters that must stand before it. */
type Suffix = [zh: string, en: string, least?: number]

const CITY_SUFFIXES: Suffix[] = [
  ['地区', ' Prefecture'],
  ['盟', ' League'],
  ['市', ''],
]
// 神农架林区 is a forestry district but 万柏林区 is the district 万柏林; 滨海新区 is a new area but 清新区 is not.
const COUNTY_SUFFIXES: Suffix[] = [
  ['林区', ' Forestry District', 3],
  ['特区', ' Special District', 2],
  ['新区', ' New Area', 2],
  ['区', ' District'],
  ['县', ' County'],
  ['市', ' City'],
  ['旗', ' Banner'],
]
const AUTONOMOUS: [string, string][] = [
  ['自治州', 'Autonomous Prefecture'],
  ['自治县', 'Autonomous County'],
  ['自治旗', 'Autonomous Banner'],
]
const TOWNSHIP_SUFFIXES: Suffix[] = [
  ['街道办事处', ' Subdistrict'],
  ['街道', ' Subdistrict'],
  ['镇', ' Town'],
  ['乡', ' Township'],
  ['国有林场', ' State Forest Farm'],
  ['林场', ' Forest Farm'],
  ['原种场', ' Seed Farm'],
  ['畜牧场', ' Livestock Farm'],
  ['园艺场', ' Horticultural Farm'],
  ['茶场', ' Tea Farm'],
  ['农场', ' Farm'],
  ['监狱', ' Prison'],
  ['经济开发区', ' Economic Development Zone'],
  ['产业开发区', ' Industrial Development Zone'],
  ['开发区', ' Development Zone'],
  ['旅游度假区', ' Tourist Resort'],
  ['管理处', ' Management Office'],
  ['国家森林公园管理局', ' National Forest Park Administration'],
  ['管理局', ' Administration'],
  ['茶场管理区', ' Tea Farm Management Area'],
  ['管理区', ' Management Area'],
  ['高科技园', ' High-Tech Park'],
  ['循环经济园', ' Circular Economy Park'],
  ['工业园', ' Industrial Park'],
  ['公务中心', ' Public Service Centre'],
  ['湿地保护与发展事务中心', ' Wetland Conservation and Development Centre'],
]

/** Peoples in official English; a name that ends with another (土家, 家) must come first. 各族 is "various peoples". */
const PEOPLES: [string, string][] = Object.entries({
  土家: 'Tujia',
  苗: 'Miao',
  侗: 'Dong',
  瑶: 'Yao',
  回: 'Hui',
  维吾尔: 'Uygur',
  藏: 'Tibetan',
  彝: 'Yi',
  壮: 'Zhuang',
  布依: 'Bouyei',
  朝鲜: 'Korean',
  满: 'Manchu',
  蒙古: 'Mongol',
  白: 'Bai',
  哈尼: 'Hani',
  哈萨克: 'Kazak',
  傣: 'Dai',
  黎: 'Li',
  傈僳: 'Lisu',
  佤: 'Va',
  畲: 'She',
  拉祜: 'Lahu',
  水: 'Sui',
  东乡: 'Dongxiang',
  纳西: 'Naxi',
  景颇: 'Jingpo',
  柯尔克孜: 'Kirgiz',
  土: 'Tu',
  达斡尔: 'Daur',
  仫佬: 'Mulao',
  羌: 'Qiang',
  布朗: 'Blang',
  撒拉: 'Salar',
  毛南: 'Maonan',
  仡佬: 'Gelao',
  锡伯: 'Xibe',
  普米: 'Pumi',
  塔吉克: 'Tajik',
  怒: 'Nu',
  鄂温克: 'Ewenki',
  保安: 'Bonan',
  裕固: 'Yugur',
  鄂伦春: 'Oroqen',
  独龙: 'Derung',
  各: 'Multi-ethnic',
})
/** Peoples that official names give without 族, as in 伊犁哈萨克自治州. */
const WITHOUT_ZU = new Set(['蒙古', '柯尔克孜', '哈萨克', '鄂伦春', '塔吉克', '锡伯'])
