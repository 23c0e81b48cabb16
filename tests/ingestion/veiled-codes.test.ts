import { expect, test } from 'vitest'
import { idCheckCharacter, veilIdentifiers } from '#domain/person.ts'
import { KINDS } from '#domain/signal.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { OBSERVATIONS } from '../../ingestion/draft.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { arrears, worker } from '../support/signals.ts'

const ID = `43052219850315001${idCheckCharacter('43052219850315001')}`
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
  '2026-0001',
  '430503-2025-000123-0001',
  '2026-0101-0000-0001',
  '202611240000123',
  'A13800000001B',
  '430522198503150018',
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
