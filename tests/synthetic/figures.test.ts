import { describe, expect, test } from 'vitest'
import { HUNAN } from '#domain/region.ts'
import type { ArrearsRow } from '../../scripts/synthetic/case.ts'
import { DESTINATIONS, PREFECTURE_SHARE, SECTOR_SHARE, SPLIT } from '../../scripts/synthetic/figures.ts'
import type { WorkersRow } from '../../scripts/synthetic/worker.ts'
import { batchesOf, history } from './support.ts'

const first = new Map<string, WorkersRow>()
const cases = new Map<string, ArrearsRow[]>()
for (const batch of batchesOf(history({ workers: 20_000 })))
  for (const row of batch.rows) {
    // A ledger says nothing of work.
    if ('idNumber' in row && row.workRegion && row.status === 'employed' && !first.has(row.idNumber))
      first.set(row.idNumber, row)
    if ('caseId' in row) cases.set(row.caseId, [...(cases.get(row.caseId) ?? []), row])
  }
const workers = [...first.values()]
const shareOf = (is: (row: WorkersRow) => boolean) => workers.filter(is).length / workers.length
const work = (row: WorkersRow) => String(row.workRegion)

describe('workers', () => {
  test.each(Object.entries(PREFECTURE_SHARE))('the share of prefecture %s is %f %%', (code, share) => {
    expect(shareOf((row) => String(row.homeRegion).startsWith(code)) * 100).toBeCloseTo(share, 0)
  })

  test.each(Object.entries(SECTOR_SHARE))('the share of sector %s is %f %%', (sector, share) => {
    expect(Math.abs(shareOf((row) => row.sector === sector) * 100 - share)).toBeLessThan(1)
  })

  test('own township, elsewhere in Hunan and another province split 32, 25, 43', () => {
    expect(shareOf((row) => row.workRegion === row.homeRegion)).toBeCloseTo(SPLIT.local, 1)
    expect(shareOf((row) => !work(row).startsWith(HUNAN))).toBeCloseTo(SPLIT.outOfProvince, 1)
  })

  test('two thirds of those out of the province are in Guangdong', () => {
    const outside = shareOf((row) => !work(row).startsWith(HUNAN))
    expect(Math.abs(shareOf((row) => work(row).startsWith('44')) / outside - 0.66)).toBeLessThan(0.05)
    expect(Object.values(DESTINATIONS).reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 6)
  })

  test('the mean wage is near 4,961 yuan of 2024, grown for a year', () => {
    const wages = workers.flatMap((row) => (row.monthlyWage === undefined ? [] : [Number(row.monthlyWage)]))
    const mean = wages.reduce((sum, wage) => sum + wage, 0) / wages.length
    expect(mean).toBeGreaterThan(4961)
    expect(mean).toBeLessThan(4961 * 1.12)
  })
})

describe('arrears', () => {
  const last = [...cases.values()].map((life) => life.at(-1) as ArrearsRow)
  const open = last.filter((row) => row.status !== 'settled' && row.status !== 'dismissed')

  test('about 5,000 cases a year', () => {
    expect(Math.abs(cases.size - 10_000)).toBeLessThan(500)
  })

  test('the open stock is a few hundred cases and some ten million yuan', () => {
    expect(open.length).toBeGreaterThan(400)
    expect(open.length).toBeLessThan(700)
    const owed = open.reduce((sum, row) => sum + Number(row.owed), 0)
    expect(owed).toBeGreaterThan(2000e4)
    expect(owed).toBeLessThan(4000e4)
  })

  test('in the life of a case what is paid only grows and what is owed only falls', () => {
    for (const life of cases.values())
      for (let i = 1; i < life.length; i++) {
        const [before, after] = [life[i - 1] as ArrearsRow, life[i] as ArrearsRow]
        expect(Number(after.paid)).toBeGreaterThanOrEqual(Number(before.paid))
        expect(Number(after.owed)).toBeLessThanOrEqual(Number(before.owed))
        expect(Date.parse(after.observedAt)).toBeGreaterThan(Date.parse(before.observedAt))
      }
  })

  test('a settled case owes nothing and paid what it owed first', () => {
    for (const life of cases.values())
      if (life.at(-1)?.status === 'settled')
        expect([life.at(-1)?.owed, life.at(-1)?.paid]).toEqual(['0.00', life[0]?.owed])
  })

  test('gatherings are rare, and rarely large', () => {
    const gathered = [...cases.values()].map((life) => Math.max(...life.map((row) => row.gathering ?? 0)))
    expect(gathered.filter((people) => people > 0).length / cases.size).toBeLessThan(0.05)
    expect(gathered.filter((people) => people >= 30).length).toBeLessThan(
      gathered.filter((people) => people >= 5).length / 10,
    )
  })

  test('January sees more than twice the cases of June', () => {
    const inMonth = (month: string) =>
      [...cases.values()].filter((life) => life[0]?.observedAt.slice(5, 7) === month).length
    expect(inMonth('01')).toBeGreaterThan(2 * inMonth('06'))
  })
})
