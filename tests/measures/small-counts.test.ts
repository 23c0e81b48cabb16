import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blurred, blurredYuan, cellOf } from '../../api/measures/small-counts.ts'

const K = 5
const shown = (count: number, cell = 'cell', key = 'secret', k = K) => blurred(count, cell, { k, key })
/** What different installations would show of a count: chance is drawn from the key. */
const possible = (count: number, keys = 3_000) =>
  new Set(Array.from({ length: keys }, (_, i) => shown(count, 'cell', `key ${i}`)))

describe('a count for who may not see small ones', () => {
  test('below k is never shown; 0 is; k of 1 shows all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: K - 1 }), fc.string(), fc.string(), (count, cell, key) => {
        expect(shown(count, cell, key)).toBeNull()
        expect(shown(count, cell, key, 1)).toBe(count)
      }),
    )
    expect(shown(0)).toBe(0)
  })

  test('whatever is shown is a multiple of k and at least k, so that no sum or difference of what is shown is a small count', () => {
    const counts = fc.array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.string()), {
      minLength: 2,
      maxLength: 12,
    })
    fc.assert(
      fc.property(counts, fc.array(fc.integer({ min: -3, max: 3 })), (cells, weights) => {
        const told = cells.map(([count, cell]) => shown(count, cell) ?? 0)
        for (const [i, value] of told.entries())
          expect(value === 0 || value >= K).toBe((cells[i]?.[0] ?? 0) >= 0)
        const combined = told.reduce(
          (sum, value, i) => sum + value * (weights[i % (weights.length || 1)] ?? 1),
          0,
        )
        expect(Math.abs(combined % K)).toBe(0)
      }),
    )
  })

  test('a parent less its other children never proves the hidden one: each true value of it may come out the same', () => {
    // Whatever a parent with one hidden child shows, every hidden value from 1 to 4 may stand behind it.
    const rest = 23
    const answers = [1, 2, 3, 4].map((hidden) => possible(rest + hidden))
    const [first, ...others] = answers
    const common = [...(first ?? [])].filter((value) => others.every((one) => one.has(value)))
    expect(common).toEqual(expect.arrayContaining([20, 25, 30]))
    // Nor does hiding itself bound a count from above: larger ones are hidden now and then.
    for (const count of [5, 8, 11]) expect(possible(count)).toContain(null)
  })

  test('is near the truth, and on the average true where it is shown', () => {
    const keys = 20_000
    const told = Array.from({ length: keys }, (_, i) => shown(1_003, 'cell', `key ${i}`) ?? 0)
    const mean = told.reduce((sum, value) => sum + value, 0) / keys
    expect(Math.abs(mean - 1_003)).toBeLessThan(0.5)
    expect(told.filter((value) => Math.abs(value - 1_003) <= 10).length / keys).toBeGreaterThan(0.9)
  })

  test('asking again, otherwise or at another instant draws the same chance', () => {
    const measure = { id: 'workers.count' }
    const none = { region: null, role: 'home', sector: null } as const
    const byFilter = cellOf(measure, '', { region: '430503', role: 'home', sector: 'E' }, {})
    const byDims = cellOf(measure, '', none, { 'home.county': '430503', sector: 'E' })
    const within = cellOf(
      measure,
      '',
      { ...none, region: '4305' },
      { 'home.county': '430503', sector: 'E', t: '2026' },
    )
    expect(new Set([byFilter, byDims, within]).size).toBe(1)
    expect(cellOf(measure, '', none, { 'work.county': '430503', sector: 'E' })).not.toBe(byDims)
    expect(shown(57, byFilter)).toBe(shown(57, within))
  })

  test('money is told in whole multiples, and hidden where there is little of it', () => {
    const blur = { k: K, key: 'secret' }
    expect(blurredYuan('4200.00', 'cell', blur)).toBeNull()
    expect(Number(blurredYuan('1234567.89', 'cell', blur)) % 5_000).toBe(0)
    expect(blurredYuan('0.00', 'cell', blur)).toBe('0.00')
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_999_99 }), fc.boolean(), (fen, isNegative) => {
        const yuan = `${isNegative ? '-' : ''}${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`
        expect(blurredYuan(yuan, 'cell', blur)).toBeNull()
      }),
      { seed: 20261124 },
    )
  })
})
