import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { Received } from '../../ingestion/formats/body.ts'
import type { RawRow } from '../../ingestion/formats/raw-row.ts'
import { openRows, readRows } from '../../ingestion/formats/rows.ts'
import { deriveFileSeal } from '../../ingestion/sealed-files.ts'
import { encodeGbk } from '../support/gbk.ts'

const folder = mkdtempSync(join(tmpdir(), 'xiangrong-csv-'))
afterAll(() => rmSync(folder, { recursive: true }))
const { readerOf } = deriveFileSeal('a secret of the tests, which is long enough', () => 1)

const OPTIONS = { kind: 'arrears', sheet: null, given: null, remembered: new Map() } as const
const HEAD = ['案件编号', '备注', '项目']

/** The rows of the same bytes, read from memory in one piece and from a file in pieces. */
async function bothWays(type: 'csv' | 'ndjson', bytes: Uint8Array, isGzip = false) {
  const path = join(folder, 'body')
  writeFileSync(path, isGzip ? gzipSync(bytes) : bytes)
  const file = { path, bytes: isGzip ? gzipSync(bytes).length : bytes.length }
  const body: Received = {
    ...file,
    kind: 'spooled',
    type,
    isGzip,
    read: readerOf(file),
    heardMs: 0,
    hash: () => '',
  }
  const whole = [...readRows(type, Buffer.from(bytes), OPTIONS).rows]
  const reading = await openRows(body, OPTIONS)
  const pieces: RawRow[] = []
  for await (const chunk of reading.chunks) pieces.push(...chunk)
  await reading.close()
  return { whole, pieces }
}

