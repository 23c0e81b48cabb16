import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { post, readCounts, replyOf } from '../support/post.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { workbook } from '../support/workbook.ts'

const CSV = { 'content-type': 'text/csv' }
const XLSX = { 'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' }

let server: TestServer
let source: { id: string; key: string }
beforeAll(async () => {
  server = await startServer()
  source = await server.createSource()
})
afterAll(() => server.stop())

const said = (columns: unknown) => ({ 'xiangrong-columns': encodeURIComponent(JSON.stringify(columns)) })
const send = (body: string, headers: Record<string, string> = {}, query = '') =>
  post(server, 'arrears', source.key, body, { query, headers: { ...CSV, ...headers } })
const ask = async (
  method: string,
  path: string,
  body?: string | Uint8Array,
  headers: Record<string, string> = {},
) =>
  replyOf(
    await fetch(`${server.url}/v1/signals/${path}`, {
      method,
      headers: { authorization: `Bearer ${source.key}`, ...headers },
      ...(body === undefined ? {} : { body: body as RequestInit['body'] }),
    }),
  )
const fieldsOf = (columns: any[]) =>
  Object.fromEntries(columns.map(({ title, field, how }) => [title, `${field} ${how}`]))

const VALUES = '信访,430102,E,示例建筑,已受理,4'
const KNOWN = '线索渠道,欠薪发生地,行业,用人单位,状态,涉及人数'
/** A ledger with a title for the amount that nobody can guess. */
const ledger = (amount: string, id: string) =>
  `编号,观测时间,${KNOWN},${amount}\n${id},2025-06-10,${VALUES},88.00\n`

test('a header that is said again is that of the same columns, whatever was chosen for them', async () => {
  const titles = `案件编号,观测时间,${KNOWN},尚欠金额,金额`
  const row = (id: string) => `${id},2025-06-10,${VALUES},88.00,5.00`
  const chosen = { 'xiangrong-columns': encodeURIComponent(JSON.stringify({ 金额: 'paid' })) }
  const body = [titles, row('H-1'), titles, row('H-2')].join('\n')
  const { body: answer } = await ask('POST', 'arrears', body, { ...CSV, ...chosen })
  expect(answer).toMatchObject({ accepted: 2, rejected: 0, leftOut: { count: 1 } })
})

