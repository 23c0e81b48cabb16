import { expect, it } from 'vitest'
import table from '#generated/regions.json' with { type: 'json' }
import { childrenOf, PREFECTURES, RegionCode, regionName, regionTrail } from '../../api/domain/region.ts'
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
  ['in an address on a road that is named after another city', '邵阳市大祥区长沙路12号', '430503'],
  ['of a township alone, as others may have it', '水东镇', null],
  ['that goes on in words of no region', '湖南大学', null],
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

it.each([
  ['of a village in its township', '隆回县六都寨镇丁山村', DINGSHAN],
  ['of a village with a group of it', '湖南省邵阳市隆回县六都寨镇丁山村3组', DINGSHAN],
  ['of a village with blanks between', '隆回县 六都寨镇 丁山村 第三组', DINGSHAN],
  ['of a village without its township', '邵阳市隆回县丁山村', '430524'],
  ['of a road that begins as a village does', '隆回县六都寨镇丁山村路12号', '430524105'],
  ['of a village that its township does not have', '隆回县六都寨镇没有村', '430524105'],
])('is a name %s, with the lists of villages: %s', (_, name, code) => {
  expect(regionNamed(name, null, villagesOf)).toBe(code)
})

it.each([
  ['of its own township', '六都寨镇', '430524105'],
  ['of its own village', '六都寨镇丁山村3组', DINGSHAN],
  ['of a township it does not have', '花明楼镇', null],
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
