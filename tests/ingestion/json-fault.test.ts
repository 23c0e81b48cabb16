import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonFaultAt } from '../../ingestion/formats/json-fault.ts'

describe('where a text stops being JSON', () => {
  test.each([
    ['', 0],
    ['  ', 2],
    ['[{},]', 4],
    ['[{"owed":NaN}]', 9],
    ['[{"owed":01}]', 10],
    ['{"a":1} x', 8],
    ['{a:1}', 1],
    ['{"a" 1}', 5],
    ['{"a":1,}', 7],
    ['[tru]', 1],
    ['["a\nb"]', 3],
    ['["\\x"]', 2],
    ['["\\u12g4"]', 2],
    ['["open', 6],
    ['[1 2]', 3],
    ['[1}', 2],
    ["['a']", 1],
    ['\u00a0[]', 0],
  ])('%j', (text, at) => {
    expect(() => JSON.parse(text)).toThrow()
    expect(jsonFaultAt(text)).toBe(at)
  })

  test('is where something is put into it that cannot stand there, and its end where it is cut off', () => {
    let put = 0
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 4 }),
        fc.nat(),
        fc.constantFrom(undefined, 2),
        (json, place, indent) => {
          const text = JSON.stringify([JSON.parse(json)], null, indent)
          const at = place % (text.length + 1)
          const [before, after] = [text.slice(0, at), text.slice(at)]
          // Cut off in the middle of a word, that word is the fault.
          if (/[^\w.+-]$/.test(before) && !isOpen(before)) expect(jsonFaultAt(before)).toBe(before.length)
          if (isOpen(before)) return
          if (/[\w.+-]$/.test(before) && /^[\w.+-]/.test(after)) return
          put++
          expect(jsonFaultAt(`${before}@${after}`)).toBe(at)
        },
      ),
      { numRuns: 2_000, seed: 20261129 },
    )
    expect(put).toBeGreaterThan(500)
  })

  test('is told of what is large, too', () => {
    const large = 30_000_000
    for (const [text, at] of [
      [' '.repeat(large), large],
      [`["${'\\n'.repeat(large / 2)}"`, large + 3],
      [`[${'1'.repeat(large)}`, large + 1],
      ['['.repeat(large), large],
    ] as const)
      expect(jsonFaultAt(text)).toBe(at)
  })
})

/** Whether a beginning of JSON ends inside a string. */
function isOpen(text: string): boolean {
  return text.replace(/\\./gs, '').split('"').length % 2 === 0
}