describe('the field of each column', () => {
  test('is found by name, by title, without units and marks, or by what ledgers call it', async () => {
    const body = `caseId,Observed at,线索渠道*,欠薪发生地 (代码),行业类别,企业名称,办理状态,欠薪人数,拖欠金额（元）\nA,2025-06-10,${VALUES},1.00\n`
    const { body: seen } = await ask('POST', 'arrears/preview', body, CSV)
    expect(fieldsOf(seen.columns)).toEqual({
      caseId: 'caseId exact',
      'Observed at': 'observedAt exact',
      '线索渠道*': 'channel exact',
      '欠薪发生地 (代码)': 'workRegion normalised',
      行业类别: 'sector synonym',
      企业名称: 'employer synonym',
      办理状态: 'status synonym',
      欠薪人数: 'workers synonym',
      '拖欠金额（元）': 'owed synonym',
    })
    expect(seen.rows).toMatchObject([{ row: 1, faults: [] }])
  })

  test('is found where nobody sees what else its title holds', async () => {
    const titles = ['编号', '观测时间', ...KNOWN.split(','), '拖欠金额（元）'].map((title, i) =>
      i % 2 ? `${title}\u200b` : `\u202d${title.slice(0, 1)}\u2060${title.slice(1)}\u202c`,
    )
    const values = [
      'U',
      '2025-06-10\u200e',
      ...VALUES.replace('已受理', '已受\u200b理').split(','),
      '\u202d1.00\u202c',
    ]
    expect((await send(`${titles.join()}\n${values.join()}\n`)).body).toMatchObject({
      accepted: 1,
      rejected: 0,
    })
  })

  test('is unclear in many columns: some are named', async () => {
    const { body } = await send(`${Array(1_000).fill('欠薪金额').join()}\n1\n`)
    expect(body.detail).toMatch(/same field: 欠薪金额, 欠薪金额 \(2\), .* \(10\), …;/)
    expect(body.detail.length).toBeLessThan(300)
  })

  test('is unclear where two titles are as close: refused, and left open in the preview', async () => {
    const body = `案件编号,欠薪金额,拖欠金额\nA,1,2\n`
    const refused = await send(body)
    expect([refused.status, refused.body.detail]).toEqual([400, expect.stringMatching(/欠薪金额.*拖欠金额/)])
    const { body: seen } = await ask('POST', 'arrears/preview', body, CSV)
    expect(fieldsOf(seen.columns)).toMatchObject({ 欠薪金额: 'null ambiguous', 拖欠金额: 'null ambiguous' })
  })

  test('is named without the number of a person that stands in its title', async () => {
    const titles = ['应付 13900112233', '拖欠']
    const mapping = Object.fromEntries(titles.map((title) => [title, 'owed']))
    const { status, body } = await send(`案件编号,${titles.join()}\nA,1,2\n`, said(mapping))
    expect([status, body.detail]).toEqual([400, expect.stringContaining('应付 139****, 拖欠')])
    expect(JSON.stringify(body)).not.toContain('13900112233')
  })

  test('is kept, remembered and told without the number of a person in its title, and by its day', async () => {
    const [phoned, dated] = ['还差 139 0011 2233', '还差 2026-01-31']
    const body = ledger(`${phoned},${dated}`, 'K-1').replace('88.00', '88.00,77.00')
    const columns = { [phoned]: 'owed', [dated]: 'paid' }
    const { batch } = (await send(body.replace(',E,', ',?,'), said(columns))).body
    const sheet = await (
      await fetch(`${server.url}/v1/batches/${batch}/errors.csv`, {
        headers: { authorization: `Bearer ${source.key}` },
      })
    ).text()
    expect(sheet).toContain(`涉及人数,还差 139****,${dated},原因`)
    expect((await ask('GET', 'arrears/columns')).body.remembered[0]).toMatchObject({
      columns: { '还差 139****': 'owed', [dated]: 'paid' },
    })
    // The same header is read the same, as it came and as it went back.
    expect((await send(body)).body).toMatchObject({ accepted: 1 })
    expect((await send(sheet.replace(',?,', ',E,').replace('K-1', 'K-2'))).body).toMatchObject({
      accepted: 1,
    })
  })

  test.each([
    ['in its title', '拖欠金额（万元）', ''],
    ['above the header', '拖欠金额', '某县台账,,,,,,,,单位：万元\n'],
  ])(
    'is none where the sheet counts in 万元, said %s: no amount is taken for yuan',
    async (_, amount, above) => {
      const body = above + ledger(amount, 'U-1')
      for (const headers of [{}, said({ [amount]: 'owed' })]) {
        const { status, body: answer } = await send(body, headers)
        expect([status, answer.errors]).toEqual([
          422,
          [{ row: 1, path: amount, code: 'larger_unit', message: expect.stringContaining('换算') }],
        ])
      }
      const { body: seen } = await ask('POST', 'arrears/preview', body, CSV)
      expect(fieldsOf(seen.columns)).toMatchObject({ [amount]: 'null scaled', 涉及人数: 'workers exact' })
      // Left out, or beside a column in yuan, it stands in nobody's way.
      const both = above + ledger(`拖欠金额（元）,${amount}`, `U-${amount}`).replace('88.00', '88.00,0.0088')
      expect((await send(both, said({ [amount]: null }))).body).toMatchObject({ accepted: 1 })
    },
  )

  test('is said of each of two columns of one title, and of both where the first is left out', async () => {
    const ledgerOf = (title: string, id: string) =>
      ledger(`${title},${title}`, id).replace('88.00', '88.00,99.00')
    const body = ledgerOf('尚欠金额', 'D-1')
    expect((await send(body)).body.detail).toContain('same field: 尚欠金额 (2)')
    const { body: seen } = await ask('POST', 'arrears/preview', body, CSV)
    expect(fieldsOf(seen.columns)).toMatchObject({
      尚欠金额: 'owed exact',
      '尚欠金额 (2)': 'null ambiguous',
    })
    expect((await send(body, said({ 尚欠金额: null }))).body.errors).toMatchObject([
      { path: 'owed', code: 'required' },
    ])
    const second = said({ 尚欠金额: 'note', '尚欠金额 (2)': 'owed' })
    expect((await send(body, second)).body).toMatchObject({ accepted: 1 })
    // As a further column it counts in no smaller unit.
    const scaled = said({ 欠薪万元: null, '欠薪万元 (2)': 'owed' })
    expect((await send(ledgerOf('欠薪万元', 'D-2'), scaled)).body.errors).toMatchObject([
      { path: '欠薪万元 (2)', code: 'larger_unit' },
    ])
  })

  test('can be given; then it is remembered for the same header, and only for that one and this source', async () => {
    expect((await send(ledger('还差多少', 'G-1'))).body.errors).toMatchObject(
      [
        { code: 'required', path: 'owed' },
        { code: 'unknown_field', path: '还差多少' },
      ].toSorted(),
    )
    const trial = await send(ledger('还差多少', 'G-1'), said({ 还差多少: 'owed' }), '?mode=validate')
    expect(trial.body).toMatchObject({ accepted: 1 })
    expect((await send(ledger('还差多少', 'G-1'))).status).toBe(422)
    expect((await send(ledger('还差多少', 'G-1'), said({ 还差多少: 'owed' }))).body).toMatchObject({
      accepted: 1,
    })
    expect((await send(ledger('还差多少', 'G-2'))).body).toMatchObject({ accepted: 1 })
    expect((await send(`备注,${ledger('还差多少', 'G-3').replace('\n', '\n,')}`)).status).toBe(422)
    const other = await server.createSource({ name: 'other' })
    expect(
      (await post(server, 'arrears', other.key, ledger('还差多少', 'G-4'), { headers: CSV })).status,
    ).toBe(422)
  })

  test('is remembered for the same title however it is written, and said anew instead of beside', async () => {
    const first = await send(ledger('还差 Rmb(元)', 'R-1'), said({ '还差 Rmb(元)': 'owed' }))
    expect(first.body).toMatchObject({ accepted: 1 })
    // Full-width brackets, other case, the mark of a column that must be filled, reasons beside it.
    for (const [i, title] of ['还差 RMB（元）', ' 还差 rmb(元) *', '还差 Rmb（元）*,原因*'].entries()) {
      const { body: seen } = await ask('POST', 'arrears/preview', ledger(title, `R-2-${i}`), CSV)
      expect(seen.columns[8]).toEqual({
        title: title.split(',')[0]?.trim(),
        field: 'owed',
        how: 'remembered',
      })
    }
    await send(ledger('还差 RMB（元）*', 'R-3'), said({ '还差 RMB（元）*': 'paid' }))
    const { body: seen } = await ask('POST', 'arrears/preview', ledger('还差 Rmb(元)', 'R-4'), CSV)
    expect(seen.columns[8]).toMatchObject({ field: 'paid', how: 'remembered' })
    const { remembered } = (await ask('GET', 'arrears/columns')).body
    expect(remembered.filter(({ titles }: any) => /rmb/i.test(titles.at(-1)))).toMatchObject([
      { columns: { '还差 RMB（元）*': 'paid' } },
    ])
  })

  test('can be said beforehand, changed, and asked for; null leaves a column out', async () => {
    const titles = ['编号', '观测时间', ...KNOWN.split(','), '应补']
    const put = (columns: object) =>
      ask('PUT', 'arrears/columns', JSON.stringify({ titles, columns }), {
        'content-type': 'application/json',
      })
    expect(fieldsOf((await put({ 应补: 'paid' })).body.columns)).toMatchObject({
      应补: 'paid given',
      编号: 'caseId synonym',
    })
    await put({ 应补: 'owed' })
    expect((await send(ledger('应补', 'P-1'))).body).toMatchObject({ accepted: 1 })
    const { remembered } = (await ask('GET', 'arrears/columns')).body
    expect(remembered[0]).toMatchObject({ titles, columns: { 应补: 'owed' } })
    expect((await send(ledger('应补', 'P-2'), said({ 应补: null }))).body.errors).toMatchObject([
      { path: 'owed', code: 'required' },
    ])
  })

  test.each([
    ['a field that is none', said({ 还差多少: 'nothing' }), /no field nothing/],
    ['no JSON', { 'xiangrong-columns': '%7B' }, /percent-encoded/],
    ['a broken escape', { 'xiangrong-columns': '%' }, /percent-encoded/],
    [
      'two columns for one field',
      said({ 还差多少: 'owed', 涉及人数: 'owed' }),
      /same field: 涉及人数.*还差多少/,
    ],
  ])('given wrong: %s', async (_, headers, says) => {
    const { status, body } = await send(ledger('还差多少', 'W'), headers)
    expect([status, body.detail]).toEqual([400, expect.stringMatching(says)])
  })
})

