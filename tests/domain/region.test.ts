import { describe, expect, it } from 'vitest'
import {
  ancestorAt,
  canonicalRegion,
  childrenOf,
  commonRegion,
  HUNAN,
  isWithin,
  LEVEL_NAME,
  LEVELS,
  levelAtLeast,
  levelOf,
  PREFECTURES,
  parentOf,
  RegionCode,
  regionName,
  regionShortName,
  regionTrail,
} from '../../api/domain/region.ts'
import { readVillages } from '../../api/regions.ts'

/** Statistical zones and the county around each, from the NBS list of 2023. */
const ZONES = {
  430371: '430304',
  430372: '430304',
  430373: '430302',
  430473: '430407',
  430476: '430408',
  430671: '430681',
  430771: '430703',
  430971: '430921',
  430972: '430903',
  431171: '431103',
  431173: '431125',
  431271: '431281',
}
const counties = PREFECTURES.flatMap((city) => childrenOf(city))

describe('canonicalRegion refuses', () => {
  it.each([
    ['', 'nothing'],
    ['4', 'one digit'],
    ['430', 'a length of no level'],
    ['43010', 'a length of no level'],
    ['湖南', 'a name'],
    ['43 01', 'a space'],
    ['-43', 'a sign'],
    ['4.3e1', 'a number that is not digits'],
    ['4301020010010', 'thirteen digits'],
    ['99', 'no such province'],
    ['4399', 'no such city'],
    ['430199', 'no such county'],
    ['430001', 'a county of no city'],
    ['440199', 'no such county elsewhere'],
    ['430102999', 'no such township'],
    ['430102999001', 'a village of no township'],
    ['999999999', 'a township of no province'],
    ['00', 'zeros'],
  ])('%s: %s', (text) => expect(canonicalRegion(text)).toBeNull())
})

describe('canonicalRegion', () => {
  it.each([
    ['43', '43'],
    ['4301', '4301'],
    ['430102', '430102'],
    ['430102001', '430102001'],
    ['430102001001', '430102001001'],
  ])('keeps the code of each level: %s', (text, code) => expect(canonicalRegion(text)).toBe(code))

  it.each([
    ['430000', '43'],
    ['430100', '4301'],
    ['430000000', '43'],
    ['430102000', '430102'],
    ['430100000000', '4301'],
    ['430102001000', '430102001'],
    ['431000', '4310'],
    ['430200', '4302'],
  ])('cuts the zeros that pad %s', (text, code) => expect(canonicalRegion(text)).toBe(code))

  it.each([
    ['430124', '430182'],
    ['430221', '430212'],
    ['430521', '430582'],
    ['431121', '431181'],
    ['430122', '430112'],
    ['430124101', '430182'],
    ['431121101202', '431181'],
  ])('gives the county of today for the abolished code %s', (text, code) =>
    expect(canonicalRegion(text)).toBe(code),
  )

  it.each(Object.entries(ZONES))('places zone %s, and a village in it, in county %s', (zone, county) => {
    expect(canonicalRegion(zone)).toBe(county)
    expect(canonicalRegion(`${zone}400`)).toBe(county)
    expect(canonicalRegion(`${zone}400201`)).toBe(county)
  })

  it.each([
    ['441900', '4419'],
    ['442000', '4420'],
    ['460400', '4604'],
    ['620201', '6202'],
    ['441900003', '4419'],
  ])('takes %s for the city, which has no counties', (text, code) => expect(canonicalRegion(text)).toBe(code))

  it.each(['429004', '429021', '419001', '469001', '659001'])(
    'finds %s, a county directly under its province',
    (code) => {
      expect(canonicalRegion(code)).toBe(code)
      expect(levelOf(code)).toBe('county')
    },
  )

  it.each([
    ['440305001', '440305'],
    ['440305001002', '440305'],
    ['440399001', '4403'],
    ['130171400', '1301'],
  ])('cuts %s, outside Hunan, to the county or city that exists', (text, code) =>
    expect(canonicalRegion(text)).toBe(code),
  )

  it('answers the same for a code it has seen before', () =>
    expect([canonicalRegion('430124000000'), canonicalRegion('430124000000')]).toEqual(['430182', '430182']))

  it('gives only codes of the right shape, which stand for themselves', () => {
    for (const code of [...counties, ...counties.flatMap((county) => childrenOf(county))]) {
      expect(RegionCode.safeParse(code).success).toBe(true)
      expect(canonicalRegion(code)).toBe(code)
    }
  })

  it('survives more different codes than it remembers', () => {
    for (let n = 0; n < 70_000; n++) canonicalRegion(`4403${String(n).padStart(8, '0')}`)
    expect(canonicalRegion('430124')).toBe('430182')
  })
})

