import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldsOf, KINDS, type Kind } from '#domain/signal.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { SIGNAL_EXAMPLES } from '../../ingestion/examples.ts'
import { readCell } from '../../ingestion/formats/cell.ts'
import { whyLeftOutFor } from '../../ingestion/formats/left-out.ts'
import { readRows } from '../../ingestion/formats/rows.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { openIntake } from '../support/intake.ts'
import { waitFor } from '../support/server.ts'
import { ARREARS_HEAD, workbook } from '../support/workbook.ts'

const CSV = { 'content-type': 'text/csv' }
const XLSX = { 'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' }

/** What is read of a CSV: the texts of the first column, by row, and the lines that were left out. */
function read(kind: Kind, lines: string[]) {
  const options = { kind, sheet: null, given: null, remembered: new Map() }
  const { rows, table } = readRows('csv', Buffer.from(`${lines.join('\r\n')}\r\n`), options)
  return { rows: [...rows].map(({ row }) => row), leftOut: table?.leftOut }
}

describe('a line that is no row', () => {
  const HEAD = '序号,姓名,身份证号,联系电话,户籍地,状态,月工资,采集时间'
  const ROW = '1,示例甲,430503199001011234,,430503,在岗,6200,2026-10-01'
  test.each([
    ['合计,,,,,,,', 'total'],
    ['合　 计,12人,,,,,"74,400.00",', 'total'],
    [',本页小计：,,,,,74400,', 'total'],
    ['总计（元）,,-,-,-,-,74400,', 'total'],
    ['合计：12人，74400元,,,,,,', 'total'],
    ['Grand Total,,,,,,74400,', 'total'],
    ['Sub-total:,,,,,,74400,', 'total'],
    ['填表人：张三    审核人：李四    制表日期：2026年11月1日,,,,,,,', 'signature'],
    ['填表人：,张三,审核人：,李四,单位负责人（签字）：,王五,,', 'signature'],
    ['制 表 日 期：2026-11-01,,,,,,,', 'signature'],
    [',单位负责人（签字）,,,,,,', 'signature'],
    ['单位（盖章）：,,,,,,,', 'signature'],
    ['Prepared by: Zhang San,,,Checked by: Li Si,,,,', 'signature'],
    ['注：1.本表一式三份；2.月工资为应发数。,,,,,,,', 'note'],
    [`备注：${'本表由各乡镇汇总，'.repeat(30)},,,,,,,`, 'note'],
    ['备注,以上为十月数据,,,,,,', 'note'],
    ['Note: wages are gross,,,,,,,', 'note'],
    ['合计,,,,,,,2026-10-31', 'total'],
    ['合计,12人,-,,,,74400,2026-10-31', 'total'],
    ['填表人：,张三,审核人：,李四,,,,2026-11-01', 'signature'],
    ['填表人 张三,,,,,,,', 'signature'],
    ['填 表 人　张三　　审 核 人　李 四　　日期 2026年11月1日,,,,,,,', 'signature'],
    ['单位负责人（签字） 阿依·古丽 填表人：张三,,,,,,,', 'signature'],
    ['填表人 张三 联系电话 0731-82212345,,审核人 李四,,,,,2026/11/1', 'signature'],
    ['Prepared by Zhang San  Approved by Li Si,,,,,,,', 'signature'],
    ['联系电话：0731-82212345,,,,,,,', 'signature'],
    ['注：2026年3月统计,,,,,,,', 'note'],
    ['注：,2026年3月统计,,,,,,', 'note'],
    [',,,,,,,注：2026年3月统计', 'note'],
    ['注：略,,,,,,,2026-11-01', 'note'],
    ['备注,,,,,,,2026年11月1日', 'note'],
    ['说明：月工资为应发数,,,,,,,', 'note'],
    ['备注 以上为十月数据,,,,,,,', 'note'],
    ['以上数据由各乡镇汇总,,,,,,,', 'note'],
    [',本表一式三份,,,,,,2026-11-01', 'note'],
    [',,,,,,,以上数据截至2026年3月31日', 'note'],
    ['数据截至 2026 年 3 月 31 日,,,,,,,', 'note'],
    ['资料来源：各县人社局,,,,,,,', 'note'],
    ['The above was collected by the townships,,,,,,,', 'note'],
    ['\u200b注\u2060：2026年3月统计,,,,,,,', 'note'],
    ['合\u200b计,,,,,,74400,', 'total'],
    ['填表人\u200b 张三,,,,,,,', 'signature'],
    ['2,,,,,,,', 'serial'],
    ['２、, ,,,,,,', 'serial'],
    [HEAD, 'header'],
    [HEAD.replaceAll(',', '*, '), 'header'],
  ])('is left out: %s', (line, why) => {
    expect(read('workers', [HEAD, ROW, line])).toEqual({
      rows: [1],
      leftOut: { count: 1, lines: [{ row: 2, why }] },
    })
  })

  test.each([
    ['a worker of that name', ',总计,430503199001011234,,430503,在岗,,2026-10-01'],
    ['one whose other cells wait to be filled', ',总计,430503199001011234,,,,,'],
    ['one of whom only the phone is known', ',小计,,13800000000,,,,'],
    ['a dated total that speaks of a place', '合计,,,,430503,,,2026-10-31'],
    ['a dated signature beside a person', '填表人：,张三,430503199001011234,,,,,2026-11-01'],
    ['a dated note beside a person', '注：略,张三,,,,,,2026-11-01'],
    ['a dated note beside an amount', '备注,,,,,,6200,2026-11-01'],
    ['a remark beside a person', '以上数据由各乡镇汇总,张三,,,,,,'],
    ['a remark beside an amount', '备注 略,,,,,,6200,'],
    ['a sentence without a note before it', '月工资为应发数，不含补贴。,,,,,,,'],
    ['numbers that are not right below the titles', '1,2,3,4,5,6,7,8'],
    ['a name after a word that goes on', '会计 事务所有限公司,,,,,,,'],
    ['a word, a name and more', '负责人 张三 借调至县城建投公司,,,,,,,'],
    ['a number without a note before it', '2、本表一式三份,,,,,,,'],
    ['nearly the header', HEAD.replace('状态', '状况')],
    ['a word that goes on', '合计工程有限公司,,,,,,,'],
    ['a word behind another cell', '13,合计,,,,,74400,'],
    ['an employer after a word', '备注：,张三,430503199001011234,,430503,在岗,,2026-10-01'],
    ['a total that speaks of a place', '合计,,,,430503,,74400,'],
    ['a name', ',张三,,,,,,'],
    ['a running number with a day', '2,,,,,,,2026-10-01'],
    ['a running number and no number', '二组,,,,,,,'],
    ['a number elsewhere', ',,,,,,2,'],
  ])('is not: %s', (_, line) => {
    expect(read('workers', [HEAD, ROW, line])).toEqual({ rows: [1, 2], leftOut: { count: 0, lines: [] } })
  })

  test('is one of a note that goes on below it, as long as nothing else stands there', () => {
    const note = [
      '注：1、本表一式三份。',
      '2、月工资为应发数。',
      '（3）采集时间以签字为准',
      '④略',
      '五、另见附表',
      '外出务工人员以户籍地统计，不含本县务工者。',
      'Wages are gross.',
    ]
    const lines = note.map((text) => `${text},,,,,,,`)
    const after = ['6、示例乙,,,13800000000,,,,', '7、略,,,,,,,', '2.5,,,,,,,', ',8.,,,,,,']
    expect(read('workers', [HEAD, ROW, ...lines, ...after])).toEqual({
      rows: [1, 9, 10, 11, 12],
      leftOut: { count: 7, lines: note.map((_, i) => ({ row: i + 2, why: 'note' })) },
    })
    const ended = ['注：略,,,,,,,', '2.5,,,,,,,', '3、略,,,,,,,', '注：略,,,,,,,', ',8.,,,,,,']
    expect(read('workers', [HEAD, ...ended]).rows).toEqual([2, 3, 5])
  })

  test.each([
    '1,2,3,4,5,6,7,8',
    ',(1),(2),(3),(4),(5),(6),(7)',
    '（1）,（2）,（3）,（4）,（5）,（6）,（7）,（8）',
    '①,②,③,④,⑤,⑥,⑦,⑧',
    '栏次,1,2,3,4,5,6,7',
    '甲,乙,丙,丁,1,2,3=1+2,4',
    'A,B,—,1,2,3,(4)=(2)/(1)×100%,',
    '栏\u200b次,1,2,3\u200b,4,5,6,7',
  ])('is one that numbers the columns below their titles, in each block: %s', (numbers) => {
    expect(read('workers', [HEAD, numbers, ROW, HEAD, numbers, ROW])).toEqual({
      rows: [2, 5],
      leftOut: { count: 3, lines: [1, 3, 4].map((row) => ({ row, why: row === 3 ? 'header' : 'numbers' })) },
    })
  })

  test.each([
    ['the first row, of which only three cells are filled', '1,2,4,,,,,'],
    ['a first row of figures', '1,2,,,,,,'],
    ['a first row with its time', '1,2,3,4,5,6,7,2026-10-01'],
    ['a running number and a name', '1,张三,,,,,,'],
    ['numbers that do not begin with 1', '2,3,4,5,6,7,8,9'],
  ])('is not, below the titles: %s', (_, line) => {
    expect(read('workers', [HEAD, line])).toEqual({ rows: [1], leftOut: { count: 0, lines: [] } })
  })

  test('is one that numbers the columns where a workbook holds numbers', async () => {
    const columns = fieldsOf('industry').map(({ key }) => ({ title: key, field: key, how: 'exact' as const }))
    const whyLeftOut = whyLeftOutFor('industry', columns, [])
    expect(whyLeftOut(columns.map((_, i) => ({ number: i + 1, iso: null, format: null })))).toBe('numbers')
  })

  test('is one of the heads of a block, of which the header may have two lines and a title above', () => {
    const head = ['某县台账,,,,,,,', '序号,姓名,证件,,户籍地,状态,月工资,采集时间', ',,身份证号,联系电话,,,,']
    const { rows, leftOut } = read('workers', [...head, ROW, ...head, ROW, head[1] ?? '', ROW])
    expect(rows).toEqual([1, 5, 7])
    expect(leftOut?.lines).toEqual([2, 3, 4, 6].map((row) => ({ row, why: 'header' })))
    // A title without a digit is no time; one with a digit may be.
    for (const [title, rows] of [
      ['甲', [2]],
      ['２０２６年', [1, 2]],
      ['2026-10-01', [1, 2]],
    ] as const) {
      const lines = [
        `${title},姓名,身份证号`,
        `${title},姓名,身份证号`,
        '2026-10-01,示例甲,430503199001011234',
      ]
      const options = {
        ...{ kind: 'workers' as const, sheet: null, remembered: new Map() },
        given: { [title]: 'observedAt' },
      }
      const table = readRows('csv', Buffer.from(lines.join('\n')), options)
      expect([...table.rows].map(({ row }) => row)).toEqual(rows)
    }
  })

  test('is not a row that has all it must have, whatever words stand between', () => {
    const head = '备注,线索渠道,项目,欠薪发生地,案件编号,行业,用人单位,状态,涉及人数,尚欠金额,观测时间'
    const row = '填表人：,信访,审核人：,430721,复核人：,E,负责人：,已受理,4,100.00,2025-06-10'
    expect(read('arrears', [head, row])).toEqual({ rows: [1], leftOut: { count: 0, lines: [] } })
    expect(read('arrears', [head, row.replace(',4,', ',,')]).leftOut).toMatchObject({ count: 1 })
  })

  test('is none of what could be taken, whatever its cells hold and in whichever order', () => {
    const keys = deriveKeys('a secret of the tests of left-out lines')
    const words = [
      '合计',
      '合　计',
      '本页小计：',
      'Total',
      '填表人：',
      '填表人：张三',
      '审核人',
      '日期：',
      '注：略',
      '备注',
      '-',
      '3人',
      '填表人 张三',
      '2、略',
      '观测时间',
      '以上数据略，',
      '备注 略',
      '甲',
      '1',
      '2',
      '(3)',
    ]
    const taken: Record<Kind, number> = { workers: 0, arrears: 0, industry: 0 }
    const rowOf = (kind: Kind) => {
      const example = SIGNAL_EXAMPLES[kind].first as Record<string, unknown>
      const fields = fieldsOf(kind)
      return fc.record({
        kind: fc.constant(kind),
        columns: fc.shuffledSubarray([...fields.map(({ key }) => key)], { minLength: fields.length }),
        /** Most rows are whole but for some cells. */
        cells: fc
          .dictionary(fc.constantFrom(...fields.map(({ key }) => key)), fc.constantFrom('', ...words), {
            maxKeys: 8,
          })
          .map(
            (over): Record<string, string> => ({
              ...Object.fromEntries(
                fields.map(({ key }) => [
                  key,
                  typeof example[key] === 'object' ? '' : String(example[key] ?? ''),
                ]),
              ),
              ...over,
            }),
          ),
      })
    }
    fc.assert(
      fc.property(fc.oneof(...KINDS.map(rowOf)), ({ kind, columns, cells }) => {
        const value: Record<string, unknown> = {}
        for (const { key, meta } of fieldsOf(kind)) {
          const cell = readCell(cells[key] ?? '', meta)
          if (cells[key] !== '' && 'value' in cell) value[key] = cell.value
        }
        const scope = { id: 's', kinds: [kind], region: '43' }
        const sender = { source: 's', batch: '', keys, sealer: null }
        const { drafts } = acceptRows(kind, [{ row: 1, value, fault: null }], scope, sender)
        if (drafts.length === 0) return
        taken[kind]++
        const read = columns.map((field) => ({ title: field, field, how: 'exact' as const }))
        const line = columns.map((key) => cells[key] ?? '')
        // Below the header and below a note, and where the very same line is the header.
        const whyLeftOut = whyLeftOutFor(kind, read, [line])
        expect(whyLeftOut(line)).toBeNull()
        expect(whyLeftOut(['注：略'])).toBe('note')
        expect(whyLeftOut(line)).toBeNull()
      }),
      { seed: 20261128, numRuns: 6_000 },
    )
    for (const kind of KINDS) expect(taken[kind]).toBeGreaterThan(100)
  })
})