describe('hidden and filtered rows of a workbook', () => {
  const titles = `案件编号,观测时间,${KNOWN},尚欠金额`.split(',')
  const book = (id: string) => {
    const row = (i: number) => [`${id}-${i}`, '2025-06-10', ...VALUES.split(','), '88.00']
    return workbook([
      { name: 'Sheet1', rows: [['台账'], titles, row(1), row(2), [], row(3)], hidden: [1, 4, 5, 6] },
    ])
  }

  test('are counted in the preview, and taken unless they are to be left out', async () => {
    const { body: seen } = await ask('POST', 'arrears/preview', book('Y'), XLSX)
    expect([seen.hiddenRows, seen.rows.map(({ values }: any) => values[0])]).toEqual([
      3,
      ['Y-1', 'Y-2', 'Y-3'],
    ])
    const { body: fewer } = await ask('POST', 'arrears/preview?hiddenRows=leaveOut', book('Y'), XLSX)
    expect([fewer.hiddenRows, fewer.rows.map(({ values }: any) => values[0])]).toEqual([3, ['Y-1']])
    expect(fewer.leftOut).toEqual({
      count: 2,
      lines: [
        { row: 2, why: 'hidden' },
        { row: 4, why: 'hidden' },
      ],
    })
    expect((await ask('POST', 'arrears', book('Y'), XLSX)).body).toMatchObject({ accepted: 3 })
    const left = await ask('POST', 'arrears?hiddenRows=leaveOut', book('Z'), XLSX)
    expect(left.body).toMatchObject({ accepted: 1, leftOut: { count: 2 } })
    expect((await ask('POST', 'arrears?hiddenRows=no', book('Z'), XLSX)).status).toBe(400)
  })

  test('are left out too where the file waits for its turn', async () => {
    const asked = { ...XLSX, prefer: 'respond-async' }
    const { body } = await ask('POST', 'arrears?hiddenRows=leaveOut', book('W'), asked)
    const headers = { authorization: `Bearer ${source.key}` }
    const look = async () =>
      (await replyOf(await fetch(`${server.url}/v1/batches/${body.batch}`, { headers }))).body
    await waitFor(async () => (await look()).state === 'done')
    expect(await look()).toMatchObject({ accepted: 1, leftOut: { count: 2 } })
  })

  test('of a sheet that is no workbook there are none', async () => {
    expect((await ask('POST', 'arrears/preview', ledger('尚欠金额', 'V'), CSV)).body.hiddenRows).toBe(0)
  })
})