describe('the table', () => {
  it('has 14 prefectures and 122 counties in Hunan, and no zone among them', () => {
    expect(PREFECTURES).toEqual([
      '4301',
      '4302',
      '4303',
      '4304',
      '4305',
      '4306',
      '4307',
      '4308',
      '4309',
      '4310',
      '4311',
      '4312',
      '4313',
      '4331',
    ])
    expect(counties).toHaveLength(122)
    expect(counties.filter((code) => code in ZONES)).toEqual([])
  })

  it('has 36 districts, 19 cities, 60 counties and 7 autonomous counties in Hunan', () => {
    const ending = (pattern: RegExp) => counties.filter((code) => pattern.test(regionName(code).zh)).length
    expect([/区$/, /市$/, /(?<!自治)县$/, /自治县$/].map(ending)).toEqual([36, 19, 60, 7])
  })

  it('has Taiwan, Hong Kong and Macao as provinces', () =>
    expect(['710000', '810000', '820000'].map((code) => regionName(canonicalRegion(code) ?? '').zh)).toEqual([
      '台湾省',
      '香港特别行政区',
      '澳门特别行政区',
    ]))

  it('knows townships in every county of Hunan, and none elsewhere', () => {
    expect(counties.filter((county) => childrenOf(county).length === 0)).toEqual([])
    expect(childrenOf('440305')).toEqual([])
  })
})

describe('levels', () => {
  it('reads the level from the code', () =>
    expect(['43', '4301', '430102', '430102001', '430102001001'].map(levelOf)).toEqual([...LEVELS]))
  it('refuses what has the length of no level', () => expect(() => levelOf('430')).toThrow(RangeError))
  it('compares by fineness', () => {
    expect(levelAtLeast('430102', 'county')).toBe(true)
    expect(levelAtLeast('430102001', 'county')).toBe(true)
    expect(levelAtLeast('4301', 'county')).toBe(false)
  })
  it('names every level in both languages', () => expect(LEVEL_NAME.city).toEqual({ zh: '市州', en: 'City' }))
})

describe('the tree', () => {
  it('finds ancestors, and none finer than the region', () => {
    expect(ancestorAt('430102001001', 'city')).toBe('4301')
    expect(ancestorAt('430102', 'county')).toBe('430102')
    expect(ancestorAt('43', 'city')).toBeNull()
  })
  it('goes up one level, and not above a province', () => {
    expect(parentOf('430102001001')).toBe('430102001')
    expect(parentOf('430102001')).toBe('430102')
    expect(parentOf('4331')).toBe(HUNAN)
    expect(parentOf('43')).toBeNull()
  })
  it('lists a trail from the province down', () =>
    expect(regionTrail('430102001')).toEqual(['43', '4301', '430102', '430102001']))
  it('knows the smallest region that holds several, which may be none', () => {
    expect(commonRegion(['430102001', '430102001'])).toBe('430102001')
    expect(commonRegion(['430102001', '430102010001'])).toBe('430102')
    expect(commonRegion(['430102', '4301'])).toBe('4301')
    expect(commonRegion(['430102', '430221'])).toBe('43')
    for (const apart of [['430102', '440306'], ['430102', ''], ['', '430102'], []])
      expect(commonRegion(apart)).toBe('')
  })
  it('holds a region inside itself and its ancestors only', () => {
    expect(isWithin('430102', '43')).toBe(true)
    expect(isWithin('430102', '430102')).toBe(true)
    expect(isWithin('4301', '430102')).toBe(false)
    expect(isWithin('440305', '43')).toBe(false)
  })
  it('gives a list of children that a caller may change', () => {
    childrenOf('4301').pop()
    expect(childrenOf('4301')).toHaveLength(9)
  })
})

