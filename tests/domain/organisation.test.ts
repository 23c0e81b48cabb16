import { describe, expect, it } from 'vitest'
import { areaOf, commandOf, partyName, Unit } from '#domain/organisation.ts'

/** A unit in one line; what the edge gives back as a whole. */
const unit = (over: Record<string, unknown>) => Unit.parse({ name: '示例', ...over })
const faults = (over: Record<string, unknown>) =>
  Unit.safeParse({ name: '示例', ...over }).error?.issues.map((issue) => issue.path.join('.')) ?? []

describe('who dispatches, urges and is reported to (湘就农发〔2020〕6号, domain research §5.2 and §5.3)', () => {
  const office = (region: string) => ({ kind: 'office', region })
  const contract = (region: string) => ({ kind: 'contract', region })
  it.each([
    [
      'a national park: the province, the prefecture on site, to the province',
      { kind: 'park', rank: 'national', region: '430104' },
      office('43'),
      office('4301'),
      office('43'),
    ],
    [
      'a provincial park: the prefecture, the county on site, via the prefecture',
      { kind: 'park', rank: 'provincial', region: '430724' },
      office('4307'),
      office('430724'),
      office('4307'),
    ],
    [
      'any other park: the county throughout',
      { kind: 'park', rank: 'other', region: '430102001' },
      office('430102'),
      office('430102'),
      office('430102'),
    ],
    [
      'an association bought by a prefecture: its contract, the buyer on site',
      { kind: 'association', rank: 'city', trade: 'construction', region: '430502' },
      contract('4305'),
      office('4305'),
      contract('4305'),
    ],
    [
      'an association bought by the province',
      { kind: 'association', rank: 'province', trade: 'logistics', region: '430111' },
      contract('43'),
      office('43'),
      contract('43'),
    ],
    [
      'a provincial station: the province throughout',
      {
        kind: 'station',
        rank: 'province',
        region: '4401',
        serviceRegion: '44',
        ownerRegion: '43',
        hostType: 'chamber',
      },
      office('43'),
      office('43'),
      office('43'),
    ],
    [
      'a station of a prefecture: its owner, coordinated by the provincial station of the area',
      {
        kind: 'station',
        rank: 'city',
        region: '3301',
        serviceRegion: '33',
        ownerRegion: '4305',
        hostType: 'company',
      },
      office('4305'),
      { kind: 'station', area: 'yangtzeDelta' },
      office('4305'),
    ],
    [
      'a township office: the county',
      { kind: 'office', rank: 'township', region: '430102001' },
      office('430102'),
      office('430102'),
      office('430102'),
    ],
    [
      'a county office: the prefecture',
      { kind: 'office', rank: 'county', region: '430102' },
      office('4301'),
      office('4301'),
      office('4301'),
    ],
    [
      'a department of a prefecture: the office beside it',
      { kind: 'department', rank: 'city', region: '4301' },
      office('4301'),
      office('4301'),
      office('4301'),
    ],
    [
      'a prefecture office registered in the district where it stands: the province',
      { kind: 'office', rank: 'city', region: '430503' },
      office('43'),
      office('43'),
      office('43'),
    ],
    [
      'the provincial office registered where it stands: nobody',
      { kind: 'office', rank: 'province', region: '430102' },
      null,
      null,
      null,
    ],
    ['the provincial office: nobody', { kind: 'office', rank: 'province', region: '43' }, null, null, null],
  ])('%s', (_title, over, dispatches, urges, reportsThrough) => {
    expect(commandOf(unit(over))).toEqual({ dispatches, urges, reportsThrough })
  })

  it('names parties as a clerk does', () => {
    expect(partyName({ kind: 'office', region: '4301' }).zh).toBe('长沙市农民工办')
    expect(partyName({ kind: 'contract', region: '43' }).zh).toBe('湖南省农民工办（按购买服务合同）')
    expect(partyName({ kind: 'station', area: 'hubei' }).zh).toBe('湖北省级服务站')
  })
})

describe('where units may stand', () => {
  it.each([
    ['4403', 'pearlDelta'],
    ['31', 'yangtzeDelta'],
    ['320500', 'yangtzeDelta'],
    ['3401', 'yangtzeDelta'],
    ['11', 'capital'],
    ['1301', 'capital'],
    ['3502', 'fujian'],
    ['4201', 'hubei'],
    ['4301', null],
    ['5101', null],
  ])('%s lies in %s', (region, area) => expect(areaOf(region)).toBe(area))

  it.each([
    [
      'a station in the province',
      {
        kind: 'station',
        rank: 'city',
        region: '4301',
        serviceRegion: '44',
        ownerRegion: '4305',
        hostType: 'company',
      },
      'region',
    ],
    [
      'a station in none of the five areas',
      {
        kind: 'station',
        rank: 'city',
        region: '5101',
        serviceRegion: '51',
        ownerRegion: '4305',
        hostType: 'company',
      },
      'region',
    ],
    [
      'a station of a prefecture owned by no prefecture',
      {
        kind: 'station',
        rank: 'city',
        region: '44',
        serviceRegion: '44',
        ownerRegion: '43',
        hostType: 'company',
      },
      'ownerRegion',
    ],
    [
      'a station owned outside the province',
      {
        kind: 'station',
        rank: 'city',
        region: '44',
        serviceRegion: '44',
        ownerRegion: '3601',
        hostType: 'company',
      },
      'ownerRegion',
    ],
    ['a park outside the province', { kind: 'park', rank: 'other', region: '440304' }, 'region'],
    [
      'a provincial park known to the prefecture only',
      { kind: 'park', rank: 'provincial', region: '4301' },
      'region',
    ],
    ['a county office of a prefecture', { kind: 'office', rank: 'county', region: '4301' }, 'region'],
    ['a region that does not exist', { kind: 'office', rank: 'county', region: '439999' }, 'region'],
    ["a park of an office's rank", { kind: 'park', rank: 'county', region: '430104' }, 'rank'],
    ['an unknown trade', { kind: 'association', rank: 'city', trade: 'banking', region: '4301' }, 'trade'],
    [
      'a telephone number of letters',
      { kind: 'park', rank: 'other', region: '430104', contactPhone: 'call me' },
      'contactPhone',
    ],
  ])('%s is refused', (_title, over, path) => expect(faults(over)).toContain(path))
})
