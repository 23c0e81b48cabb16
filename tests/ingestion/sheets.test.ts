import { readXlsx, writeXlsx } from 'hucre/xlsx'
import { describe, expect, test } from 'vitest'
import { KINDS, type Kind } from '#domain/signal.ts'
import { openIntake } from '../support/intake.ts'
import { arrears, idNumber, worker } from '../support/signals.ts'

const XLSX = { 'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' }
const CSV = { 'content-type': 'text/csv' }

const intake = openIntake()

const send = (kind: Kind, body: string | Uint8Array, headers: Record<string, string> = XLSX) =>
  intake.post(kind, body, { headers })
async function fetchBook(path: string, lang = 'zh') {
  const response = await fetch(`${intake.server.url}${path}`, {
    headers: { authorization: `Bearer ${intake.key}`, 'accept-language': lang },
  })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, XLSX['content-type']])
  return new Uint8Array(await response.arrayBuffer())
}
/** The first sheet with its texts, styles and notes. */
async function open(book: Uint8Array) {
  const [sheet] = (await readXlsx(book, { readStyles: true })).sheets
  if (!sheet) throw new Error('the workbook has no sheet')
  const cellAt = (row: number, title: string) => sheet.cells?.get(`${row},${sheet.rows[0]?.indexOf(title)}`)
  return { rows: sheet.rows as string[][], cellAt, sheet }
}
/** The sheet with some cells corrected, as a person would, saved again. */
async function corrected(book: Uint8Array, corrections: [row: number, title: string, value: string][]) {
  const { rows } = await open(book)
  for (const [row, title, value] of corrections) {
    const line = rows[row]
    const column = rows[0]?.indexOf(title) ?? -1
    if (!line || column < 0) throw new Error(`no ${title}`)
    line[column] = value
  }
  return (await writeXlsx({ sheets: [{ name: 'x', rows }] })) as Uint8Array
}

describe.each(KINDS)('the template of %s', (kind) => {
  test.each(['zh', 'en'])('in %s: its example row is read back and accepted', async (lang) => {
    const book = await fetchBook(`/v1/signals/${kind}/template.xlsx`, lang)
    const { body, text } = await send(kind, book)
    expect(body, text).toMatchObject({ received: 1, rejected: 0, errors: [] })
    const { sheet } = await open(book)
    expect(sheet.dataValidations?.length).toBeGreaterThan(0)
  })
})

