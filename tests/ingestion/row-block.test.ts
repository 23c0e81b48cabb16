import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowFormat } from '#sql/row-binary.ts'
import { RowBlock, Slab } from '../../ingestion/row-block.ts'

const FORMAT = new RowFormat({ receivedAt: 'Int64', ordinal: 'UInt32', text: 'String' })

test('rows of requests that write by turns stay whole and side by side, however long they are', () => {
  const writes = fc.array(
    fc.record({ of: fc.nat(2), text: fc.string({ unit: 'grapheme', maxLength: 40 }), times: fc.nat(4_000) }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(writes, (all) => {
      const slab = new Slab()
      const blocks = [0, 1, 2].map(() => new RowBlock(slab))
      const expected: string[][] = [[], [], []]
      for (const { of, text, times } of all) {
        const cell = text.repeat(times)
        const row = blocks[of]?.add(FORMAT, [0, 0, cell]) ?? -1
        blocks[of]?.setPlace(row, 1_790_000_000_000_000 + row, row)
        expected[of]?.push(cell)
      }
      for (const [of, cells] of expected.entries()) {
        const block = blocks[of] as RowBlock
        const rows = cells.map((cell, row) => [1_790_000_000_000_000 + row, row, cell])
        expect(rows.map((_, row) => FORMAT.decode(block.bytesOf(row, row)))).toEqual(rows)
        expect([...FORMAT.rowsOf(block.all())]).toEqual(rows)
        expect([...FORMAT.rowsOf(RowBlock.unpack(block.pack()).all())]).toEqual(rows)
      }
    }),
    { numRuns: 30 },
  )
})

test('rows that came from another thread are given back whole, and never what lies beside rows of others', () => {
  const slab = new Slab()
  const own = new RowBlock(slab)
  const other = new RowBlock(slab)
  own.add(FORMAT, [0, 0, 'own'])
  other.add(FORMAT, [0, 0, 'other'])
  const packed = own.pack()
  const came = RowBlock.unpack(packed)
  came.release()
  own.release()
  expect(packed.bytes.buffer.detached).toBe(true)
  expect([...FORMAT.rowsOf(other.all())]).toEqual([[0, 0, 'other']])
  expect([...FORMAT.rowsOf(own.all())]).toEqual([[0, 0, 'own']])
})
