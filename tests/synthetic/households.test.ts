import { expect, test } from 'vitest'
import { sourceFor } from '../../scripts/synthetic/sources.ts'
import type { WorkersRow } from '../../scripts/synthetic/worker.ts'
import { batchesOf, history } from './support.ts'

const told: WorkersRow[] = []
const registered = new Map<string, WorkersRow[]>()
for (const { source, rows } of batchesOf(history({ workers: 20_000 })))
  for (const row of rows) {
    if (!('idNumber' in row)) continue
    if (sourceFor(source).role === 'ledger') told.push(row)
    else registered.set(row.idNumber, [...(registered.get(row.idNumber) ?? []), row])
  }

test('a ledger knows about a third of the people, by village and household, and nothing of their work', () => {
  expect(told.length / registered.size).toBeGreaterThan(0.25)
  expect(told.length / registered.size).toBeLessThan(0.37)
  const villages = told.filter((row) => String(row.homeRegion).length === 12)
  expect(villages.length / told.length).toBeGreaterThan(0.95)
  for (const { household, workRegion, employer, insured } of told)
    expect([household !== undefined, workRegion, employer, insured]).toEqual([
      true,
      undefined,
      undefined,
      true,
    ])
})

test('households have two to four members of one township', () => {
  const households = Map.groupBy(told, (row) => `${row.homeRegion} ${row.household}`)
  const sizes = [...households.values()].map((members) => members.length)
  expect(Math.max(...sizes)).toBe(4)
  expect(sizes.filter((size) => size >= 2).length / sizes.length).toBeGreaterThan(0.8)
})

test('a ledger agrees with the office on who it is, where home is and what the status of the day was', () => {
  for (const row of told) {
    const before = registered.get(row.idNumber)?.filter(({ observedAt }) => observedAt < row.observedAt) ?? []
    const latest = before.toSorted((a, b) => (a.observedAt < b.observedAt ? -1 : 1)).at(-1)
    expect([latest?.name, latest?.status]).toEqual([row.name, row.status])
    expect(String(row.homeRegion).startsWith(String(latest?.homeRegion))).toBe(true)
  }
})
