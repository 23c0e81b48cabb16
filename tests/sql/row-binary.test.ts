import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import type { Query } from '#sql/engine.ts'
import { RowFormat } from '#sql/row-binary.ts'
import { CHANGES } from '../../ingestion/changes.ts'
import { OBSERVATIONS } from '../../ingestion/draft.ts'
import { IDENTITIES } from '../../ingestion/sealer.ts'
import { openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

const TYPES = {
  n: 'UInt32',
  text: 'String',
  name: 'LowCardinality(String)',
  flag: 'Nullable(Bool)',
  whole: 'Nullable(Int64)',
  small: 'Int8',
  day: 'Nullable(UInt8)',
  year: 'UInt16',
  at: "DateTime64(6, 'UTC')",
  names: 'Array(LowCardinality(String))',
  counts: 'Array(UInt32)',
} as const
const FORMAT = new RowFormat(TYPES)

const whole = (min: number, max: number) => fc.integer({ min, max })
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  // Lengths at which their own length takes a byte more, in ASCII and beyond it.
  fc
    .tuple(fc.constantFrom('a', '湘', '👷'), fc.constantFrom(31, 32, 33, 42, 43, 127, 128, 5_462, 16_384))
    .map(([character, times]) => character.repeat(times)),
  fc.constantFrom('', '\n\n', ';', '\0', "'; DROP TABLE", '\\N', '"'),
)
const cells = fc.tuple(
  text,
  text,
  fc.option(fc.boolean()),
  fc.option(fc.maxSafeInteger()),
  whole(-128, 127),
  fc.option(whole(0, 255)),
  whole(0, 65_535),
  whole(0, 4_000_000_000_000_000),
  fc.array(text, { maxLength: 3 }),
  fc.array(whole(0, 2 ** 32 - 1), { maxLength: 200 }),
)

it('what is written is what the engine and we read, whichever way it goes in', async () => {
  const columns = Object.entries(TYPES).map(([name, type]) => `${name} ${type}`)
  await stores.engine.command(
    `CREATE TABLE rows_of_a_test (${columns.join(', ')}) ENGINE = MergeTree ORDER BY n`,
  )
  const kept: Query<{ row: unknown[] }> = {
    name: 'rows of a test',
    sql: `SELECT tuple(n, text, name, flag, whole, small, day, year, toUnixTimestamp64Micro(at), names, counts) AS row
      FROM rows_of_a_test ORDER BY n`,
    row: z.object({ row: z.array(z.unknown()) }),
    unscoped: 'a test',
  }
  const parts = () =>
    stores.engine.numbers(
      `SELECT toUInt32(count()) FROM system.parts WHERE active AND table = 'rows_of_a_test'`,
    )
  const rowsOf = (drawn: unknown[][]) => drawn.map((row, n) => [n, ...row])
  await fc.assert(
    fc.asyncProperty(fc.array(cells, { minLength: 1, maxLength: 40 }), async (drawn) => {
      const rows = rowsOf(drawn)
      // The second time so often that it goes through a file.
      for (const times of [1, Math.ceil(200_000 / JSON.stringify(rows).length)]) {
        await stores.engine.command('TRUNCATE TABLE rows_of_a_test')
        const repeated = Array.from({ length: times }, () => rows).flat()
        const pieces = repeated.map((row) => Buffer.from(FORMAT.encode(row)))
        expect([...FORMAT.rowsOf(Buffer.concat(pieces))]).toEqual(repeated)
        await stores.engine.insert({ table: 'rows_of_a_test', format: FORMAT, rows: pieces })
        expect([...(await parts())]).toEqual([1])
        const answered = (await stores.engine.query(kept)).map(({ row }) => row.map(numeral))
        expect(answered).toEqual(rows.flatMap((row) => Array.from({ length: times }, () => row.map(numeral))))
      }
    }),
    { numRuns: 25 },
  )
})

/** 64-bit numbers come as texts. */
const numeral = (cell: unknown) => (typeof cell === 'number' ? String(cell) : cell)

it('wanted cells are read and the others passed over', () => {
  fc.assert(
    fc.property(cells, fc.subarray([...FORMAT.columns]), (drawn, wanted) => {
      const row = [7, ...drawn]
      const read = FORMAT.readerOf(wanted)(Buffer.from(FORMAT.encode(row)), 0)
      const named = FORMAT.columns.map((column, i) => [column, row[i]] as const)
      expect(read).toEqual(Object.fromEntries(named.filter(([column]) => wanted.includes(column))))
    }),
  )
})

it('a number beyond 64 bits wraps around, and does not stop the commit it is of', () => {
  const format = new RowFormat({ sum: 'Int64' })
  expect([1e20, -1e20].map((sum) => format.decode(Buffer.from(format.encode([sum]))))).toEqual([
    [7766279631452242000],
    [-7766279631452242000],
  ])
})

it('a type that cannot be written is refused by name', () => {
  expect(() => new RowFormat({ a: 'Decimal(9, 2)' })).toThrow('Decimal(9, 2)')
})

it('every format has the types of its table', async () => {
  const rows = await stores.engine.query({
    name: 'columns of a test',
    sql: `SELECT table, groupArray((name, type)) AS columns FROM system.columns WHERE database = currentDatabase() GROUP BY table`,
    row: z.object({ table: z.string(), columns: z.array(z.tuple([z.string(), z.string()])) }),
    unscoped: 'a test',
  })
  const tables = new Map(rows.map(({ table, columns }) => [table, new Map(columns)]))
  const formats: [string, RowFormat][] = [
    ...Object.entries(OBSERVATIONS).map(([kind, format]): [string, RowFormat] => [
      `${kind}_observations_v1`,
      format,
    ]),
    ...Object.entries(CHANGES).flatMap(([kind, parts]) =>
      parts.map((format): [string, RowFormat] => [`${kind}_changes_v1`, format]),
    ),
    ['identities_v1', IDENTITIES],
  ]
  for (const [table, format] of formats) {
    const types = format.columns.map((name) => `${name} ${tables.get(table)?.get(name)}`)
    expect([table, format.structure]).toEqual([table, types.join(', ')])
  }
})
