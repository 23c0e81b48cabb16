import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Lines, Slab } from '../../ingestion/lines.ts'

test('lines of requests that write by turns stay whole and side by side, however long they are', () => {
  const writes = fc.array(
    fc.record({ of: fc.nat(2), text: fc.string({ unit: 'grapheme', maxLength: 40 }), times: fc.nat(4_000) }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(writes, (all) => {
      const slab = new Slab()
      const lines = [0, 1, 2].map(() => new Lines(slab))
      const expected: string[][] = [[], [], []]
      for (const { of, text, times } of all) {
        const cell = text.repeat(times)
        const line = lines[of]?.add(JSON.stringify(cell)) ?? -1
        lines[of]?.setPlace(line, 1_790_000_000_000_000 + line, line)
        expected[of]?.push(cell)
      }
      for (const [of, cells] of expected.entries()) {
        for (const [line, cell] of cells.entries())
          expect(lines[of]?.cellsOf(line)).toEqual([1_790_000_000_000_000 + line, line, cell])
        if (cells.length === 0) continue
        const whole = lines[of]
          ?.bytesOf(0, cells.length - 1)
          .toString()
          .trimEnd()
          .split('\n')
        expect(whole?.map((line) => JSON.parse(line)[2])).toEqual(cells)
      }
    }),
    { numRuns: 30 },
  )
})
