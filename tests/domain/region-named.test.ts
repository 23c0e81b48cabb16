import { expect, it } from 'vitest'
import table from '#generated/regions.json' with { type: 'json' }
import {
  childrenOf,
  PREFECTURES,
  RegionCode,
  regionName,
  regionShortName,
  regionTrail,
} from '../../api/domain/region.ts'
import { regionNamed } from '../../api/domain/region-named.ts'
import { SIGNALS } from '../../api/domain/signal.ts'
import { villagesOf } from '../../ingestion/villages.ts'
import { worker } from '../support/signals.ts'

/** 丁山村 in 隆回县六都寨镇. */
const DINGSHAN = '430524105237'

it.each([
  ['with its city alone, and without either', '邵阳市大祥区', '430503'],
  ['where it is the only one', '大祥区', '430503'],
  ['by short names of province and city', '湖南邵阳大祥区', '430503'],
  ['with blanks and dashes between', '湖南省 邵阳市 - 大祥区', '430503'],
  ['of a county that has the name of its city', '邵阳县', '430523'],
  ['of a city', '邵阳', '4305'],
  ['of a prefecture as people say it', '湘西州凤凰县', '433123'],
  ['of a county as people say it', '城步县', '430529'],
  ['of a county that is a city today', '长沙市宁乡县花明楼镇', '430182102'],
  ['of a district that was a county', '望城县', '430112'],
  ['of a county below a province, or below what only holds counties together', '湖北仙桃市', '429004'],
  ['in a municipality', '北京市朝阳区', '110105'],
  ['of a province that has a city of its name', '吉林', '22'],
  ['in an address, down to what has a name here', '深圳市宝安区福永街道福海大道12号', '440306'],
  ['in an address of a city without counties', '东莞市长安镇', '4419'],
  ['with a township', '隆回县六都寨镇丁山村', '430524105'],
  ['that two regions have', '朝阳区', null],
  ['that two regions have, of which only one is in Hunan', '永定区', null],
  ['of two regions at once', '湖南省邵阳市大祥区、双清区', null],
  ['of two regions at once, with nothing but a blank between', '邵阳市大祥区 双清区', null],
  ['of a county without its last word, within its province', '湖南隆回', '430524'],
  ['of a county without its last word, within its city', '湖南邵阳隆回', '430524'],
  ['of a county without its last word, within its city alone', '邵阳隆回', '430524'],
  ['of a district without its last word', '广东深圳宝安', '440306'],
  ['of a county that is a city, without its last word', '江苏昆山', '320583'],
  ['of a district without its last word, in a municipality', '北京朝阳', '110105'],
  ['of a city that has a county of its name', '湖南邵阳', '4305'],
  ['of a county without its last word, with a township', '湖南隆回六都寨镇', '430524105'],
  ['of a county without its last word, alone', '隆回', null],
  ['of a district without its last word, that two cities have', '河北桥西', null],
  ['that goes on after a district without its last word', '广东深圳宝安大道12号', null],
  ['of two counties without their last words', '湖南隆回洞口', null],
  ['in an address on a road that is named after a neighbour', '邵阳市大祥区双清路12号', '430503'],
  ['in an address on a road that is named after another city', '邵阳市大祥区长沙路12号', '430503'],
  ['of a township alone, as others may have it', '水东镇', null],
  ['that goes on in words of no region', '湖南大学', null],
  ['of a road that is named after a city', '中山路15号', null],
  ['of a university that is named after a city', '中山大学', null],
  ['of a district that is named after a city', '中山区青泥洼桥街道', null],
  ['of a district that is named after another city', '广东省中山区', null],
  ['of a street that is named after a city', '中山街道潭田村', null],
  ['of a city without counties for short, with a township', '东莞长安镇', '4419'],
  ['of two cities, one after the other', '深圳市宝安区 东莞市长安镇', null],
  ['of two counties, one after the other', '邵阳市隆回县 娄底市新化县', null],
  ['of two districts, one in brackets', '邵阳市大祥区(双清区)', null],
  ['of one region or another', '邵阳市隆回县或洞口县', null],
  ['of two districts with a word between', '邵阳市大祥区和双清区', null],
  ['of a road that begins with such a word', '邵阳市大祥区和平路3号', '430503'],
  ['of all but one region', '邵阳市隆回县外', null],
  ['of all but one region, in more words', '邵阳市大祥区以外', null],
  ['of a city, going on below it', '湖南省邵阳市市辖区', null],
  ['of nothing', '外省', null],
  ['that is none', '张三', null],
  ['that is a code', '430503', null],
  ['of more than an address', `湖南省邵阳市大祥区${'路'.repeat(100)}`, null],
])('is a name %s: %s', (_, name, code) => {
  expect(regionNamed(name)).toBe(code)
})