describe('names', () => {
  it.each([
    ['4301', '长沙市', 'Changsha'],
    ['4310', '郴州市', 'Chenzhou'],
    ['4308', '张家界市', 'Zhangjiajie'],
    ['4331', '湘西土家族苗族自治州', 'Xiangxi Tujia and Miao Autonomous Prefecture'],
    ['430111', '雨花区', 'Yuhua District'],
    ['430182', '宁乡市', 'Ningxiang City'],
    ['430525', '洞口县', 'Dongkou County'],
    ['431181', '祁阳市', 'Qiyang City'],
    ['430781', '津市市', 'Jinshi City'],
    ['430223', '攸县', 'You County'],
    ['431122', '东安县', "Dong'an County"],
    ['430529', '城步苗族自治县', 'Chengbu Miao Autonomous County'],
    ['431129', '江华瑶族自治县', 'Jianghua Yao Autonomous County'],
    ['431226', '麻阳苗族自治县', 'Mayang Miao Autonomous County'],
    ['431227', '新晃侗族自治县', 'Xinhuang Dong Autonomous County'],
    ['431228', '芷江侗族自治县', 'Zhijiang Dong Autonomous County'],
    ['431229', '靖州苗族侗族自治县', 'Jingzhou Miao and Dong Autonomous County'],
    ['431230', '通道侗族自治县', 'Tongdao Dong Autonomous County'],
    ['14', '山西省', 'Shanxi'],
    ['61', '陕西省', 'Shaanxi'],
    ['15', '内蒙古自治区', 'Inner Mongolia'],
    ['54', '西藏自治区', 'Tibet'],
    ['6101', '西安市', "Xi'an"],
    ['1411', '吕梁市', 'Lüliang'],
    ['429021', '神农架林区', 'Shennongjia Forestry District'],
    ['140109', '万柏林区', 'Wanbailin District'],
    ['310115', '浦东新区', 'Pudong New Area'],
  ])('%s is %s, %s', (code, zh, en) => expect(regionName(code)).toEqual({ zh, en }))

  it.each([
    ['4301', '长沙', 'Changsha'],
    ['4331', '湘西', 'Xiangxi'],
    ['44', '广东', 'Guangdong'],
    ['15', '内蒙古', 'Inner Mongolia'],
    ['430111', '雨花', 'Yuhua'],
    ['431230', '通道', 'Tongdao'],
    ['430781', '津市', 'Jinshi'],
    ['81', '香港', 'Hong Kong'],
    ['430223', '攸县', 'You'],
    ['430121', '长沙县', 'Changsha County'],
    ['3101', '上海', 'Shanghai'],
  ])('%s is %s, %s on a chart', (code, zh, en) => expect(regionShortName(code)).toEqual({ zh, en }))

  it('gives every region of Hunan a Chinese name and an English name in Latin letters', () => {
    const codes = [...PREFECTURES, ...counties, ...counties.flatMap((county) => childrenOf(county))]
    expect(codes.filter((code) => !/^[A-Z][A-Za-zü' -]+$/.test(regionName(code).en))).toEqual([])
    expect(codes.filter((code) => !/^\p{Script=Han}+$/u.test(regionName(code).zh))).toEqual([])
  })

  it('falls back to the code', () =>
    expect(regionName('430102001001')).toEqual({ zh: '430102001001', en: '430102001001' }))
})

describe('villages', () => {
  const region = (text: string) => RegionCode.parse(text)
  it('are refused outside Hunan and for a whole city', async () => {
    await expect(readVillages(region('440305'))).rejects.toMatchObject({ code: 'not_found' })
    await expect(readVillages(region('4301'))).rejects.toMatchObject({ code: 'not_found' })
  })
  it('of every county are regions that canonicalRegion accepts', async () => {
    for (const county of counties) {
      const villages = await readVillages(county)
      expect(villages.length).toBeGreaterThan(0)
      expect(villages.filter(({ code }) => canonicalRegion(code) !== code)).toEqual([])
    }
  })
  it('of a township are those of its code', async () => {
    const villages = await readVillages(region('430102001'))
    expect(villages.length).toBeGreaterThan(0)
    expect(villages.every(({ code, zh }) => code.startsWith('430102001') && zh !== '')).toBe(true)
  })
})