describe('a ledger as it really is', () => {
  const intake = openIntake()

  const look = (path: string) => intake.ask(`/v1/${path}`)
  const row = (id: string, region: string, owed = '100.00') => [
    id,
    '2025-06-10',
    '信访',
    region,
    'E',
    '示例建筑',
    '已受理',
    '4',
    owed,
  ]
  /** A title, the header, a block with its total, another, the total of all, who filled it in, and a note. */
  const ledger = (region: string) => [
    ['某县拖欠农民工工资台账', '', '', '', '', '', '', '', ''],
    ARREARS_HEAD,
    row('L-1', region),
    row('小计', region),
    ['小　计', '', '', '', '', '', '', '8', '200.00'],
    row('L-3', region, '-1'),
    row('L-4', region),
    ['合计', '', '', '', '', '', '', '16', '399.00'],
    ['填表人：张三', '', '审核人：李四', '', '', '制表日期：2025年6月11日', '', '', ''],
    ['注：金额以元计。', '', '', '', '', '', '', '', ''],
  ]
  const LEFT_OUT = {
    count: 4,
    lines: [
      { row: 3, why: 'total' },
      { row: 6, why: 'total' },
      { row: 7, why: 'signature' },
      { row: 8, why: 'note' },
    ],
  }
  const csvOf = (rows: string[][]) => `${rows.map((cells) => cells.join()).join('\r\n')}\r\n`
  const FORMS = {
    csv: { headers: CSV, encode: (rows: string[][]) => csvOf(rows) as string | Uint8Array },
    xlsx: { headers: XLSX, encode: (rows: string[][]): string | Uint8Array => workbook(rows) },
  }

  test.each([
    ['csv', '430721'],
    ['xlsx', '430722'],
  ] as const)(
    '%s: what is no row is left out and said so; a case that is called 小计 is one',
    async (form, region) => {
      const { headers, encode } = FORMS[form]
      const { body } = await intake.post('arrears', encode(ledger(region)), { headers })
      expect(body).toMatchObject({
        received: 4,
        accepted: 3,
        rejected: 1,
        errors: [{ row: 4, path: 'owed' }],
      })
      expect(body.leftOut).toEqual(LEFT_OUT)
      expect((await look(`batches/${body.batch}`)).body.leftOut).toEqual(LEFT_OUT)
      const [{ value }] = (await intake.server.get(`/v1/distribution?measure=arrears.owed&region=${region}`))
        .rows
      expect(value).toBe('300.00')

      const seen = await intake.post('arrears/preview', encode(ledger(region)), { headers })
      expect(seen.body).toMatchObject({ headerRow: 2, leftOut: LEFT_OUT })
      expect(seen.body.rows.map((one: { row: number }) => one.row)).toEqual([1, 2, 4, 5])
    },
  )

  test.each(['csv', 'xlsx'] as const)('%s: the same where nobody waits for it', async (form) => {
    const { headers, encode } = FORMS[form]
    const { body } = await intake.post('arrears', encode(ledger('430723')), {
      headers: { ...headers, prefer: 'respond-async' },
    })
    await waitFor(async () => (await look(`batches/${body.batch}`)).body.state === 'done')
    const { body: batch } = await look(`batches/${body.batch}`)
    expect(batch).toMatchObject({ received: 4, rejected: 1, leftOut: LEFT_OUT })
  })

  test('the sheet of its faults comes back corrected and nothing of it is left out', async () => {
    const rows = [
      ARREARS_HEAD,
      row('总计', '430724', '-1'),
      row('注：1', '430724', '-1'),
      ['合计', '', '', '', '', '', '', '8', ''],
    ]
    const { body } = await intake.post('arrears', csvOf(rows), { headers: CSV })
    expect(body).toMatchObject({ rejected: 2, leftOut: { count: 1 } })
    const sheet = (await look(`batches/${body.batch}/errors.csv`)).text
    expect(sheet).not.toContain('合计')
    const again = await intake.post('arrears', sheet.replaceAll(/,'?-1(\.00)?,/g, ',50.00,'), {
      headers: CSV,
    })
    expect(again.body).toMatchObject({ received: 2, accepted: 2, rejected: 0 })
    expect(again.body).not.toHaveProperty('leftOut')
  })

  test('of many lines the first hundred are named, and all are counted', async () => {
    const lines = Array.from({ length: 130 }, () => ['小计', '', '', '', '', '', '', '4', '100.00'])
    const rows = [ARREARS_HEAD, row('M-1', '430725'), ...lines]
    const { body } = await intake.post('arrears', csvOf(rows), { headers: CSV })
    expect(body).toMatchObject({ received: 1, accepted: 1, leftOut: { count: 130 } })
    expect(body.leftOut.lines).toHaveLength(100)
  })

  test('a file with nothing but totals holds no row', async () => {
    const rows = [ARREARS_HEAD, ['合计', '', '', '', '', '', '', '0', '0.00']]
    const { status, body } = await intake.post('arrears', csvOf(rows), { headers: CSV })
    expect([status, body.detail]).toEqual([400, expect.stringContaining('no row')])
  })
})
