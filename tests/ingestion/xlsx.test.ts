import { describe, expect, test, vi } from 'vitest'
import { openIntake } from '../support/intake.ts'
import type { Sent } from '../support/post.ts'
import { idNumber } from '../support/signals.ts'
import { ARREARS_HEAD, shown, type TestCell, type TestSheet, workbook } from '../support/workbook.ts'

const XLSX = {
  headers: { 'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
}
/** Days from 1899-12-30 to 2025-06-10. */
const SERIAL = 45_818
const NINE_THIRTY = 9.5 / 24

const intake = openIntake()

const send = (kind: string, body: Uint8Array, sent: Sent = {}) =>
  intake.post(kind, body, { ...XLSX, ...sent })
const preview = (kind: string, body: Buffer, query = '') =>
  intake.post(`${kind}/preview`, new Uint8Array(body), { ...XLSX, query })

let cases = 0
/** A line of an arrears ledger of a case of its own. */
const line = (region: TestCell, over: Partial<Record<string, TestCell>> = {}): TestCell[] => {
  const cells: Record<string, TestCell> = {
    案件编号: `案-${++cases}`,
    观测时间: '2025-06-10 09:30',
    线索渠道: '12345热线',
    欠薪发生地: region,
    行业: 'E',
    用人单位: '示例建筑',
    状态: '已受理',
    涉及人数: 4,
    尚欠金额: 100.5,
    ...(over as Record<string, TestCell>),
  }
  return ARREARS_HEAD.map((title) => cells[title] ?? null)
}
/** What is owed in a region, at an instant or now; `undefined` where nobody reported. */
const owed = async (region: string, at = ''): Promise<string | undefined> => {
  const query = at ? `&at=${encodeURIComponent(at)}` : ''
  return (await intake.server.get(`/v1/distribution?measure=arrears.owed&region=${region}${query}`)).rows[0]
    ?.value
}
const taken = (rows: number) => ({ received: rows, accepted: rows, rejected: 0 })

describe('which sheet, and where its table begins', () => {
  const sheets: TestSheet[] = [
    { name: '选项', state: 'hidden', rows: [['甲'], ['乙']] },
    { name: '六月', rows: [ARREARS_HEAD, line('430102')] },
    { name: '七月 & 其他', rows: [ARREARS_HEAD, line('430103'), line('430103')] },
  ]

  test('the first that is not hidden, or the one that is named', async () => {
    const first = (await send('arrears', workbook(sheets))).body
    expect(first).toMatchObject(taken(1))
    expect(first.leftOut).toEqual({ count: 0, lines: [], sheets: ['七月 & 其他'] })
    expect(await owed('430103')).toBeUndefined()
    const name = encodeURIComponent('七月 & 其他')
    const headers = { ...XLSX.headers, 'xiangrong-sheet': name }
    const named = (await send('arrears', workbook(sheets), { headers })).body
    expect(named).toMatchObject(taken(2))
    expect(named.leftOut).toBeUndefined()
    expect(await owed('430103')).toBe('201.00')
    // In the address, as it was said at first.
    const query = `?sheet=${name}`
    expect((await send('arrears', workbook(sheets), { query })).body).toMatchObject({ unchanged: 2 })
    expect((await send('arrears', workbook(sheets), { headers, query })).status).toBe(400)
    for (const wrong of ['%', 'x'.repeat(101)])
      expect(
        (await send('arrears', workbook(sheets), { headers: { ...headers, 'xiangrong-sheet': wrong } }))
          .status,
      ).toBe(400)
  })

  test('the sheets that were not read are told with the batch, a number of a person in their names masked', async () => {
    const rows = [ARREARS_HEAD, line('430181')]
    const body = workbook(['台账', '张三13800138000', '三季度'].map((name) => ({ name, rows })))
    const sheets = ['张三138****', '三季度']
    expect((await preview('arrears', body)).body.leftOut.sheets).toEqual(sheets)
    const { batch } = (await send('arrears', body)).body
    expect((await intake.ask(`/v1/batches/${batch}`)).body.leftOut).toEqual({ count: 0, lines: [], sheets })
    const refused = await send('arrears', body, { query: '?sheet=x' })
    expect(refused.body.detail).toBe(`there is no such sheet; this file has 台账, ${sheets.join(', ')}`)
    const headers = { ...XLSX.headers, prefer: 'respond-async' }
    const later = (await send('arrears', body, { headers })).body.batch
    await vi.waitFor(async () => {
      const { state, leftOut } = (await intake.ask(`/v1/batches/${later}`)).body
      expect([state, leftOut.sheets]).toEqual(['done', sheets])
    })
  })

  test('a name that is none is refused with those that are', async () => {
    const { status, body } = await send('arrears', workbook(sheets), { query: '?sheet=x' })
    expect([status, body.detail]).toEqual([400, expect.stringContaining('六月, 七月 & 其他')])
  })

  test('titles over the table, merged or not, are passed over; rows count from the header', async () => {
    const rows = [
      ['某市欠薪案件台账', ...ARREARS_HEAD.slice(1).map(() => null)],
      ['填报单位：某局', null, '2025年6月'],
      [],
      ARREARS_HEAD,
      line('430104'),
      line('430104', { 涉及人数: '四' }),
    ]
    const body = workbook([
      { name: '台账', rows, after: '<mergeCells><mergeCell ref="A1:I1"/></mergeCells>' },
    ])
    const sent = await send('arrears', body)
    expect(sent.body).toMatchObject({ received: 2, accepted: 1, rejected: 1 })
    expect(sent.body.errors).toMatchObject([{ row: 2, path: 'workers' }])
    expect((await preview('arrears', body)).body).toMatchObject({ headerRow: 4, sheets: ['台账'] })
  })

  test('a header of two lines: groups above, columns below', async () => {
    const two = [
      ARREARS_HEAD.map((title, i) => (i < 7 ? title : i === 7 ? '欠薪情况' : null)),
      ARREARS_HEAD.map((title, i) => (i < 7 ? null : title)),
    ]
    expect((await send('arrears', workbook([...two, line('430105')]))).body).toMatchObject(taken(1))
    expect(await owed('430105')).toBe('100.50')
  })

  test('running numbers, hidden columns, blank lines and blank cells at the end do no harm', async () => {
    const rows = [
      ['序号', ...ARREARS_HEAD, null, null],
      [1, ...line('430111'), '', '  '],
      [],
      [2, ...line('430111'), null, { inner: '' }],
      [],
      [null, ''],
    ]
    const body = workbook([{ name: 'A', rows, before: '<cols><col min="2" max="4" hidden="1"/></cols>' }])
    expect((await send('arrears', body)).body).toMatchObject(taken(2))
    expect(await owed('430111')).toBe('201.00')
  })
})

describe('what a cell holds', () => {
  test.each([
    ['a serial in a date format', shown(SERIAL + NINE_THIRTY, 0), false],
    ['a serial in a format of China', shown(SERIAL + NINE_THIRTY, 1), false],
    ['a serial that counts from 1904', shown(SERIAL + NINE_THIRTY - 1_462, 0), true],
    ['a bare serial', SERIAL + NINE_THIRTY, false],
    ['a text', '2025年6月10日 9:30', false],
    ['a text with full-width digits', '２０２５-０６-１０ ０９:３０', false],
    ['an ISO date cell', { type: 'd', inner: '<v>2025-06-10T09:30:00</v>' } as TestCell, false],
  ])('a time as %s', async (_, cell, is1904) => {
    const region = `4302${['02', '03', '04', '11', '12', '23', '24'][times++]}`
    const formats = ['yyyy\\-mm\\-dd\\ hh:mm', '[$-804]yyyy"年"m"月"d"日"\\ h:mm;@']
    const sent = await send(
      'arrears',
      workbook([ARREARS_HEAD, line(region, { 观测时间: cell })], { formats, is1904 }),
    )
    expect(sent.body, sent.text).toMatchObject(taken(1))
    expect(await owed(region, '2025-06-10T09:29:00+08:00')).toBeUndefined()
    expect(await owed(region, '2025-06-10T09:31:00+08:00')).toBe('100.50')
  })
  let times = 0

  test('numbers as texts and texts as numbers, full-width digits, separators', async () => {
    const rows = [
      line('430302', { 涉及人数: '４', 尚欠金额: '１，２３４．５０' }),
      line(430302, { 案件编号: 20250001, 涉及人数: '1,200', 尚欠金额: '1,000' }),
      line('４３０３０２', { 涉及人数: '7.0', 尚欠金额: 0.1 + 0.2 }),
    ]
    const sent = await send('arrears', workbook([ARREARS_HEAD, ...rows]))
    expect(sent.body, sent.text).toMatchObject(taken(3))
    expect(await owed('430302')).toBe('2234.80')
  })

  test('amounts, counts and days with their unit, or as eight digits', async () => {
    const rows = [
      line('430382', { 观测时间: '20250610', 涉及人数: '５人', 尚欠金额: '￥1,200.5' }),
      line('430382', { 观测时间: 20250610, 涉及人数: 3, 尚欠金额: '800元' }),
      line('430382', { 观测时间: '20250640', 涉及人数: '3万人', 尚欠金额: '约8万元' }),
      // From where a comma stands for the point.
      line('430382', { 涉及人数: '1,5', 尚欠金额: '512000,00' }),
    ]
    const { body } = await send('arrears', workbook([ARREARS_HEAD, ...rows]))
    expect(body).toMatchObject({ accepted: 2, rejected: 2 })
    expect(body.errors.map(({ row, path, code }: any) => `${row} ${path} ${code}`).toSorted()).toEqual([
      '3 observedAt wrong_format',
      '3 owed wrong_format',
      '3 workers wrong_type',
      '4 owed wrong_format',
      '4 workers wrong_type',
    ])
    expect(body.errors[0].message).not.toContain('number')
    expect(await owed('430382', '2025-06-10T00:00:01+08:00')).toBe('2000.50')
  })

  test('a formula counts as the value that was saved with it, and is never run', async () => {
    const formula = { inner: '<f>WEBSERVICE("http://127.0.0.1:1/")</f><v>55</v>' }
    const text = { type: 'str', inner: '<f>"示例"&amp;"建筑"</f><v>示例建筑</v>' }
    const error = { type: 'e', inner: '<f>1/0</f><v>#DIV/0!</v>' }
    const rows = [line('430304', { 尚欠金额: formula, 用人单位: text }), line('430304', { 尚欠金额: error })]
    const { body } = await send('arrears', workbook([ARREARS_HEAD, ...rows]))
    expect(body).toMatchObject({ accepted: 1, rejected: 1 })
    expect(body.errors).toMatchObject([{ row: 2, path: 'owed', code: 'cell_error' }])
    expect(await owed('430304')).toBe('55.00')
  })

  test('an ID number that is held as a number has lost digits: the fault says what to do', async () => {
    const head = ['姓名', '身份证号', '户籍地', '状态', '观测时间']
    const row = (id: TestCell) => ['测试甲', id, '430522', '在岗', '2025-06-10']
    const { body, text } = await send(
      'workers',
      workbook([head, row(Number(idNumber(5))), row(idNumber(6)), row(`${idNumber(7)} `)]),
    )
    expect(body, text).toMatchObject({ received: 3, accepted: 2, rejected: 1 })
    expect(body.errors).toMatchObject([
      { row: 1, path: 'idNumber', code: 'digits_lost', message: expect.stringContaining('文本') },
    ])
    expect(text).not.toContain(idNumber(5).slice(0, 14))
  })

  test('what values are called is taken for their codes, in Chinese and in English', async () => {
    const rows = [
      line('430381', { 状态: '处置中', 线索渠道: '信访' }),
      line('430381', { 状态: 'Verified', 线索渠道: 'hotline12333', 行业: 'e' }),
      line('430381', { 状态: '已办', 线索渠道: '信访' }),
    ]
    const { body } = await send('arrears', workbook([ARREARS_HEAD, ...rows]))
    expect(body).toMatchObject({ accepted: 2, rejected: 1 })
    expect(body.errors).toMatchObject([{ row: 3, path: 'status', code: 'unclear_value' }])
    expect(body.errors[0].message).toContain('已办结 (settled)')
    const { rows: byStatus } = await intake.server.get(
      '/v1/distribution?measure=arrears.openCases&by=status&region=430381',
    )
    expect(byStatus.map((row: any) => row.status).toSorted()).toEqual(['processing', 'verified'])
  })

  test('months, days, truth and lists of a monitoring point and a worker', async () => {
    const head = ['监测点编号', '报告期', '观测时间', '所在地', '行业', '在岗人数', '已停工']
    const points = workbook(
      [
        head,
        ['P-1', shown(SERIAL, 0), shown(SERIAL, 1), '430321', 'C', 1200, false],
        ['P-2', '2025年6月', '2025/6/10', '430321', 'C', 300, '否'],
      ],
      { formats: ['yyyy"年"m"月"', 'yyyy/m/d'] },
    )
    const shownRows = (await preview('industry', points)).body.rows
    expect(shownRows.map((row: any) => row.faults)).toEqual([[], []])
    expect(shownRows[0].values.slice(0, 3)).toEqual(['P-1', '2025-06', '2025-06-10'])
    expect((await send('industry', points)).body).toMatchObject(taken(2))
  })
})
