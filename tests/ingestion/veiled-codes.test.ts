import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdsPersonNumber, idCheckCharacter, idNumbersIn, veilIdentifiers } from '#domain/person.ts'
import { KINDS } from '#domain/signal.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { OBSERVATIONS } from '../../ingestion/draft.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { arrears, worker } from '../support/signals.ts'

const ID = `43052219850315001${idCheckCharacter('43052219850315001')}`
const OTHER = `43052219900101002${idCheckCharacter('43052219900101002')}`
const keys = deriveKeys('a secret of the veiled codes, long enough')

/** The cells that are written for a case. */
function cellsOf(signal: Record<string, unknown>): string {
  const scope = { id: 's', kinds: KINDS, region: '' }
  const rows = [{ row: 1, value: arrears(signal), fault: null }]
  const { drafts } = acceptRows('arrears', rows, scope, { source: 's', batch: 'b', keys, sealer: null })
  return JSON.stringify(
    drafts.map(({ page, row, historyKey }) => [
      historyKey,
      OBSERVATIONS.arrears.decode(page.observations.bytesOf(row, row)),
    ]),
  )
}

test('a case that is numbered by a person is stored under a hash of its own, the same each time', () => {
  for (const number of [ID, '13800000001']) {
    const cells = cellsOf({
      caseId: `LD-${number}`,
      project: `安置房${number}`,
      employer: `某班组 ${number}`,
    })
    expect(cells).not.toContain(number)
    expect(cells).toContain('s/LD-#')
    const veils = cells.match(/#[\w-]{12}/g) ?? []
    expect([veils.length > 3, new Set(veils).size]).toEqual([true, 1])
    expect(cellsOf({ caseId: number })).toContain(veils[0])
  }
  expect(cellsOf({ caseId: '13800000001' })).not.toContain(
    cellsOf({ caseId: '13800000002' }).match(/#[\w-]{12}/)?.[0],
  )
})

test.each([
  ['138-0000-0001', '13800000001'],
  ['138 0000 0001-2025001', '13800000001'],
  [`${ID.slice(0, 6)}-${ID.slice(6, 14)}-${ID.slice(14)}`, ID],
  [`${ID.slice(0, 6)} ${ID.slice(6, 14)} ${ID.slice(14)}`, ID],
])('in groups it is the same number: %s', (written, number) => {
  const cells = cellsOf({ caseId: `LD/${written}`, employer: `某班组（${written}）` })
  expect(cells).not.toContain(written.slice(0, 13))
  expect(cells).toContain(cellsOf({ caseId: number }).match(/#[\w-]{12}/)?.[0])
})

test.each([
  ['behind the digits of a year', `2026-${ID.slice(0, 6)}-${ID.slice(6, 14)}-${ID.slice(14)}`, ID],
  ['behind letters', `LD${ID}`, ID],
  ['before letters', `${ID}LD`, ID],
  ['before the digits of a serial', `${ID}01`, ID],
  ['behind them', `01${ID}`, ID],
  ['behind the code of a village', `430522100001${ID}`, ID],
  ['in wide groups', `${ID.slice(0, 6)} - ${ID.slice(6, 14)} - ${ID.slice(14)}`, ID],
  ['with the code of the country', '张三+8613812345678', '13812345678'],
  ['with its digits alone', '张三8613812345678', '13812345678'],
  ['with it, in groups', '张三 0086-138 1234 5678', '13812345678'],
])('a number of a person is veiled %s', (_, written, number) => {
  for (const field of ['caseId', 'employer', 'project']) {
    const cells = cellsOf({ [field]: written })
    expect(cells.replace(/[\p{Zs}\p{Pd}]/gu, '')).not.toContain(number)
    expect(cells).toContain(cellsOf({ caseId: number }).match(/#[\w-]{12}/)?.[0])
  }
  expect(holdsPersonNumber(written)).toBe(true)
  expect(idNumbersIn(written)).toEqual(number === ID ? [ID] : [])
})

test('two numbers that touch are both veiled', () => {
  expect(veilIdentifiers(`${ID}${OTHER}`, (number) => `(${number})`)).toBe(`#(${ID})#(${OTHER})`)
  expect(veilIdentifiers(`${ID}13812345678`, () => '')).toBe('##')
  expect(idNumbersIn(`${ID}${OTHER}`)).toEqual([ID, OTHER])
})

test('of serials one in two thousand is taken for a person, where a day of birth and the check fit by chance', () => {
  const serials = fc.sample(fc.noBias(fc.stringMatching(/^\d{26}$/)), { seed: 20261129, numRuns: 20_000 })
  expect(serials.filter(holdsPersonNumber).length).toBeLessThan(20)
})

test.each([
  '2026-0001',
  '430503-2025-000123-0001',
  '2026-0101-0000-0001',
  '202611240000123',
  'A13800000001B',
  '430522198503150018',
  '（2026）湘0105民初123号',
  '4305221000012026112400123',
  '20261124000012300045678901',
  '6901234567892',
  '91430100MA4L1A1A1X',
])('a code that is no number of a person stays: %s', (code) => {
  expect(veilIdentifiers(code, () => 'veiled')).toBe(code)
})

test('a skill that is a number, as of columns that were mixed up, is stored under a hash', () => {
  const scope = { id: 's', kinds: KINDS, region: '' }
  const rows = [{ row: 1, value: worker({ skills: ['电工', '13800138000', `张三 ${ID}`] }), fault: null }]
  const { drafts } = acceptRows('workers', rows, scope, { source: 's', batch: 'b', keys, sealer: null })
  const cells = JSON.stringify(
    drafts.map(({ page, row }) => OBSERVATIONS.workers.decode(page.observations.bytesOf(row, row))),
  )
  expect(cells).toContain('电工')
  expect(cells).not.toMatch(/13800138000|43052219850315001/)
})
