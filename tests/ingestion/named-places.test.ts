import { expect, test } from 'vitest'
import type { Kind } from '#domain/signal.ts'
import { withPlacesNamed } from '../../ingestion/named-places.ts'
import { judge } from '../support/ledger.ts'
import { worker } from '../support/signals.ts'

const LONGHUI = '430524'
const named = (kind: Kind, row: unknown, region = LONGHUI) => withPlacesNamed(kind, row, region)

test('the ledger of a county names its townships and villages alone', () => {
  const row = { homeRegion: ' 六都寨镇丁山村３组', workRegion: '广东省东莞市长安镇' }
  expect(named('workers', row)).toEqual({ homeRegion: '430524105237', workRegion: '4419' })
  expect(named('arrears', { workRegion: '六都寨镇' })).toEqual({ workRegion: '430524105' })
  expect(named('industry', { workRegion: '六都寨镇' }, '430524100')).toEqual({ workRegion: '430524105' })
})

test('what only others could mean stays for the schema to judge', () => {
  for (const row of [
    { homeRegion: '花明楼镇' },
    { workRegion: '六都寨镇', homeRegion: '430524' },
    { homeRegion: 430524 },
    { homeRegion: null },
    ['六都寨镇'],
    '六都寨镇',
    null,
  ])
    expect(named('workers', row)).toBe(row)
  const ofProvince = { homeRegion: '六都寨镇' }
  expect(named('workers', ofProvince, '43')).toBe(ofProvince)
})

test('the homes of a case are named down to the village, and the row of the sender stays as it is', () => {
  const homes = [{ region: '隆回县六都寨镇丁山村', workers: 3 }, { region: '43' }, null, '六都寨镇']
  const row = { workRegion: '430524', homeRegions: homes }
  expect(named('arrears', row)).toEqual({
    workRegion: '430524',
    homeRegions: [{ region: '430524105237', workers: 3 }, { region: '43' }, null, '六都寨镇'],
  })
  expect(row.homeRegions[0]).toEqual({ region: '隆回县六都寨镇丁山村', workers: 3 })
})

test('a district here that is a city elsewhere is that of a source that holds it, and to the others of its province none', () => {
  for (const source of ['430902', '4309', '430902100'])
    expect(named('workers', { homeRegion: '资阳', workRegion: ' 资阳' }, source)).toEqual({
      homeRegion: '430902',
      workRegion: '430902',
    })
  for (const source of ['43', LONGHUI])
    expect(named('workers', { homeRegion: '430524', workRegion: '资阳' }, source)).toEqual({
      homeRegion: '430524',
      workRegion: '',
    })
  expect(judge('workers', [{ row: 1, value: worker({ workRegion: '资阳' }), fault: null }]).rejected).toEqual(
    [expect.objectContaining({ faults: [{ path: 'workRegion', code: 'unknown_region' }] })],
  )
  const said = { homeRegion: '益阳市资阳区', workRegion: '四川资阳' }
  expect(named('workers', said)).toEqual({ homeRegion: '430902', workRegion: '5120' })
  expect(named('workers', { workRegion: '资阳' }, '51')).toEqual({ workRegion: '5120' })
  const homes = { homeRegions: [{ region: '资阳', workers: 2 }] }
  expect(named('arrears', homes, '4309')).toEqual({ homeRegions: [{ region: '430902', workers: 2 }] })
})
