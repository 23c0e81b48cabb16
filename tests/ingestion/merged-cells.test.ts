import fc from 'fast-check'
import { readXlsx, writeXlsx } from 'hucre/xlsx'
import { describe, expect, test } from 'vitest'
import { fieldsOf, KINDS, type Kind } from '#domain/signal.ts'
import { readPlainSheet } from '../../ingestion/formats/plain-sheet.ts'
import type { RawRow } from '../../ingestion/formats/raw-row.ts'
import { openRows } from '../../ingestion/formats/rows.ts'
import { openIntake } from '../support/intake.ts'
import { ARREARS_HEAD, type TestCell, workbook } from '../support/workbook.ts'

const XLSX = { 'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' }

const merges = (refs: readonly string[]) =>
  `<mergeCells count="${refs.length}">${refs.map((ref) => `<mergeCell ref="${ref}"/>`).join('')}</mergeCells>`
const book = (rows: TestCell[][], ...refs: string[]) =>
  workbook([{ name: '台账', rows, after: refs.length > 0 ? merges(refs) : '' }])

/** What is read of a workbook: its rows, and the lines that are none. */
async function read(content: Buffer, kind: Kind = 'arrears') {
  const reading = await openRows(
    { type: 'xlsx', kind: 'memory', content, bytes: content.length, heardMs: 0, hash: () => '' },
    { kind, sheet: null, given: null, remembered: new Map() },
  )
  try {
    const rows: RawRow[] = []
    for await (const chunk of reading.chunks) rows.push(...chunk)
    return { rows, headerRow: reading.table?.headerRow, leftOut: reading.table?.leftOut }
  } finally {
    await reading.close()
  }
}
/** The values of one field, row by row. */
const valuesOf = async (content: Buffer, field: string, kind?: Kind) =>
  (await read(content, kind)).rows.map(({ row, value }) => [row, (value as Record<string, unknown>)[field]])

const HEAD = ['班组', '案件编号', '用人单位', '项目']

