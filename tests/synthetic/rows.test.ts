import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { isWithin } from '#domain/region.ts'
import { SIGNALS } from '#domain/signal.ts'
import { toShanghaiIso } from '#domain/time.ts'
import { isoOf } from '../../scripts/synthetic/calendar.ts'
import { type History, LiveWorld } from '../../scripts/synthetic/live.ts'
import { generateRows } from '../../scripts/synthetic/province.ts'
import { isQuiet, sourceFor } from '../../scripts/synthetic/sources.ts'
import { batchesOf, history, NOW } from './support.ts'

const digestOf = (of: History) => {
  const hash = createHash('sha256')
  for (const batch of batchesOf(of)) hash.update(JSON.stringify(batch))
  return hash.digest('hex')
}

test('the same seed and end give byte-identical ledgers, another seed gives others', () => {
  const first = digestOf(history())
  expect(digestOf(history())).toBe(first)
  expect(digestOf(history({ seed: 2 }))).not.toBe(first)
})

test('every row of a history passes its schema and lies in its source’s region', () => {
  const counts = { workers: 0, arrears: 0, industry: 0 }
  for (const { source, kind, rows } of batchesOf(history())) {
    const { region, kinds } = sourceFor(source)
    expect(kinds).toContain(kind)
    for (const row of rows) {
      if (counts[kind] % 7 === 0) expect(SIGNALS[kind].safeParse(row).error?.issues).toBeUndefined()
      const places = ['homeRegion' in row ? row.homeRegion : '', row.workRegion ?? ''].map(String)
      expect(places.some((place) => isWithin(place, region))).toBe(true)
      counts[kind]++
    }
  }
  expect(counts.workers).toBeGreaterThan(12_000)
  expect(counts.arrears).toBeGreaterThan(40_000)
  expect(counts.industry).toBeGreaterThan(8000)
})

test('batches hold at most 5,000 rows in time order, none after the end', () => {
  for (const { rows } of batchesOf(history())) {
    expect(rows.length).toBeLessThanOrEqual(5000)
    const times = rows.map((row) => Date.parse(row.observedAt))
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times.at(-1)).toBeLessThan(NOW)
  }
})

test('no two persons share an ID number, in the registry and in the load rows', () => {
  const people = new Map<string, string>()
  for (const batch of batchesOf(history()))
    for (const row of batch.rows)
      if ('idNumber' in row)
        expect(people.set(row.idNumber, people.get(row.idNumber) ?? row.name).get(row.idNumber)).toBe(
          row.name,
        )
  expect(people.size).toBeGreaterThan(5900)
  const load = new Set(Array.from(generateRows('workers', 3, 50_000, NOW), (row) => row.idNumber))
  expect(load.size).toBe(50_000)
})

test.each(['workers', 'arrears', 'industry'] as const)('load rows of %s pass their schema', (kind) => {
  for (const row of generateRows(kind, 5, 5000, NOW))
    expect(SIGNALS[kind].safeParse(row).error?.issues).toBeUndefined()
})

test('live rows pass their schema, are observed when drawn and come from sources that are not quiet', () => {
  const world = new LiveWorld(history())
  for (let i = 0; i < 4000; i++) {
    const at = NOW + i * 500
    const { kind, row, source } = world.draw(at)
    expect(SIGNALS[kind].safeParse(row).error?.issues).toBeUndefined()
    expect(Date.parse(row.observedAt)).toBe(at)
    expect(isQuiet(source)).toBe(false)
  }
})

test('a live phase keeps the open stock near where the history left it', () => {
  const world = new LiveWorld(history())
  const before = world.openCases
  for (let i = 0; i < 60_000; i++) world.draw(NOW + i * 500)
  expect(Math.abs(world.openCases - before)).toBeLessThan(before * 0.25)
})

test('the fast time format equals the domain’s', () => {
  for (const ms of [
    0,
    NOW,
    NOW + 1,
    Date.parse('2024-02-29T23:59:59.999+08:00'),
    Date.parse('2025-01-01T00:00:00+08:00'),
  ])
    expect(isoOf(ms)).toBe(toShanghaiIso(ms))
})
