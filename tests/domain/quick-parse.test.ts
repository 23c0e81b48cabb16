import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { quickParser } from '#domain/quick-parse.ts'
import { KINDS, type Kind, SIGNALS } from '#domain/signal.ts'
import { Int } from '#sql/query.ts'
import { generateRows } from '../../scripts/synthetic/province.ts'
import { arrears, idNumber, industry, worker } from '../support/signals.ts'

/** What the schema itself makes of a value; `null` where it refuses it. */
const slowly = (kind: Kind, value: unknown) => SIGNALS[kind].safeParse(value).data ?? null

const FULL: Record<Kind, Record<string, unknown>> = {
  workers: worker({
    idNumber: idNumber(7),
    phone: '138 0000-0000',
    sex: 'male',
    birth: '1985-03-15',
    household: '3',
    homeRegion: '430522100',
    occupation: '焊工',
    monthlyWage: '4,900.50',
    contractSigned: true,
    skills: ['焊工', '电工'],
  }),
  arrears: arrears({
    homeRegions: [{ region: '430522', workers: 1 }],
    paid: 3,
    owedSince: '2026-09',
    gathering: 5,
  }),
  industry: industry({
    payDay: 15,
    stopped: false,
    laborCostTransferredAt: '2026-09-01',
    majorEvent: '停产',
  }),
}

/** Values that fields are given instead of their own: of other types, at the edges, in forms people type. */
const ODD = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    0,
    -0,
    -1,
    1.5,
    1e15,
    43,
    430522,
    '',
    ' ',
    '0',
    '-1',
    '１２３',
    ' 430522 ',
    '43',
    '430522000000',
    '999999',
    '4900',
    '4900.5',
    '4900.555',
    '4,900',
    '4,9',
    'A\u200b１',
    '\u202d13800000000\u202c',
    '1e3',
    '2026-11',
    '2026-02-30',
    '2026-11-24T09:30:00+08:00',
    '2999-01-01',
    '1999-01-01',
    '11010519491231002X',
    '１１０１０５１９４９１２３１００２ｘ',
    '91430100MA4L16JQ9B',
    'employed',
    'C',
    'c',
    '13800000000',
    '\u0000',
    '\ud800',
    '汉'.repeat(120),
    'x'.repeat(2100),
    [],
    [''],
    ['a', 1],
    Array(30).fill('x'),
    {},
    { region: '43' },
    [{ region: '430522', workers: 1e9 }],
    [{ region: '43', workers: 1, more: 1 }],
  ),
  fc.jsonValue(),
)

describe('quick parsing', () => {
  it.each(KINDS)('answers for valid %s rows what the schema answers', (kind) => {
    for (const row of [FULL[kind], ...generateRows(kind, 11, 2_000)]) {
      const quick = quickParser<unknown>(SIGNALS[kind])(row)
      expect(quick).not.toBeNull()
      expect(quick).toStrictEqual(slowly(kind, row))
    }
  })

  it.each(KINDS)('answers at once for %s rows of which cells say that there is nothing', (kind) => {
    for (const key of Object.keys(SIGNALS[kind].shape)) {
      const row = { ...FULL[kind], [key]: undefined }
      expect(quickParser<unknown>(SIGNALS[kind])(row)).toStrictEqual(slowly(kind, row))
    }
  })

  it.each(KINDS)('refuses just those %s rows that the schema refuses', (kind) => {
    const parse = quickParser<unknown>(SIGNALS[kind])
    const fields = [...Object.keys(SIGNALS[kind].shape), 'unknownField', '__proto__', 'constructor']
    const changes = fc.array(fc.tuple(fc.constantFrom(...fields), ODD), { maxLength: 3 })
    let refused = 0
    let taken = 0
    fc.assert(
      fc.property(changes, fc.array(fc.constantFrom(...fields), { maxLength: 2 }), (given, absent) => {
        const entries = [...Object.entries(FULL[kind]), ...given].filter(([key]) => !absent.includes(key))
        const row = JSON.parse(JSON.stringify(Object.fromEntries(entries)))
        const quick = parse(row)
        expect(quick).toStrictEqual(slowly(kind, row))
        if (quick === null) refused++
        else taken++
      }),
      { numRuns: 3_000, seed: 41 },
    )
    expect(Math.min(refused, taken)).toBeGreaterThan(200)
  })

  it('takes and refuses the same periods and times, also days that no calendar has', () => {
    const parse = quickParser<unknown>(SIGNALS.industry)
    const taken = [
      '2026-02-28',
      '2026-02-30',
      '2025-02-29',
      '2024-02-29',
      '2026-04-31',
      '2026-06',
      '2026-13',
    ].map((date) =>
      ['period', 'observedAt', 'laborCostTransferredAt'].filter((field) => {
        const row = { ...FULL.industry, [field]: date }
        const quick = parse(row)
        expect(quick).toStrictEqual(slowly('industry', row))
        return quick !== null
      }),
    )
    const all = ['period', 'observedAt', 'laborCostTransferredAt']
    expect(taken).toEqual([all, [], [], all, [], ['period'], []])
  })

  it('takes nothing but objects for rows', () => {
    const parse = quickParser<unknown>(SIGNALS.industry)
    for (const value of [null, undefined, [], 'row', 1, [FULL.industry]]) expect(parse(value)).toBeNull()
  })

  it('reads what the store answers as its schema does: more columns are left out, null stays where it may be', () => {
    const schema = z.object({ n: Int, name: z.string().nullable() })
    const parse = quickParser(schema)
    for (const row of [
      { n: '12', name: null, more: 1 },
      { n: 3, name: 'x' },
      { n: '1.5', name: '' },
      { n: 'x', name: '' },
      { n: 1 },
    ])
      expect(parse(row)).toStrictEqual(schema.safeParse(row).data ?? null)
  })

  it('leaves a type of schema it does not know to zod', () => {
    const parse = quickParser(z.strictObject({ at: z.record(z.string(), z.int()).optional() }))
    expect(parse({ at: { a: 1 } })).toEqual({ at: { a: 1 } })
    expect(parse({ at: { a: 'x' } })).toBeNull()
  })
})