describe('a cell merged over several rows', () => {
  test('holds for each of them that has something of its own, and for none beside or below', async () => {
    const rows = [
      HEAD,
      ['一组', 'C-1', '甲公司', '甲工程'],
      [null, 'C-2', null, null],
      [null, 'C-3', null, null],
      [null, 'C-4', null, null],
    ]
    expect((await read(book(rows, 'A2:A4', 'C2:C3'))).rows).toEqual([
      { row: 1, value: { 班组: '一组', caseId: 'C-1', employer: '甲公司', project: '甲工程' }, fault: null },
      { row: 2, value: { 班组: '一组', caseId: 'C-2', employer: '甲公司' }, fault: null },
      { row: 3, value: { 班组: '一组', caseId: 'C-3' }, fault: null },
      { row: 4, value: { caseId: 'C-4' }, fault: null },
    ])
  })

  test('of several columns too is of the first of them', async () => {
    const rows = [HEAD, [null, 'C-1', '甲公司', null], [null, 'C-2', null, null]]
    expect((await read(book(rows, 'C2:D3'))).rows.map(({ value }) => value)).toEqual([
      { caseId: 'C-1', employer: '甲公司' },
      { caseId: 'C-2', employer: '甲公司' },
    ])
  })

  test('makes no row of a line with nothing of its own: two lines high, a record is one', async () => {
    const styled: TestCell = { inner: '' }
    const rows = [HEAD, ['一组', 'C-1', '甲公司'], [styled, styled, styled], ['二组', 'C-2', '乙公司']]
    expect(await valuesOf(book(rows, 'A2:A3', 'B2:B3', 'C2:C3'), 'employer')).toEqual([
      [1, '甲公司'],
      [3, '乙公司'],
    ])
  })

  test('makes no row of a line that has but its running number, of which it would make a report without figures', async () => {
    const rows = [
      ['序号', '监测点编号', '在岗人数'],
      [1, 'P-1', 40],
      [2, null, null],
    ]
    const { rows: taken, leftOut } = await read(book(rows, 'B2:B3'), 'industry')
    expect(taken.map(({ row }) => row)).toEqual([1])
    expect(leftOut).toEqual({ count: 1, lines: [{ row: 2, why: 'serial' }] })
  })

  test('gives way to what a program wrote into a cell under it', async () => {
    const rows = [HEAD, ['', 'C-1', '甲公司'], ['', 'C-2', '乙公司'], ['', 'C-3']]
    expect(await valuesOf(book(rows, 'C2:C4'), 'employer')).toEqual([
      [1, '甲公司'],
      [2, '乙公司'],
      [3, '甲公司'],
    ])
  })

  test('holds in a list of people too', async () => {
    const rows = [
      ['用户名', '姓名', '角色'],
      ['zhang.san', '张三', '分析员'],
      ['li.si', '李四', null],
      [null, null, null],
    ]
    expect(await readPlainSheet(book(rows, 'C2:C4'))).toEqual([
      { at: 1, cells: ['用户名', '姓名', '角色'] },
      { at: 2, cells: ['zhang.san', '张三', '分析员'] },
      { at: 3, cells: ['li.si', '李四', '分析员'] },
    ])
  })

  test('is a title where it begins in the header or above, and fills nothing', async () => {
    const two = [
      ['某县台账', null, null, null],
      ['班组', '案件编号', '欠薪情况', null],
      [null, null, '用人单位', '项目'],
      ['一组', 'C-1', '甲公司'],
      [null, 'C-2', null],
    ]
    const refs = ['A1:D1', 'A2:A3', 'B2:B3', 'C2:D2']
    const { headerRow, rows } = await read(book(two, ...refs, 'A4:A5', 'C4:C5', 'D3:D5'))
    expect(headerRow).toBe(3)
    expect(rows.map(({ value }) => value)).toEqual([
      { 班组: '一组', caseId: 'C-1', employer: '甲公司' },
      { 班组: '一组', caseId: 'C-2', employer: '甲公司' },
    ])
  })

  test('is of no row where its column has no title: it stands beside the table', async () => {
    const rows = [HEAD, ['一组', 'C-1', '甲公司'], [null, 'C-2', null, null, '仅供内部'], [null, 'C-3']]
    expect((await read(book(rows, 'E3:E4'))).rows.map(({ value }) => value)).toEqual([
      { 班组: '一组', caseId: 'C-1', employer: '甲公司' },
      { caseId: 'C-2', 5: '仅供内部' },
      { caseId: 'C-3' },
    ])
  })

  test('makes no row of a total, of signatures or of titles said again, and is not broken by them', async () => {
    const rows = [
      HEAD,
      ['一组', 'C-1', '甲公司', '甲工程'],
      [null, 'C-2', null, null],
      [null, '小计', null, null],
      [null, '审核人：李四', null, null],
      HEAD,
      ['二组', 'C-3', null, null],
    ]
    const { rows: read_, leftOut } = await read(book(rows, 'A2:A5', 'C2:C7', 'D2:D5'))
    expect(read_.map(({ row, value }) => [row, value])).toEqual([
      [1, { 班组: '一组', caseId: 'C-1', employer: '甲公司', project: '甲工程' }],
      [2, { 班组: '一组', caseId: 'C-2', employer: '甲公司', project: '甲工程' }],
      [6, { 班组: '二组', caseId: 'C-3', employer: '甲公司' }],
    ])
    expect(leftOut?.lines).toEqual([
      { row: 3, why: 'total' },
      { row: 4, why: 'signature' },
      { row: 5, why: 'header' },
    ])
  })

  test('reads as the same ledger written out, whatever is merged', async () => {
    const cell = fc.constantFrom('甲', '乙公司', '2026年', 7, true)
    const ledger = fc.record({
      titles: fc.integer({ min: 0, max: 3 }),
      /** Lines by what they are: a row, a total, or one with nothing of its own. */
      lines: fc.array(fc.constantFrom('row', 'row', 'row', 'total', 'blank'), {
        minLength: 1,
        maxLength: 25,
      }),
      /** By column: how high its blocks are, one after another; and what each says. */
      blocks: fc.tuple(
        ...HEAD.map(() =>
          fc.array(fc.record({ height: fc.integer({ min: 1, max: 6 }), cell, wide: fc.boolean() }), {
            maxLength: 12,
          }),
        ),
      ),
    })
    let filled = 0
    await fc.assert(
      fc.asyncProperty(ledger, async ({ titles, lines, blocks }) => {
        const above: TestCell[][] = Array.from({ length: titles }, () => ['某县台账'])
        const ids = lines.map((line, i) => (line === 'row' ? `C-${i}` : line === 'total' ? '小计' : null))
        const merged: TestCell[][] = ids.map((id) => [null, id, null, null])
        const written = ids.map((id): TestCell[] => [null, id, null, null])
        const refs: string[] = []
        const first = titles + 2
        for (const column of [0, 2, 3]) {
          let y = 0
          for (const { height, cell, wide } of blocks[column] ?? []) {
            const end = Math.min(y + height, lines.length)
            // The first line of a block is one that has a case: what stands there is its own.
            if (y >= end || lines[y] !== 'row') {
              y = end
              continue
            }
            const top = merged[y]
            if (top) top[column] = cell
            // Where the column at its right has no blocks, a block may be as wide as both.
            const right = wide && column === 2 && (blocks[3]?.length ?? 0) === 0 ? 3 : column
            refs.push(`${'ABCD'[column]}${first + y}:${'ABCD'[right]}${first + end - 1}`)
            for (let i = y; i < end; i++) {
              const line = written[i]
              if (line && (lines[i] === 'row' || i === y)) line[column] = cell
              if (i > y && lines[i] === 'row') filled++
            }
            y = end
          }
        }
        const asMerged = await read(book([...above, HEAD, ...merged], ...refs))
        const asWritten = await read(book([...above, HEAD, ...written]))
        expect(asMerged).toEqual(asWritten)
        expect(asMerged.rows).toHaveLength(lines.filter((line) => line === 'row').length)
      }),
      { seed: 20261129, numRuns: 120 },
    )
    expect(filled).toBeGreaterThan(300)
  })
})

