import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anchorsFor, clearOf, flowPath, spreadOut, thinOut } from '../../web/src/lib/geo.ts'
import { classOf, limitsFor, niceStep, rampIndex, ticksTo } from '../../web/src/lib/scales.ts'

describe('class limits', () => {
  it('are rounded quantiles in rising order inside the data', () => {
    const values = Array.from({ length: 120 }, (_, i) => 1.07 ** i * 1000)
    const limits = limitsFor(values)
    expect(limits).toHaveLength(5)
    expect(limits).toEqual([...limits].sort((a, b) => a - b))
    for (const limit of limits) expect(String(limit).replace(/0+$/, '').length).toBeLessThanOrEqual(2)
    const sizes = [0, 0, 0, 0, 0, 0]
    for (const value of values) sizes[classOf(value, limits)] = (sizes[classOf(value, limits)] ?? 0) + 1
    for (const size of sizes) expect(size).toBeGreaterThan(10)
  })

  it('rise where values lie unevenly: no region with less is drawn darker', () => {
    const cities = [505, 337, 227, 224, 221, 192, 133, 127, 122, 104, 95, 86, 82, 21]
    // Their sixths are 87.5, 110, 130, 211.3 and 226.5.
    expect(limitsFor(cities)).toEqual([80, 120, 140, 210, 230])
    fc.assert(
      fc.property(fc.array(fc.nat(50_000), { minLength: 2, maxLength: 122 }), (values) => {
        const limits = limitsFor(values)
        for (const [i, limit] of limits.entries()) {
          expect(limit).toBeGreaterThan(limits[i - 1] ?? Math.min(...values))
          expect(limit).toBeLessThanOrEqual(Math.max(...values))
        }
      }),
    )
  })

  it('are none where all values are the same, and a value on a limit belongs above it', () => {
    expect(limitsFor([5, 5, 5])).toEqual([])
    expect(limitsFor([])).toEqual([])
    expect([classOf(9, [10, 20]), classOf(10, [10, 20]), classOf(20, [10, 20])]).toEqual([0, 1, 2])
  })

  it('spread few classes over the whole ramp', () => {
    expect([rampIndex(0, 3), rampIndex(1, 3), rampIndex(2, 3)]).toEqual([0, 3, 5])
    expect(rampIndex(0, 1)).toBe(2)
  })

  it('and ticks are 1, 2 or 5 times a power of ten', () => {
    expect([niceStep(7.3), niceStep(0.034), niceStep(1)]).toEqual([5, 0.02, 1])
    expect(ticksTo(25, 3)).toEqual([0, 10, 20, 30])
    expect(ticksTo(0, 3)).toEqual([0, 1])
  })
})

describe('places around the map', () => {
  const frame = { left: 0, top: 0, right: 100, bottom: 100 }

  it('stand on the edge in their own direction', () => {
    const [south, east] = ['44', '33'].map((code, i) => ({
      code,
      at: i === 0 ? ([55, 300] as const) : ([400, 50] as const),
    }))
    if (!south || !east) throw new Error('two places')
    const anchors = anchorsFor([south, east], [50, 50], frame, { x: 20, y: 20 })
    expect(anchors.find(({ code }) => code === '44')).toMatchObject({ side: 'bottom', at: [51, 100] })
    expect(anchors.find(({ code }) => code === '33')).toMatchObject({ side: 'right', at: [100, 50] })
  })

  it('are moved apart in their order and stay in the frame', () => {
    const at = spreadOut([48, 50, 52, 98], 20, [0, 100])
    for (let i = 1; i < at.length; i++) expect((at[i] ?? 0) - (at[i - 1] ?? 0)).toBeGreaterThan(19)
    expect(at.every((one) => one >= 0 && one <= 100)).toBe(true)
  })

  it('are reached by a curve that ends on them', () => {
    expect(flowPath([50, 50], { code: '33', side: 'right', at: [100, 50] })).toMatch(/^M50,50C.* 100,50$/)
  })
})

describe('marks', () => {
  it('never cover each other: a later one is counted on the earlier', () => {
    const marks = thinOut([{ at: [0, 0] as const }, { at: [3, 0] as const }, { at: [30, 0] as const }], 10)
    expect(marks.map(({ hidden }) => hidden)).toEqual([1, 0])
  })

  it('step aside for a name', () => {
    const name = { left: 0, right: 40, top: 0, bottom: 18 }
    expect(clearOf([20, 6], 10, [name])).toEqual([20, -10])
    expect(clearOf([20, 60], 10, [name])).toEqual([20, 60])
  })
})
