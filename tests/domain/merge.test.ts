import { describe, expect, test } from 'vitest'
import { type MergedPerson, mergeFields, type PersonObservation } from '#domain/merge.ts'

const DAY = (n: number) => Date.parse('2026-06-01T00:00:00+08:00') + n * 86_400_000

/** An observation on day `n` that says only its status, its home and what is given. */
const said = (n: number, source: string, over: Partial<PersonObservation> = {}): PersonObservation => ({
  source,
  observedMs: DAY(n),
  receivedMs: DAY(n) + 3_600_000,
  homeRegion: '430522',
  household: '',
  status: 'employed',
  workRegion: '',
  sector: '',
  occupation: '',
  employer: '',
  employerCode: '',
  project: '',
  monthlyWage: null,
  contractSigned: null,
  insured: null,
  skills: [],
  ...over,
})
const valueAndSource = (merged: MergedPerson) =>
  Object.fromEntries(Object.entries(merged).map(([field, { value, source }]) => [field, [value, source]]))

test('an insurance ledger without employer does not take away the employer that the station told', () => {
  const merged = mergeFields([
    said(0, 'station', { workRegion: '440306', employer: '甲厂', monthlyWage: '6200.00', skills: ['焊工'] }),
    said(9, 'insurance', { insured: true }),
  ])
  expect(valueAndSource(merged)).toEqual({
    homeRegion: ['430522', 'insurance'],
    status: ['employed', 'insurance'],
    workRegion: ['440306', 'station'],
    employer: ['甲厂', 'station'],
    monthlyWage: ['6200.00', 'station'],
    skills: [['焊工'], 'station'],
    insured: [true, 'insurance'],
  })
  expect(merged.employer).toMatchObject({
    observedAt: '2026-06-01T00:00:00.000+08:00',
    receivedAt: '2026-06-01T01:00:00.000+08:00',
  })
})

test('at one instant each field is that of the later received that said it', () => {
  const merged = mergeFields([
    said(3, 'first', { sector: 'C', employer: '甲厂' }),
    said(3, 'second', { sector: 'E' }),
  ])
  expect(valueAndSource(merged)).toMatchObject({ sector: ['E', 'second'], employer: ['甲厂', 'first'] })
})

test('who returns has no workplace but that which the same observation says', () => {
  const working = said(0, 'station', {
    workRegion: '4403',
    sector: 'C',
    occupation: '普工',
    contractSigned: true,
  })
  expect(valueAndSource(mergeFields([working, said(5, 'office', { status: 'returned' })]))).toEqual({
    homeRegion: ['430522', 'office'],
    status: ['returned', 'office'],
    contractSigned: [true, 'station'],
  })
  const left = mergeFields([working, said(5, 'station', { status: 'seeking', workRegion: '4403' })])
  expect(valueAndSource(left)).toMatchObject({
    workRegion: ['4403', 'station'],
    status: ['seeking', 'station'],
  })
  expect(left.sector).toBeUndefined()
})

test('work told by one who was not employed stays while he is not, and into his next job', () => {
  const merged = mergeFields([
    said(0, 'a', { status: 'seeking', occupation: '焊工' }),
    said(1, 'b', { status: 'returned' }),
    said(2, 'c', { status: 'employed' }),
  ])
  expect(merged.occupation).toMatchObject({ value: '焊工', source: 'a' })
})

test('a ledger that knows only the county leaves the village and the household of another', () => {
  const merged = mergeFields([
    said(0, 'homestead', { homeRegion: '430522100001', household: 'h1' }),
    said(1, 'station', { homeRegion: '430522' }),
  ])
  expect(valueAndSource(merged)).toMatchObject({
    homeRegion: ['430522100001', 'homestead'],
    household: ['h1', 'homestead'],
  })
})

test('a move to another village leaves the household behind unless a new one is said', () => {
  const before = said(0, 'homestead', { homeRegion: '430522100001', household: 'h1' })
  const moved = mergeFields([before, said(1, 'office', { homeRegion: '430522103001' })])
  expect(valueAndSource(moved)).toMatchObject({ homeRegion: ['430522103001', 'office'] })
  expect(moved.household).toBeUndefined()
  const housed = mergeFields([before, said(1, 'office', { homeRegion: '430522103001', household: 'h2' })])
  expect(housed.household?.value).toBe('h2')
})

describe('a household is of the place it was told with', () => {
  const village = said(0, 'homestead', { homeRegion: '430522100001' })
  const housed = said(0, 'homestead', { homeRegion: '430522100001', household: 'v12' })
  const township = said(0, 'insurance', { homeRegion: '430522100', household: 't12' })
  const county = said(0, 'station', { homeRegion: '430522' })
  const standing = (...history: PersonObservation[]) => {
    const { homeRegion, household } = mergeFields(history)
    return [homeRegion?.value, household?.value]
  }

  test.each([
    ['the township, behind the village', [housed, township], 'v12'],
    ['the township, before the village', [township, housed], 'v12'],
    ['the township, several times', [township, housed, township, county, township], 'v12'],
    ['the township, where the village has none', [village, township], undefined],
    ['the township, before a village that has none', [township, village], undefined],
  ])('one of %s, is none of the village', (_, history, household) => {
    expect(standing(...history)).toEqual(['430522100001', household])
  })

  test('one of the township stands while no village is known, and where he moved to it', () => {
    expect(standing(county, township, county)).toEqual(['430522100', 't12'])
    const moved = said(1, 'insurance', { homeRegion: '430522103', household: 't7' })
    expect(standing(housed, moved)).toEqual(['430522103', 't7'])
  })
})

test('nobody reported is nobody', () => {
  expect(mergeFields([])).toEqual({})
})