describe('what one cell cannot say of several rows', () => {
  test('is who and which case, and what is summed up; not what holds of each', async () => {
    const faultsOf = async (kind: Kind, key: string) => {
      const field = fieldsOf(kind).find((one) => one.key === key)
      const rows = [
        [field?.meta.zh ?? '', '备忘'],
        ['5', 'x'],
        [null, 'y'],
      ]
      const below = (await read(book(rows, 'A2:A3'), kind)).rows[1]
      return below?.fault?.code === 'merged_cell'
    }
    const ofOneRow = await Promise.all(
      KINDS.map(async (kind) => {
        const keys = fieldsOf(kind).map(({ key }) => key)
        const has = await Promise.all(keys.map((key) => faultsOf(kind, key)))
        return keys.filter((_, i) => has[i])
      }),
    )
    expect(Object.fromEntries(KINDS.map((kind, i) => [kind, ofOneRow[i]?.toSorted()]))).toEqual({
      workers: ['idNumber'],
      arrears: ['caseId', 'gathering', 'homeRegions', 'owed', 'paid', 'workers'],
      industry: [
        'accountBalance',
        'attendingWorkers',
        'departures',
        'depositHeld',
        'depositRequired',
        'employers',
        'headcount',
        'hires',
        'paidWorkers',
        'registeredWorkers',
        'vacancies',
        'wageBill',
        'wagePaid',
      ],
    })
  })
})