describe('a preview', () => {
  test('says what is read where that is not what stands in the cell', async () => {
    const body = `案件编号,观测时间,${KNOWN},尚欠金额（元）\nP-1,3月5日,信访,430102,E,示例建筑,正在办理,4,1.2万\nP-2,2025-03-05,信访,430102,E,示例建筑,处置中,4,88元\n`
    const { body: seen } = await ask('POST', 'arrears/preview', `2025年台账\n${body}`, CSV)
    expect(seen.rows.map(({ read }: any) => read)).toEqual([
      [
        { column: 1, value: '2025-03-05' },
        { column: 6, value: '处置中' },
        { column: 8, value: '12000元' },
      ],
      [],
    ])
  })

  test('shows the first 20 rows judged, in order, and keeps nothing but the file itself', async () => {
    const before = await readCounts(server)
    const batches = await batchesOf()
    const line = (i: number) => `V-${i},2025-06-10,${VALUES},${i === 3 ? '-5' : '5'}`
    const body = `案件编号,观测时间,${KNOWN},尚欠金额\n${Array.from({ length: 300 }, (_, i) => line(i + 1)).join('\n')}`
    const { body: seen } = await ask('POST', 'arrears/preview', body, { ...CSV, 'accept-language': 'en' })
    expect(seen.rows.map((row: any) => row.row)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect(seen.rows[2]).toEqual({
      row: 3,
      read: [],
      values: ['V-3', '2025-06-10', ...VALUES.split(','), '-5'],
      faults: [{ path: 'owed', code: 'negative', message: 'Must not be negative' }],
    })
    expect(seen.rows.filter((row: any) => row.faults.length > 0)).toHaveLength(1)
    expect(await readCounts(server)).toEqual(before)
    expect(await batchesOf()).toEqual(batches)
    const taken = await ask('POST', 'arrears', undefined, { 'xiangrong-file': seen.file })
    expect(taken.body).toMatchObject({ received: 300, accepted: 299 })
  })

  test('of a workbook names its sheets and shows dates as they are read', async () => {
    const rows = [
      ['某县台账'],
      ['编号', '登记日期', '欠薪地'],
      ['X', { style: 0, inner: '<v>45818</v>' }, 430102],
    ]
    const body = workbook(
      [
        { name: '甲', rows },
        { name: '乙', rows: [['z']] },
      ],
      { formats: ['m/d/yy'] },
    )
    const { body: seen } = await ask('POST', 'arrears/preview', new Uint8Array(body), XLSX)
    expect(seen).toMatchObject({
      sheets: ['甲', '乙'],
      headerRow: 2,
      rows: [{ values: ['X', '2025-06-10', '430102'] }],
    })
  })

  test('of JSON names the fields of its rows', async () => {
    const { body: seen } = await ask('POST', 'arrears/preview', '[{"caseId":"J","owed":7,"wrong":true}]', {
      'content-type': 'application/json',
    })
    expect(fieldsOf(seen.columns)).toEqual({
      caseId: 'caseId exact',
      owed: 'owed exact',
      wrong: 'null unknown',
    })
    expect(seen.rows[0].values).toEqual(['J', '7', 'true'])
  })

  const batchesOf = async () =>
    (
      await replyOf(
        await fetch(`${server.url}/v1/sources/${source.id}/batches`, {
          headers: { authorization: `Bearer ${source.key}` },
        }),
      )
    ).body.batches.length
})