const written = (rows: string[][], mark: string) =>
  rows
    .map((cells) =>
      cells.map((cell) => (/["\r\n,;\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(mark),
    )
    .join('\r\n')

/** Enough lines to cross the 256 KiB at which a file is cut several times, in other places each time. */
const filler = (cells: string[], shift: number) =>
  Array.from({ length: 6_000 }, (_, i) => [
    `案-${i}`,
    cells[i % cells.length] ?? '',
    '丿'.repeat((i + shift) % 60),
  ])

test.each<[string, string, (text: string) => Uint8Array, boolean]>([
  ['UTF-8', ',', (text) => Buffer.from(text), false],
  ['UTF-8 with a byte-order mark', ',', (text) => Buffer.from(`\ufeff${text}`), false],
  ['GB18030', ',', encodeGbk, false],
  ['semicolons', ';', (text) => Buffer.from(text), false],
  ['tabs', '\t', (text) => Buffer.from(text), false],
  ['UTF-16LE with its mark', '\t', (text) => Buffer.from(`\ufeff${text}`, 'utf16le'), false],
  ['UTF-16BE with its mark', '\t', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), false],
  ['UTF-16LE, packed', '\t', (text) => Buffer.from(`\ufeff${text}`, 'utf16le'), true],
  ['gzip', ',', (text) => Buffer.from(text), true],
])('a CSV read from a file in pieces has the rows it has in memory: %s', async (_, mark, encode, isGzip) => {
  const cells = ['', '一"二"三', '甲,乙;丙\t丁', '上一行\r\n下一行', ' 空 ', "'=1", '1,234']
  const rows = filler(cells, 0)
  const { whole, pieces } = await bothWays('csv', encode(written([HEAD, ...rows], mark)), isGzip)
  expect(whole).toHaveLength(6_000)
  expect(whole[1]).toEqual({
    row: 2,
    value: { caseId: '案-1', note: '一"二"三', project: '丿' },
    fault: null,
  })
  expect(whole[3]?.value).toMatchObject({ note: '上一行\r\n下一行' })
  expect(pieces).toEqual(whole)
})

test.each([';', '\t'])(
  'a comma in the title above the header makes no CSV of commas of one with %j',
  async (mark) => {
    const { whole, pieces } = await bothWays(
      'csv',
      Buffer.from(`2026年,11月台账\n${written([HEAD, ['A', '甲,乙,丙,丁', '一期']], mark)}`),
    )
    expect(whole.map(({ value }) => value)).toEqual([{ caseId: 'A', note: '甲,乙,丙,丁', project: '一期' }])
    expect(pieces).toEqual(whole)
  },
)

test.each(['；', ';'])(
  'a title above the header with %s in it parts no cells of a CSV of commas',
  async (mark) => {
    const title = ['填报单位：邵阳市人社局', '填报人：张三', '填报时间：6月', '第1页'].join(mark)
    const { whole, pieces } = await bothWays(
      'csv',
      Buffer.from(`${title}\n${written([HEAD, ['A', '甲;乙;丙', '一期'], ['B', '丁', '二期']], ',')}`),
    )
    expect(whole.map(({ value }) => value)).toEqual([
      { caseId: 'A', note: '甲;乙;丙', project: '一期' },
      { caseId: 'B', note: '丁', project: '二期' },
    ])
    expect(pieces).toEqual(whole)
  },
)

test('cells that a spreadsheet leaves out at the end of a line are blank; one too many, or a line that breaks off, is a fault', async () => {
  const lines = [HEAD.join(), 'A,甲,一期', 'B', 'C,丙', 'D,丁,二期,, ', 'E,戊,三期,x', 'F,己']
  for (const end of ['', '\r\n']) {
    const { whole, pieces } = await bothWays('csv', Buffer.from(lines.join('\r\n') + end))
    expect(whole.map(({ value, fault }) => fault?.code ?? value)).toEqual([
      { caseId: 'A', note: '甲', project: '一期' },
      { caseId: 'B' },
      { caseId: 'C', note: '丙' },
      { caseId: 'D', note: '丁', project: '二期' },
      'wrong_columns',
      end ? { caseId: 'F', note: '己' } : 'wrong_columns',
    ])
    expect(pieces).toEqual(whole)
  }
})

test.each<[string, (text: string) => Buffer, RegExp]>([
  ['LE without a mark', (text) => Buffer.from(text, 'utf16le'), /UTF-16 without the mark/],
  ['BE without a mark', (text) => Buffer.from(text, 'utf16le').swap16(), /UTF-16 without the mark/],
  [
    'with half a character at its end',
    (text) => Buffer.from(`\ufeff${text}`, 'utf16le').subarray(0, -1),
    /nor whole as UTF-16/,
  ],
])('UTF-16 %s is refused with what to do', async (_, encode, reason) => {
  const bytes = encode(written([HEAD, ...filler(['甲'], 0)], '\t'))
  expect(() => readRows('csv', bytes, OPTIONS)).toThrow(reason)
  const path = join(folder, 'utf-16')
  writeFileSync(path, bytes)
  const body: Received = {
    kind: 'spooled',
    type: 'csv',
    bytes: bytes.length,
    path,
    isGzip: false,
    read: readerOf({ path, bytes: bytes.length }),
    heardMs: 0,
    hash: () => '',
  }
  await expect(openRows(body, OPTIONS)).rejects.toThrow(reason)
})

test('whatever the cells hold, wherever the cuts fall', async () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', '湘', '𠮷', ' ', "'", '='),
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 9 }), fc.nat(59), async (cells, shift) => {
      const { whole, pieces } = await bothWays(
        'csv',
        Buffer.from(written([HEAD, ...filler(cells, shift)], ',')),
      )
      expect(pieces).toEqual(whole)
    }),
    { seed: 20261124, numRuns: 12 },
  )
})

test('NDJSON read from a file in pieces has the rows it has in memory', async () => {
  const lines = Array.from({ length: 6_000 }, (_, i) =>
    i % 97 === 0
      ? '{"caseId": 湘'
      : i % 89 === 0
        ? '   '
        : JSON.stringify({ caseId: `案-${i}`, note: '湘'.repeat(i % 70) }),
  )
  const { whole, pieces } = await bothWays('ndjson', Buffer.from(lines.join('\n')))
  expect(whole.filter((row) => row.fault !== null)).toHaveLength(62)
  expect(pieces).toEqual(whole)
})