describe('a harmful sheet is harmless', () => {
  const ROWS = [HEAD, ['一组', 'C-1', '甲公司'], [null, 'C-2', null]]
  const sheet = (xml: string) =>
    workbook([{ name: 'A', rows: [] }], { parts: { 'xl/worksheets/sheet1.xml': xml } })
  const LINES = `<row r="1"><c r="A1" t="str"><v>案件编号</v></c><c r="B1" t="str"><v>用人单位</v></c></row>
    <row r="2"><c r="A2" t="str"><v>C-1</v></c><c r="B2" t="str"><v>甲公司 sheetData&gt;</v></c></row>
    <row r="3"><c r="A3" t="str"><v>C-2</v></c></row>`

  test.each([
    ['the whole sheet', ['A1:XFD1048576'], [['一组'], [undefined]]],
    ['the whole of a column', ['A2:A1048576'], [['一组'], ['一组']]],
    ['corners the other way round', ['B3:A2', 'C9:C9'], [['一组'], ['一组']]],
    ['ranges over each other', ['A2:A3', 'A2:A9', 'A2:C3', 'A3:A4'], [['一组'], ['一组']]],
    [
      'no ranges',
      ['', 'A', 'A2', 'A2:', ':A3', 'A0:A0', '2:3', 'A2:A3:A4', 'AAAA2:AAAA3', 'A-2:A3', 'ZZZ2:ZZZ3'],
      [['一组'], [undefined]],
    ],
  ])('%s', async (_, refs, groups) => {
    const { rows } = await read(book(ROWS, ...refs))
    expect(rows.map(({ value }) => [(value as Record<string, unknown>).班组])).toEqual(groups)
  })

  test.each([
    ['before the rows', `<worksheet>${merges(['B2:B3'])}<sheetData>${LINES}</sheetData></worksheet>`],
    ['with prefixes', `<x:worksheet><x:sheetData>${LINES}</x:sheetData>${merges(['B2:B3'])}</x:worksheet>`],
    ['with blanks in tags', `<worksheet><sheetData >${LINES}</sheetData >${merges(['B2:B3'])}</worksheet>`],
  ])('merged cells %s are read like others', async (_, xml) => {
    expect(await valuesOf(sheet(xml), 'employer')).toEqual([
      [1, '甲公司 sheetData>'],
      [2, '甲公司 sheetData>'],
    ])
  })

  test('merged cells are found wherever the stream is cut', async () => {
    // It unpacks in pieces of 16 KiB, or of a multiple: one ends at every place in the rows and in the tags around them.
    for (let length = 65_536 - 1_200; length < 65_536; length += 3) {
      const before = `<!--${' '.repeat(length)}-->`
      const content = workbook([{ name: 'A', rows: ROWS, before, after: merges(['A2:A3']) }])
      expect((await valuesOf(content, '班组')).at(-1), String(length)).toEqual([2, '一组'])
    }
  })

  test('rows without numbers', async () => {
    const row = (attributes: string, id: string, more = '') =>
      `<row${attributes}><c t="str"><v>${id}</v></c>${more}</row>`
    const employer = '<c t="str"><v>甲公司</v></c>'
    const lines = [
      row('', '案件编号', '<c t="str"><v>用人单位</v></c>'),
      row('', 'C-1', employer),
      row('', 'C-2'),
      row(' r="9"', 'C-4'),
    ]
    const xml = `<worksheet><sheetData>${lines.join('')}</sheetData>${merges(['B2:B9'])}</worksheet>`
    expect(await valuesOf(sheet(xml), 'employer')).toEqual([1, 2, 8].map((row) => [row, '甲公司']))
  })
})