describe('the sheet of rejected rows', () => {
  const HEAD = '序号,案件编号,观测时间,线索渠道,欠薪发生地,行业,用人单位,状态,涉及人数,尚欠金额,备注'
  const ROWS = [
    '1,R-1,2025-06-10,信访,430702,E,示例建筑,已受理,4,100.00,好的',
    '2,R-2,2025-06-10,信访,430702,E,=1+1,已受理,四,-5,+2',
    '3,R-3,2025-06-10,电话,430702,E,@sum,处置中,6,7.50,-9+9',
  ]

  test('comes back as it was sent, faulty cells marked and noted; corrected and sent again it is accepted', async () => {
    const sent = await send('arrears', [HEAD, ...ROWS].join('\n'), CSV)
    expect(sent.body).toMatchObject({ accepted: 1, rejected: 2 })
    const book = await fetchBook(`/v1/batches/${sent.body.batch}/errors.xlsx`)
    const { rows, cellAt } = await open(book)
    expect(rows[0]).toEqual([...HEAD.split(',').slice(1), '原因'])
    expect(rows.slice(1).map((row) => row.slice(0, 10))).toEqual(
      ROWS.slice(1).map((row) => row.replace(',E,', ',建筑业,').split(',').slice(1)),
    )
    expect(rows[1]?.[10]).toMatch(/涉及人数: .*尚欠金额: 不能为负数/)
    for (const [row, title] of [
      [1, '涉及人数'],
      [1, '尚欠金额'],
      [2, '线索渠道'],
    ] as const) {
      expect(cellAt(row, title)?.style?.fill, `${row} ${title}`).toMatchObject({ pattern: 'solid' })
      expect(cellAt(row, title)?.comment?.text, `${row} ${title}`).toBeTruthy()
    }
    expect(cellAt(1, '状态')?.style?.fill).toBeUndefined()
    const mended = await corrected(book, [
      [1, '涉及人数', '4'],
      [1, '尚欠金额', '5.00'],
      [2, '线索渠道', '信访'],
    ])
    const again = await send('arrears', mended)
    expect(again.body, again.text).toMatchObject({ received: 2, accepted: 2, rejected: 0 })
    const { rows: owed } = await intake.server.get('/v1/distribution?measure=arrears.owed&region=430702')
    expect(owed).toEqual([{ value: '112.50' }])
    const { rows: employers } = await intake.server.get(
      '/v1/distribution?measure=arrears.openCases&by=employer&region=430702',
    )
    expect(employers.map((row: any) => row.employer).toSorted()).toEqual(['=1+1', '@sum', '示例建筑'])
  })

  test('holds no formula, whatever a value begins with', async () => {
    const evil = ['=HYPERLINK("http://evil","x")', '+cmd|calc', '-1+1', '@sum(A1)', '\t=1', '\r=1']
    const rows = evil.map((name, i) => worker({ idNumber: idNumber(i + 20), name, status: 'gone' }))
    const sent = await send('workers', JSON.stringify(rows), { 'content-type': 'application/json' })
    expect(sent.body).toMatchObject({ rejected: evil.length })
    const { sheet } = await open(await fetchBook(`/v1/batches/${sent.body.batch}/errors.xlsx`))
    const cells = [...(sheet.cells?.values() ?? [])]
    expect(cells.filter((cell) => cell.formula !== undefined)).toEqual([])
    expect(cells.filter((cell) => typeof cell.value !== 'string' && cell.value !== null)).toEqual([])
  })

  test('of rows that came as JSON holds lists and homes by region so that they are read again', async () => {
    const homeRegions = [{ region: '430522', workers: 2 }]
    const row = arrears({ caseId: 'L', workRegion: '430703', workers: 3, status: 'gone', homeRegions })
    const sent = await send('arrears', JSON.stringify([row]), { 'content-type': 'application/json' })
    const book = await fetchBook(`/v1/batches/${sent.body.batch}/errors.xlsx`, 'en')
    const again = await send('arrears', await corrected(book, [[1, 'status', 'Reported']]))
    expect(again.body, again.text).toMatchObject({ accepted: 1 })
    const homes = await intake.server.get(
      '/v1/distribution?measure=arrears.workers&by=home.county&region=430703&role=work',
    )
    expect(homes.rows).toEqual([
      { 'home.county': '430522', value: 2 },
      { 'home.county': 'unknown', value: 1 },
    ])
  })

  test('of a workbook keeps its own titles and leaves out what was left out', async () => {
    const book = (await writeXlsx({
      sheets: [
        {
          name: '台账',
          rows: [['某县台账'], ['序号', '工单号', '欠薪金额（元）', '状态'], [1, 20250017, 12.5, '不明']],
        },
      ],
    })) as Uint8Array
    const sent = await send('arrears', book)
    expect(sent.status).toBe(422)
    const { rows } = await open(await fetchBook(`/v1/batches/${sent.body.batch}/errors.xlsx`))
    expect(rows[0]?.slice(0, 3)).toEqual(['工单号', '欠薪金额（元）', '状态'])
    expect(rows[1]?.slice(0, 3)).toEqual(['20250017', '12.5', '不明'])
  })

  test('marks the cells of columns that are no field, too', async () => {
    const sent = await send('arrears', `${HEAD},去向\n${ROWS[0]},外地`, CSV)
    const { cellAt } = await open(await fetchBook(`/v1/batches/${sent.body.batch}/errors.xlsx`))
    expect(cellAt(1, '去向')?.comment?.text).toContain('没有这个字段')
    expect(cellAt(1, '状态')?.comment).toBeUndefined()
  })

  test('of a ledger with running numbers and columns left out is read as that was, with what was said of it', async () => {
    const titles = `${HEAD.replace('备注', '还要说的')},内部编号`
    const columns = { 还要说的: 'note', 内部编号: null }
    const said = { 'xiangrong-columns': encodeURIComponent(JSON.stringify(columns)) }
    const sent = await send('arrears', `${titles}\n${ROWS[1]?.replace('R-2', 'R-9')},x`, { ...CSV, ...said })
    expect(sent.body).toMatchObject({ rejected: 1 })
    const book = await fetchBook(`/v1/batches/${sent.body.batch}/errors.xlsx`)
    const mended = await corrected(book, [
      [1, '涉及人数', '4'],
      [1, '尚欠金额', '5.00'],
    ])
    expect((await send('arrears', mended)).body).toMatchObject({ accepted: 1, rejected: 0 })
  })

  test('is not for others', async () => {
    const sent = await send('workers', JSON.stringify([worker({ status: 'gone' })]), {
      'content-type': 'application/json',
    })
    const other = await intake.server.createSource({ name: 'other' })
    const asked = await fetch(`${intake.server.url}/v1/batches/${sent.body.batch}/errors.xlsx`, {
      headers: { authorization: `Bearer ${other.key}` },
    })
    expect(asked.status).toBe(404)
  })
})