it('is the full name of every region we know, from the province down', () => {
  const codes = table.regions.map((line) => line.split('|')[0] ?? '')
  const wrong = codes.flatMap((code) => {
    const names = regionTrail(code).map((one) => regionName(one).zh)
    if (names.at(-1)?.includes('辖')) return []
    const name = names.filter((one) => !one.includes('辖')).join('')
    const found = regionNamed(name)
    return found === code ? [] : [`${name} ${code} ${found}`]
  })
  expect(codes.length).toBeGreaterThan(5_000)
  expect(wrong).toEqual([])
})

it('of a county without its last word is its own, or none: never that of another', () => {
  const counties = table.regions.flatMap((line) => line.split('|')[0]?.match(/^\d{6}$/)?.[0] ?? [])
  let found = 0
  const wrong = counties.flatMap((code) => {
    const full = regionName(code).zh
    const [province, city] = regionTrail(code)
    const above = [regionShortName(province ?? '').zh, regionName(province ?? '').zh]
    const bare = new Set([regionShortName(code).zh, full.replace(/(自治县|[县市区旗])$/, '')])
    return above.flatMap((one) =>
      [...bare].flatMap((name) => {
        const named = regionNamed(one + name)
        if (named === code) found++
        // 湖南邵阳 is the city, in which 邵阳县 lies.
        const isOfCity = named === city && regionShortName(city ?? '').zh === name
        return named === code || named === null || isOfCity ? [] : [`${one}${name} ${code} ${named}`]
      }),
    )
  })
  expect(counties.length).toBeGreaterThan(2_800)
  expect(found).toBeGreaterThan(5_000)
  expect(wrong).toEqual([])
})

it.each([
  ['of a village in its township', '隆回县六都寨镇丁山村', DINGSHAN],
  ['of a village with a group of it', '湖南省邵阳市隆回县六都寨镇丁山村3组', DINGSHAN],
  ['of a village with blanks between', '隆回县 六都寨镇 丁山村 第三组', DINGSHAN],
  ['of a village without its township', '邵阳市隆回县丁山村', '430524'],
  ['of a road that begins as a village does', '隆回县六都寨镇丁山村路12号', '430524105'],
  [
    'of two villages, of which the second begins with a numeral',
    '芙蓉区朝阳街街道朝阳社区五一东村社区',
    '430102002',
  ],
  ['of a village that its township does not have', '隆回县六都寨镇没有村', '430524105'],
])('is a name %s, with the lists of villages: %s', (_, name, code) => {
  expect(regionNamed(name, null, villagesOf)).toBe(code)
})

it.each([
  ['of its own township', '六都寨镇', '430524105'],
  ['of its own village', '六都寨镇丁山村3组', DINGSHAN],
  ['of a township it does not have', '花明楼镇', null],
  ['of a township, and one of another county', '六都寨镇 洞口县高沙镇', null],
  ['of all but a township', '六都寨镇外', null],
  ['of two townships at once', '六都寨镇、荷香桥镇', null],
  ['of two townships with nothing between', '六都寨镇荷香桥镇', null],
])('is a name %s, within 隆回县: %s', (_, name, code) => {
  expect(regionNamed(name, RegionCode.parse('430524'), villagesOf)).toBe(code)
})

it('is the name of every village, within its township', () => {
  const townships = PREFECTURES.flatMap(childrenOf).flatMap(childrenOf)
  const villages = townships.flatMap((township) =>
    villagesOf(township).map((village) => ({ township, ...village })),
  )
  const wrong = villages.filter(
    ({ township, code, name }) => regionNamed(name, township, villagesOf) !== code,
  )
  expect(villages.length).toBeGreaterThan(29_000)
  expect(wrong).toEqual([])
})

it('is taken in a row as its code is, and refused where it is unclear', () => {
  const row = (homeRegion: string) =>
    SIGNALS.workers.safeParse(worker({ homeRegion, workRegion: '广东东莞' }))
  expect(row('邵阳市大祥区').data).toMatchObject({ homeRegion: '430503', workRegion: '4419' })
  expect(row('朝阳区').error?.issues[0]).toMatchObject({ params: { code: 'unknown_region' } })
  expect(row('邵阳市').error?.issues[0]).toMatchObject({ params: { code: 'region_too_coarse' } })
})