describe('through the server', () => {
  const intake = openIntake()
  const send = (kind: string, body: Buffer, headers = {}) =>
    intake.post(kind, new Uint8Array(body), { headers: { ...XLSX, ...headers } })
  const row = (id: string, region: string, owed: TestCell = 100, workers: TestCell = 4): TestCell[] => [
    ...[id, null, null, region, null, null, null],
    workers,
    owed,
  ]
  const first = (id: string, region: string): TestCell[] => [
    ...[id, '2025-06-10', '信访', region, 'E', '示例建筑', '已受理'],
    4,
    100,
  ]

  test('a million merged cells, or hundreds of columns of them, are refused with what to do', async () => {
    const rows = [ARREARS_HEAD, first('M-0', '430802')]
    const refs = Array.from({ length: 1_000_000 }, (_, i) => `B${2 * i + 3}:B${2 * i + 4}`)
    const wide = [...Array(15).keys()].flatMap((a) =>
      [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map(
        (b) => `${String.fromCharCode(65 + a)}${b}2:${String.fromCharCode(65 + a)}${b}3`,
      ),
    )
    const merging = (many: string[]) => workbook([{ name: 'A', rows, after: merges(many) }])
    for (const many of [refs, wide]) {
      const refused = await send('arrears', merging(many))
      expect([refused.status, refused.body.detail]).toEqual([400, expect.stringContaining('unmerge them')])
      const zh = await send('arrears', merging(many), { 'accept-language': 'zh-CN' })
      expect(zh.body.detail).toContain('请取消合并')
    }
    // As many beside each other harm nobody.
    const flat = refs.map((_, i) => `B${i + 3}:C${i + 3}`)
    expect((await send('arrears', merging(flat))).body).toMatchObject({ accepted: 1 })
  })

  test('the rows of a block are shown filled, taken, and come back whole when they are refused', async () => {
    const rows = [
      ['某县台账'],
      ARREARS_HEAD,
      first('B-1', '430811'),
      row('B-2', '430811'),
      row('B-3', '430811', -1),
      ['合计', null, null, null, null, null, null, 12, 300],
    ]
    const content = book(rows, 'A1:I1', ...['B', 'C', 'E', 'F', 'G'].map((column) => `${column}3:${column}5`))
    const seen = await intake.post('arrears/preview', new Uint8Array(content), { headers: XLSX })
    expect(seen.body.rows.map((one: any) => one.values.slice(0, 7))).toEqual(
      ['B-1', 'B-2', 'B-3'].map((id) => [id, '2025-06-10', '信访', '430811', 'E', '示例建筑', '已受理']),
    )
    expect(seen.body.leftOut).toMatchObject({ count: 1, lines: [{ row: 4, why: 'total' }] })

    const { body } = await send('arrears', content)
    expect(body).toMatchObject({ received: 3, accepted: 2, rejected: 1, leftOut: { count: 1 } })
    expect(body.errors).toMatchObject([{ row: 3, path: 'owed', code: 'negative' }])

    const response = await fetch(`${intake.server.url}/v1/batches/${body.batch}/errors.xlsx`, {
      headers: { authorization: `Bearer ${intake.key}` },
    })
    const [sheet] = (await readXlsx(new Uint8Array(await response.arrayBuffer()), { readStyles: true }))
      .sheets
    const back = sheet?.rows as string[][]
    expect(back[1]?.slice(0, 7)).toEqual([
      'B-3',
      '2025-06-10',
      '信访',
      '430811',
      '建筑业',
      '示例建筑',
      '已受理',
    ])
    const marked = [...(sheet?.cells ?? [])].flatMap(([at, cell]) => (cell.comment ? at : []))
    expect(marked).toEqual(['1,8'])
    const mended = back.map((line, y) => (y === 1 ? line.with(8, '50.00') : line))
    const again = await send(
      'arrears',
      Buffer.from((await writeXlsx({ sheets: [{ name: 'x', rows: mended }] })) as Uint8Array),
    )
    expect(again.body).toMatchObject({ received: 1, accepted: 1 })
    const [{ value }] = (await intake.server.get('/v1/distribution?measure=arrears.owed&region=430811')).rows
    expect(value).toBe('250.00')
  })

  test('an amount over several rows counts once, and the others are refused until each says its own', async () => {
    const rows = [ARREARS_HEAD, first('S-1', '430821'), row('S-2', '430821', null), row('S-3', '430821', 7)]
    const { body } = await send(
      'arrears',
      book(rows, ...['B', 'C', 'E', 'F', 'G'].map((column) => `${column}2:${column}4`), 'I2:I3'),
    )
    expect(body).toMatchObject({ received: 3, accepted: 2, rejected: 1 })
    expect(body.errors).toMatchObject([
      { row: 2, path: 'owed', code: 'merged_cell', message: expect.stringContaining('取消合并') },
    ])
    const [{ value }] = (await intake.server.get('/v1/distribution?measure=arrears.owed&region=430821')).rows
    expect(value).toBe('107.00')
    // Nothing is made up for it on the way back: sent again as it is it still lacks the amount.
    const sheet = await intake.ask(`/v1/batches/${body.batch}/errors.csv`)
    const csv = { headers: { 'content-type': 'text/csv' } }
    const again = await intake.post('arrears', sheet.text, csv)
    expect(again.body.errors).toMatchObject([{ row: 1, path: 'owed', code: 'required' }])
    const mended = sheet.text.replace(/^(S-2,.*?,4,),/m, '$150,')
    expect((await intake.post('arrears', mended, csv)).body).toMatchObject({ accepted: 1, rejected: 0 })
  })
})
