import { expect, test } from 'vitest'
import { SIGNALS } from '#domain/signal.ts'
import type { ArrearsRow } from '../../scripts/synthetic/case.ts'
import { CYCLE_MS, incidentSteps } from '../../scripts/synthetic/incidents.ts'
import { Script } from '../../scripts/synthetic/script.ts'
import { NOW } from './support.ts'

const rowsOf = (cycle = 0) =>
  incidentSteps(1, cycle, 'test').flatMap(({ afterMs, event }) =>
    event.kind === 'arrears' ? [{ afterMs, source: event.source, row: event.row(NOW + afterMs) }] : [],
  )
/** The tier lines a series of values stands at, each change once. Lines are inclusive. */
const tiersOf = (values: number[], [yellow, orange, red]: [number, number, number]) =>
  values
    .map((value) => (value >= red ? 'red' : value >= orange ? 'orange' : value >= yellow ? 'yellow' : 'none'))
    .filter((tier, i, all) => tier !== all[i - 1])

test('the unpaid project goes up to red within 20 seconds and down again, by the amount rule', () => {
  const owed = new Map<string, number>()
  const sums = rowsOf().flatMap(({ afterMs, row }) => {
    if (row.project === undefined) return []
    owed.set(row.caseId, Number(row.owed))
    return [{ afterMs, sum: [...owed.values()].reduce((a, b) => a + b, 0) }]
  })
  expect(
    tiersOf(
      sums.map(({ sum }) => sum),
      [50_000, 200_000, 500_000],
    ),
  ).toEqual(['yellow', 'orange', 'red', 'orange', 'yellow', 'none'])
  expect(sums.find(({ sum }) => sum >= 500_000)?.afterMs).toBeLessThan(20_000)
})

test('the crowd grows 6, 14, 46 and goes home paid, by the gathering rule', () => {
  const crowd = rowsOf()
    .filter(({ row }) => row.project === undefined)
    .map(({ row }) => row)
  expect(crowd.map((row) => row.gathering)).toEqual([6, 14, 46, 12, 0, 0])
  expect(
    tiersOf(
      crowd.map((row) => row.gathering ?? 0),
      [5, 10, 30],
    ),
  ).toEqual(['yellow', 'orange', 'red', 'orange', 'none'])
  expect(crowd.at(-1)).toMatchObject({ status: 'settled', owed: '0.00', paid: '468000.00' })
})

test('every row of the script passes the schema and a cycle leaves nothing open', () => {
  for (let cycle = 0; cycle < 50; cycle++) {
    const last = new Map<string, ArrearsRow>()
    for (const { row } of rowsOf(cycle)) {
      expect(SIGNALS.arrears.safeParse(row).error?.issues).toBeUndefined()
      last.set(row.caseId, row)
    }
    expect([...last.values()].map((row) => row.status)).toEqual(['settled', 'settled', 'settled', 'settled'])
  }
})

test('cycles happen in other places', () => {
  const places = Array.from({ length: 8 }, (_, cycle) => rowsOf(cycle)[0]?.source)
  expect(new Set(places).size).toBeGreaterThan(5)
})

test('the clock gives each step once, in order, and silences one station until the cycle ends', () => {
  const logs: string[] = []
  const script = new Script(1, NOW, (log) => logs.push(log))
  expect(script.due(NOW)).toEqual([])
  expect(script.due(NOW + 15_000)).toHaveLength(3)
  expect(script.due(NOW + 15_000)).toEqual([])
  script.due(NOW + 200_000)
  const silent = incidentSteps(1, 0, NOW.toString(36)).flatMap(({ event }) =>
    event.kind === 'silence' ? [event.source] : [],
  )
  expect(silent.map((source) => script.isSilent(source))).toEqual([true])
  script.due(NOW + CYCLE_MS + 5000)
  expect(silent.map((source) => script.isSilent(source))).toEqual([false])
  expect(logs).toHaveLength(8 + 6 + 1 + 1)
})
