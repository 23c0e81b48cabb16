import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REASONS } from '#domain/reason.ts'
import { SECTORS } from '#domain/sector.ts'
import type { Kind } from '#domain/signal.ts'
import { yuanInWords } from '../../ingestion/formats/amounts.ts'
import type { BodyType } from '../../ingestion/formats/body.ts'
import { rowOfCells, withoutMarks } from '../../ingestion/quarantine-cells.ts'
import { errorCsv } from '../../ingestion/sheets/errors.ts'
import { judge, readLedger } from '../support/ledger.ts'
import { arrears, idNumber, worker } from '../support/signals.ts'
import { ARREARS_HEAD, shown, type TestCell, workbook } from '../support/workbook.ts'

/** What the cells of a ledger are read as, what is wrong with them, and the sheet that goes back. */
async function read(content: Uint8Array, type: BodyType, kind: Kind) {
  const { columns, rows, rejected, faults } = await readLedger(content, type, kind)
  return {
    rows: rows.map(({ value }) => value as Record<string, unknown>),
    faults,
    details: rejected.flatMap((one) => one.faults.map(({ detail }) => detail)),
    back: await textOf(errorCsv(() => rejected, kind, columns, 'zh')),
  }
}

async function textOf(texts: AsyncIterable<string>): Promise<string> {
  let all = ''
  for await (const text of texts) all += text
  return all
}

const HEADS: Record<Kind, string[]> = {
  workers: ['姓名', '身份证号', '户籍地', '状态', '观测时间'],
  arrears: ARREARS_HEAD,
  industry: ['监测点编号', '报告期', '观测时间', '所在地', '行业'],
}
let serial = 0
const CELLS: Record<Kind, () => Record<string, TestCell>> = {
  workers: () => ({
    姓名: '示例',
    身份证号: idNumber(++serial),
    户籍地: '430522100',
    状态: '在岗',
    观测时间: '2025-06-10',
  }),
  arrears: () => ({
    案件编号: `案-${++serial}`,
    观测时间: '2025-06-10',
    线索渠道: '信访',
    欠薪发生地: '430102',
    行业: 'E',
    用人单位: '示例建筑',
    状态: '已受理',
    涉及人数: 4,
    尚欠金额: 100,
  }),
  industry: () => ({
    监测点编号: `点-${++serial}`,
    报告期: '2025-06',
    观测时间: '2025-06-30',
    所在地: '430102',
    行业: 'C',
  }),
}

type Format = { formats?: string[]; type?: BodyType }
/** A ledger with a row for each of these cells below one title, and what must be there beside. */
async function below(
  kind: Kind,
  title: string,
  cells: readonly TestCell[],
  { formats, type = 'xlsx' }: Format = {},
) {
  const head = [...new Set([...HEADS[kind], title])]
  const rows = cells.map((cell) => {
    const row = { ...CELLS[kind](), [title]: cell }
    return head.map((one) => row[one] ?? null)
  })
  const csv = [head, ...rows].map((row) => row.map((cell) => `"${String(cell ?? '').replaceAll('"', '""')}"`))
  return type === 'csv'
    ? await read(Buffer.from(csv.join('\r\n')), type, kind)
    : await read(workbook([head, ...rows], formats ? { formats } : {}), type, kind)
}
/** One cell, and the value that its row has then. */
async function one(kind: Kind, title: string, key: string, cell: TestCell, format?: Format) {
  const { rows, faults } = await below(kind, title, [cell], format)
  return faults.length > 0 ? faults : rows[0]?.[key]
}

describe('a mark of nothing is no name, and joins no strangers', () => {
  const MARKS = [
    '无',
    '/',
    '\\',
    '—',
    '－',
    '-',
    '--',
    '——',
    'N/A',
    'NULL',
    'null',
    '空',
    '暂无',
    ' 无 ',
    '／',
  ]

  test.each(['xlsx', 'csv'] as const)('where a row must have one, it is missing: %s', async (type) => {
    const required = [
      ['arrears', '案件编号', 'caseId'],
      ['arrears', '用人单位', 'employer'],
      ['arrears', '尚欠金额', 'owed'],
      ['arrears', '状态', 'status'],
      ['industry', '监测点编号', 'pointId'],
      ['workers', '身份证号', 'idNumber'],
      ['workers', '姓名', 'name'],
    ] as const
    for (const [kind, title, key] of required) {
      const { faults } = await below(kind, title, MARKS, { type })
      expect(faults).toEqual(MARKS.map((_, i) => `${i + 1} ${key} required`))
    }
  })

  test.each(['xlsx', 'csv'] as const)('where none is needed, nothing is said: %s', async (type) => {
    const optional = [
      ['workers', '户编号', 'household'],
      ['workers', '项目', 'project'],
      ['workers', '用人单位', 'employer'],
      ['workers', '联系电话', 'phone'],
      ['workers', '月工资', 'monthlyWage'],
      ['workers', '行业', 'sector'],
      ['workers', '技能', 'skills'],
      ['arrears', '聚集人数', 'gathering'],
      ['arrears', '欠薪起始月', 'owedSince'],
      ['industry', '人工费用拨付时间', 'laborCostTransferredAt'],
    ] as const
    for (const [kind, title, key] of optional) {
      const { faults, rows } = await below(kind, title, MARKS, { type })
      expect([faults, rows.filter((row) => row[key] !== undefined)]).toEqual([[], []])
    }
  })

  test('and 无 of what may be or not be is no', async () => {
    expect(await one('workers', '已参保', 'insured', '无')).toBe(false)
    expect(await one('workers', '已参保', 'insured', '/')).toBeUndefined()
  })

  test('a name that begins with one is a name', async () => {
    expect(await one('workers', '项目', 'project', '无')).toBeUndefined()
    expect(await one('workers', '项目', 'project', '无人机基地')).toBe('无人机基地')
    expect(await one('workers', '项目', 'project', '空港一期')).toBe('空港一期')
  })

  test.each(['同上', '〃', '"', '不详', '待定', '不清楚'])('%s is no code and no name', async (mark) => {
    const naming = [
      ['arrears', '案件编号', 'caseId'],
      ['arrears', '用人单位', 'employer'],
      ['industry', '监测点编号', 'pointId'],
      ['industry', '项目', 'project'],
      ['workers', '户编号', 'household'],
      ['workers', '用人单位', 'employer'],
      ['workers', '统一社会信用代码', 'employerCode'],
    ] as const
    for (const type of ['xlsx', 'csv'] as const)
      for (const [kind, title, key] of naming)
        expect(await one(kind, title, key, mark, { type })).toEqual([`1 ${key} not_told`])
  })

  test('elsewhere what nobody knows is left out, and what stands above is asked for', async () => {
    const others = [
      ['联系电话', 'phone'],
      ['技能', 'skills'],
      ['工种', 'occupation'],
      ['月工资', 'monthlyWage'],
    ] as const
    for (const [title, key] of others) {
      const { faults, rows } = await below('workers', title, ['不详', '待定', '不清楚', '同上', '〃'])
      expect(rows.slice(0, 3).map((row) => row[key])).toEqual([undefined, undefined, undefined])
      expect(faults).toEqual([`4 ${key} not_told`, `5 ${key} not_told`])
    }
  })

  test('the sheet that goes back says what the sender wrote, and why', async () => {
    const { back } = await below('arrears', '案件编号', ['无', '同上'])
    expect(back.split('\r\n').slice(1, 3)).toEqual([
      expect.stringMatching(`^无,.*案件编号: ${REASONS.required.zh}$`),
      expect.stringMatching(`^同上,.*案件编号: ${REASONS.not_told.zh}$`),
    ])
  })

  test('where nothing is needed too, if another cell of the row is refused', async () => {
    const cells = {
      ...CELLS.workers(),
      状态: '？',
      联系电话: '无',
      工种: '不详',
      月工资: ' ／',
      已参保: '无',
    }
    const head = Object.keys(cells)
    const content = workbook([head, Object.values(cells)])
    const { back } = await read(content, 'xlsx', 'workers')
    const [titles = '', row = ''] = back.replace('\ufeff', '').split('\r\n')
    expect(titles).toBe(`${head.join()},原因`)
    expect(row).toMatch(/,？,2025-06-10,无,不详,／,否,/)
    const again = await read(Buffer.from(back.replace('？', '在岗')), 'csv', 'workers')
    expect(again.faults).toEqual([])
    expect(again.rows[0]).not.toHaveProperty('phone')
  })

  test('and is judged anew without what says nothing', () => {
    const row = { idNumber: idNumber(1), phone: '无', occupation: '不详', insured: '无', project: '同上' }
    expect(withoutMarks('workers', row)).toEqual({ idNumber: idNumber(1), insured: '无', project: '同上' })
    expect(withoutMarks('arrears', { caseId: '无', gathering: '/' })).toEqual({ caseId: '无' })
  })

  test('a row that is corrected or judged anew does not bring them in either', () => {
    const faultsOf = (kind: Kind, value: unknown) =>
      judge(kind, [{ row: 1, value, fault: null }]).rejected.flatMap(({ faults }) =>
        faults.map(({ path, code }) => `${path} ${code}`),
      )
    const cells = { 案件编号: '', caseId: '无' }
    expect(rowOfCells('arrears', cells).faults).toEqual([{ path: 'caseId', code: 'required' }])
    expect(faultsOf('arrears', arrears({ caseId: '无' }))).toEqual(['caseId required'])
    expect(faultsOf('arrears', arrears({ project: '同上' }))).toEqual(['project not_told'])
    expect(faultsOf('workers', worker({ homeRegion: '430522100', household: '不详' }))).toEqual([
      'household not_told',
    ])
  })

  test('what JSON says where nothing is needed stays as it is sent', () => {
    const value = worker({ project: '/', employer: '无', occupation: '同上' })
    expect(judge('workers', [{ row: 1, value, fault: null }]).rejected).toEqual([])
  })
})

describe('what ledgers call the values of closed fields', () => {
  test('sectors by the names of the standard, with blanks or other commas too', async () => {
    const sectors = Object.entries(SECTORS)
    const names = sectors.flatMap(([code, { zh, en }]) => [
      zh,
      en,
      zh.replaceAll('、', '，'),
      `${code} ${zh}`,
    ])
    const { faults, rows } = await below('arrears', '行业', names)
    expect(faults).toEqual([])
    expect(rows.map(({ sector }) => sector)).toEqual(sectors.flatMap(([code]) => Array(4).fill(code)))
  })

  test.each([
    ['arrears', '状态', 'status', '办理中', 'processing'],
    ['arrears', '状态', 'status', '处理中', 'processing'],
    ['arrears', '状态', 'status', '办结', 'settled'],
    ['arrears', '状态', 'status', '已结案', 'settled'],
    ['arrears', '状态', 'status', '已 办 结', 'settled'],
    ['arrears', '状态', 'status', '已办结。', 'settled'],
    ['arrears', '状态', 'status', '不予立案', 'dismissed'],
    ['arrears', '线索渠道', 'channel', '12345', 'hotline12345'],
    ['arrears', '线索渠道', 'channel', 12345, 'hotline12345'],
    ['arrears', '线索渠道', 'channel', '12345市民热线', 'hotline12345'],
    ['arrears', '状态', 'status', '受理', 'reported'],
    ['arrears', '状态', 'status', '正在办理', 'processing'],
    ['arrears', '状态', 'status', '办理完毕', 'settled'],
    ['arrears', '状态', 'status', '不受理', 'dismissed'],
    ['arrears', '线索渠道', 'channel', '全国根治欠薪线索反映平台', 'platform'],
    ['arrears', '线索渠道', 'channel', '网上信访', 'petition'],
    ['arrears', '线索渠道', 'channel', '日常检查', 'inspection'],
    ['workers', '状态', 'status', '务工中', 'employed'],
    ['workers', '状态', 'status', '在职', 'employed'],
    ['workers', '状态', 'status', '外出务工', 'employed'],
    ['workers', '状态', 'status', '已就业', 'employed'],
    ['workers', '已签合同', 'contractSigned', '已签', true],
    ['workers', '已签合同', 'contractSigned', '已签订', true],
    ['workers', '已签合同', 'contractSigned', '未 签', false],
    ['workers', '已签合同', 'contractSigned', '未签订', false],
    ['workers', '已参保', 'insured', '已参保', true],
    ['workers', '已参保', 'insured', '未参保', false],
    ['workers', '已参保', 'insured', '已缴', true],
    ['workers', '已参保', 'insured', '未缴', false],
  ] as const)('%s %s %s: %s', async (kind, title, key, cell, value) => {
    expect(await one(kind, title, key, cell)).toBe(value)
  })

  test.each([
    ['arrears', '状态', '已立案', '已受理 (reported)、处置中 (processing)'],
    ['arrears', '状态', '已 立案。', '已受理 (reported)、处置中 (processing)'],
    ['arrears', '状态', '移送公安', '处置中 (processing)'],
    ['arrears', '状态', '撤诉', '已办结 (settled)、不予受理 (dismissed)'],
    ['arrears', '线索渠道', '来访', '信访 (petition)、服务站 (station)'],
    ['workers', '状态', '待业', '求职 (seeking)、返乡 (returned)、退出 (withdrawn)'],
  ] as const)(
    'of what may mean more than one, the nearest are proposed: %s %s %s',
    async (kind, title, cell, nearest) => {
      const { faults, back } = await below(kind, title, [cell])
      expect(faults).toEqual([expect.stringMatching(/^1 (status|channel) unclear_value$/)])
      expect(back).toContain(`最接近的是：${nearest}；`)
    },
  )

  test('of what nobody knows, all of them', async () => {
    expect((await below('arrears', '状态', ['另案', 'constructor'])).faults).toEqual([
      '1 status unknown_value',
      '2 status unknown_value',
    ])
  })

  test('男性 and 女性 are what the ID number says', async () => {
    const head = [...HEADS.workers, '性别']
    const rows = [
      ['示例', idNumber(11), '430522', '在岗', '2025-06-10', '男性'],
      ['示例', idNumber(20), '430522', '在岗', '2025-06-10', '女性'],
      ['示例', idNumber(31), '430522', '在岗', '2025-06-10', '女性'],
    ]
    expect((await read(workbook([head, ...rows]), 'xlsx', 'workers')).faults).toEqual([
      '3 sex contradicts_id',
    ])
  })

  test('what may mean two of them, or is of another column, stays refused', async () => {
    expect((await below('arrears', '状态', ['已立案', '受理中'])).faults).toHaveLength(2)
    expect((await below('arrears', '线索渠道', ['来访'])).faults).toHaveLength(1)
    expect((await below('workers', '状态', ['待业', '失业'])).faults).toHaveLength(2)
    expect((await below('workers', '已签合同', ['已参保', '已缴'])).faults).toHaveLength(2)
  })
})

describe('months', () => {
  test('a date that shows no day, and 6月份, are the month of a report; a day stays a day', async () => {
    const cells = [shown(45809, 0), '2025年6月份', '2025年 6月', '2025年6月', '2025-06', '2025/6/2']
    const { faults, rows } = await below('industry', '报告期', cells, { formats: ['yyyy"年"m"月"'] })
    expect(faults).toEqual([])
    expect(rows.map(({ period }) => period)).toEqual([...Array(5).fill('2025-06'), '2025-06-02'])
  })

  test('a day is of the month since when wages are owed, as in a cell that is a date', async () => {
    const cells = ['2025-03-15', '2025.3.15', '2025年3月15日', '2025年3月份', shown(45731, 0)]
    const seen = await below('arrears', '欠薪起始月', [...cells, '2025-02-30', '2025.1'], {
      formats: ['yyyy-mm-dd'],
    })
    expect(seen.rows.slice(0, 5).map(({ owedSince }) => owedSince)).toEqual(Array(5).fill('2025-03'))
    expect(seen.faults).toEqual(['6 owedSince wrong_format', '7 owedSince wrong_format'])
  })
})

describe('a birth', () => {
  const head = ['姓名', '身份证号', '户籍地', '状态', '观测时间', '出生年月', '性别']
  const born = (birth: string, cell: TestCell, number = idNumber(7, '430522', birth)) => [
    ...['示例', number, '430522', '在岗', '2025-06-10'],
    cell,
    null,
  ]
  const faultsOf = async (...rows: TestCell[][]) =>
    (await read(workbook([head, ...rows], { formats: ['0.00'] }), 'xlsx', 'workers')).faults

  test('as the number 1985.1 is January or October, whichever the ID number says', async () => {
    const number = shown(1985.1, 0)
    const rows = ['19851015', '19850115', '19850315'].map((birth) => born(birth, number))
    expect(await faultsOf(...rows)).toEqual(['3 birth contradicts_id'])
  })

  test('as a text 1985.10 is October and 1985.1 January', async () => {
    const rows = [
      born('19851015', '1985.10'),
      born('19850115', '1985.1'),
      born('19851015', '1985.1'),
      born('19850115', '1985.10'),
    ]
    expect(await faultsOf(...rows)).toEqual(['3 birth contradicts_id', '4 birth contradicts_id'])
  })

  test('that comes back with its row for another fault is read again as what it was', async () => {
    const row = born('19851015', shown(1985.1, 0)).with(3, '？')
    const { back } = await read(workbook([head, row], { formats: ['0.00'] }), 'xlsx', 'workers')
    const again = await read(Buffer.from(back.replace('？', '在岗')), 'csv', 'workers')
    expect(again.faults).toEqual([])
  })

  test('that is no date is told as that, and not as another than the number says', async () => {
    const rows = ['不是日期', '1985-02-30', '45岁'].map((cell) => born('19850315', cell))
    expect(await faultsOf(...rows)).toEqual([1, 2, 3].map((row) => `${row} birth wrong_format`))
  })

  test('or a sex contradicts no number that is none', async () => {
    const row = [...born('19850315', '1990-01-01', '430522198503150018'), null].with(6, '女')
    expect(await faultsOf(row)).toEqual(['1 idNumber bad_id_checksum'])
  })
})

describe('numbers that are guarded from being taken for numbers', () => {
  const id = idNumber(301)
  test.each([`'${id}`, `’${id}`, `‘${id}`, `\`${id}`, `="${id}"`])('%s', async (cell) => {
    for (const type of ['xlsx', 'csv'] as const)
      expect(await one('workers', '身份证号', 'idNumber', cell, { type })).toBe(id)
  })

  test('in codes, phones and amounts too, and not in names', async () => {
    expect(await one('arrears', '案件编号', 'caseId', '’2025-001')).toBe('2025-001')
    expect(await one('workers', '联系电话', 'phone', "'13800000000")).toBe('13800000000')
    expect(await one('arrears', '尚欠金额', 'owed', '="1200.50"')).toBe('1200.50')
    expect(await one('workers', '用人单位', 'employer', '‘90后’餐饮')).toBe('‘90后’餐饮')
  })
})

/** A whole number as banks write it: 10,500 is 壹万零伍佰. */
function inWords(number: number): string {
  const section = (part: number) =>
    [...String(part).padStart(4, '0')]
      .map((digit, at) =>
        digit === '0' ? '零' : `${'零壹贰叁肆伍陆柒捌玖'[Number(digit)]}${'仟佰拾'[at] ?? ''}`,
      )
      .join('')
  const all = [
    [Math.floor(number / 1e8), '亿'],
    [Math.floor(number / 1e4) % 1e4, '万'],
    [number % 1e4, ''],
  ] as const
  return all
    .map(([part, unit]) => (part === 0 ? '零' : section(part) + unit))
    .join('')
    .replace(/零+(?=[万亿])/g, '')
    .replace(/零+/g, '零')
    .replace(/^零|零$/g, '')
}

describe('amounts', () => {
  test('of a computed cell its noise is left out, and a third decimal is not', async () => {
    const cells = [10000.1 + 0.2, 123456.780000001, 0.1 + 0.2, 5.29, 3333.3333333333335, 12.345]
    const { rows, faults, back } = await below('arrears', '尚欠金额', cells)
    expect(rows.slice(0, 4).map(({ owed }) => owed)).toEqual(['10000.3', '123456.78', '0.3', '5.29'])
    expect(faults).toEqual(['5 owed wrong_format', '6 owed wrong_format'])
    expect(back).toMatch(/格式不对，应为最多两位小数的金额 \(1234\.50\)/)
  })

  test.each([
    ['5.0000', '5.00'],
    ['5.000', '5.00'],
    ['12,000.500', '12,000.50'],
    ['12000元整', '12000'],
    ['人民币12000元', '12000'],
    ['12000圆', '12000'],
    ['￥12,000元', '12,000'],
  ])('%s is %s', async (cell, value) => {
    expect(await one('arrears', '尚欠金额', 'owed', cell)).toBe(value)
  })

  test.each([
    ['1.2万', '12000'],
    ['１．２万元', '12000'],
    ['1.2万元整', '12000'],
    ['￥1.2 万', '12000'],
    ['人民币5万', '50000'],
    ['5万圆', '50000'],
    ['1.23456万元', '12345.60'],
    ['12,000万元', '120000000'],
    ['3万5千', '35000'],
    ['1亿2千万元', '120000000'],
    ['5千元', '5000'],
    ['12000块', '12000'],
    ['1200元5角', '1200.50'],
    ['叁万元整', '30000'],
    ['叁万伍仟元', '35000'],
    ['叁拾万零伍佰元', '300500'],
    ['拾贰万叁仟肆佰伍拾陆元柒角捌分', '123456.78'],
    ['一万二千元', '12000'],
    ['三万零五元', '30005'],
    ['两万', '20000'],
    ['拾万元', '100000'],
    ['12000（壹万贰仟元整）', '12000'],
    ['壹万贰仟元（¥12,000.00）', '12000'],
    ['¥12000（大写：壹万贰仟元整）', '12000'],
  ])('%s says its own unit, and is %s', async (cell, value) => {
    expect(await one('arrears', '尚欠金额', 'owed', cell)).toBe(value)
  })

  test.each([
    ...[
      '5.005',
      '512000,00',
      '12000美元',
      '1.2万美元',
      '1.2万人',
      '约12000元',
      '约1万元',
      '1万余元',
      '2万-3万',
    ],
    // Said, 三万五 is 35,000; counted, 30,005.
    ...[
      '三万五',
      '三万五元',
      '3万5',
      '三百五元',
      '1,2万',
      '1.23456789万',
      '12000.5元5角',
      '1万2万',
      '5千3万',
    ],
    ...['万元', '元', '五百', '一二三四元', '12000（壹万叁仟元）'],
  ])('%s is refused', async (cell) => {
    expect(await one('arrears', '尚欠金额', 'owed', cell)).toEqual(['1 owed wrong_format'])
  })

  test('of a month say their month again, and of a day are none', async () => {
    const { faults, rows } = await below('workers', '月工资', ['5000元/月', '0.5万元每月', '300元/天'])
    expect(rows.slice(0, 2).map(({ monthlyWage }) => monthlyWage)).toEqual(['5000', '5000'])
    expect(faults).toEqual(['3 monthlyWage wrong_format'])
    expect(await one('arrears', '尚欠金额', 'owed', '5000元/月')).toEqual(['1 owed wrong_format'])
  })

  test('in words are every whole sum up to 亿 as banks write it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (yuan) => {
        expect(yuanInWords(`${inWords(yuan)}元整`)).toBe(String(yuan))
      }),
      { seed: 20261130, numRuns: 500 },
    )
  })

  describe('beside amounts in 万 one without a unit', () => {
    const owed = (...cells: TestCell[]) => below('arrears', '尚欠金额', cells)
    test.each([
      ['that may be 万 too refuses the file', ['1.2万', 3]],
      ['in either order', [0.5, '12000', '1.2万']],
      ['as a text too', ['叁万元', '12.5']],
    ])('%s', async (_, cells) => {
      await expect(owed(...cells)).rejects.toThrow(/without a unit.*nothing of the file is kept/)
    })

    test('of a thousand and more, with its own unit, or nothing owed, is yuan', async () => {
      const { faults, rows } = await owed('1.2万', 12000, '3500', '300元', '￥80', 0)
      expect([faults, rows.map(({ owed }) => owed)]).toEqual([
        [],
        ['12000', '12000', '3500', '300', '80', '0'],
      ])
    })

    test('of amounts that are only written out in words is yuan', async () => {
      expect((await owed('叁仟伍佰元整', 500, '五百元')).rows.map(({ owed }) => owed)).toEqual([
        '3500',
        '500',
        '500',
      ])
    })

    test('below a title or a line that says 元 is yuan', async () => {
      const titled = await below('industry', '应发工资（元）', ['1.2万', 300])
      expect([titled.faults, titled.rows.map(({ wageBill }) => wageBill)]).toEqual([[], ['12000', '300']])
      const row = (cell: TestCell) => {
        const cells = CELLS.arrears()
        return ARREARS_HEAD.map((title) => (title === '尚欠金额' ? cell : (cells[title] ?? null)))
      }
      const head = [...ARREARS_HEAD.map(() => null)].with(7, '单位：元' as never)
      const said = await read(workbook([head, ARREARS_HEAD, row('1.2万'), row(300)]), 'xlsx', 'arrears')
      expect([said.faults, said.rows.map(({ owed }) => owed)]).toEqual([[], ['12000', '300']])
    })
  })

  test('a cell that shows a date is none', async () => {
    const { faults } = await below('arrears', '尚欠金额', [shown(45731, 0)], { formats: ['yyyy-mm-dd'] })
    expect(faults).toEqual(['1 owed wrong_format'])
  })
})

describe('times as people write them', () => {
  const draftOf = async (cell: string) => {
    const { rows, faults } = await below('arrears', '观测时间', [cell])
    if (faults.length > 0) return faults
    const { drafts } = judge('arrears', [{ row: 1, value: rows[0], fault: null }])
    return new Date((drafts[0]?.observedAt ?? 0) + 8 * 3_600_000).toISOString().slice(0, 19)
  }
  test.each([
    ['2025-06-10 00:00:00.000', '2025-06-10T00:00:00'],
    ['2025-06-10T08:30:05.123', '2025-06-10T08:30:05'],
    ['2025-06-10T08:30:00+08:00', '2025-06-10T08:30:00'],
    ['2025-06-10T00:30:00Z', '2025-06-10T08:30:00'],
    ['2025年 6月 10日', '2025-06-10T00:00:00'],
    ['2025 年 6 月 10 日 9 时', '2025-06-10T09:00:00'],
    ['2025年6月10日9时30分', '2025-06-10T09:30:00'],
    ['2025年6月10日9时30分5秒', '2025-06-10T09:30:05'],
    ['2025年6月10号', '2025-06-10T00:00:00'],
    ['2025/6/10 下午3:20', '2025-06-10T15:20:00'],
    ['2025/6/10下午3点', '2025-06-10T15:00:00'],
    ['2025/6/10 下午 15:20', '2025-06-10T15:20:00'],
    ['2025/6/10 下午12:30', '2025-06-10T12:30:00'],
    ['2025/6/10 上午12:30', '2025-06-10T00:30:00'],
    ['2025/6/10 上午9:05', '2025-06-10T09:05:00'],
    ['2025/6/10 3:20 PM', '2025-06-10T15:20:00'],
    ['2025/6/10 12:30:10 am', '2025-06-10T00:30:10'],
    ['2025-6-10 9:5', '2025-06-10T09:05:00'],
    ['2025-6-10 星期二', '2025-06-10T00:00:00'],
    ['2025年6月8日（星期日）9:30', '2025-06-08T09:30:00'],
    ['2025年6月8日 周天', '2025-06-08T00:00:00'],
    ['20250610', '2025-06-10T00:00:00'],
    ['2025.6.10', '2025-06-10T00:00:00'],
    ['45818', '2025-06-10T00:00:00'],
    ['45818.5', '2025-06-10T12:00:00'],
  ])('%s is %s', async (cell, local) => {
    expect(await draftOf(cell)).toBe(local)
  })

  test.each([
    '6/10/25',
    '6/10/2025',
    '2025-6-10 星期三',
    '2025/6/10 上午15:20',
    '2025/6/10 下午0:20',
    '2025/6/10 上午3:20 PM',
    '2025/6/10 晚上12点',
    '2025-6-10 25:00',
    '2025-6-10 9:60',
    '2025-6-10 9:',
    '2025-6-109:30',
    '2025-02-30',
    '2025年6月',
    '25.6.10',
    '6.10',
    '20000',
    '99999',
  ])('%s is refused', async (cell) => {
    expect(await draftOf(cell)).toEqual(['1 observedAt wrong_format'])
  })
})

describe('a day without its year', () => {
  const titled = async (title: string, cell: string, kind: Kind = 'arrears', column = '观测时间') => {
    const cells = { ...CELLS[kind](), [column]: cell }
    const rows = [[title], Object.keys(cells), Object.values(cells)]
    const { rows: read_, faults } = await read(workbook(rows), 'xlsx', kind)
    const key = column === '报告期' ? 'period' : column === '欠薪起始月' ? 'owedSince' : 'observedAt'
    return faults.length > 0 ? faults : read_[0]?.[key]
  }

  test.each([
    ['2025年农民工欠薪台账', '3月5日', '2025-03-05'],
    ['2025 年度台账', '12月30日', '2025-12-30'],
    ['台账（截至2025年6月10日）', '6月10日 9:30', '2025-06-10T09:30'],
    ['台账（截至2025年6月10日）', '６月１号', '2025-06-01'],
    ['2025年1月至6月台账', '6月30日', '2025-06-30'],
    ['2025年1—6月台账', '5月2日', '2025-05-02'],
    ['2025年3月份台账　填报日期：2025.4.2', '4月1日', '2025-04-01'],
  ])('%s, %s: %s', async (title, cell, value) => {
    expect(await titled(title, cell)).toBe(value)
  })

  test.each([
    ['农民工欠薪台账', '3月5日'],
    ['2024—2025年台账', '3月5日'],
    ['台账（截至2025年6月10日）', '12月30日'],
    ['2025年1月至6月台账', '7月1日'],
  ])('%s, %s: the year is asked for', async (title, cell) => {
    expect(await titled(title, cell)).toEqual(['1 observedAt year_missing'])
  })

  test('a month of a report too, and not since when wages are owed', async () => {
    expect(await titled('2025年用工监测表', '3月', 'industry', '报告期')).toBe('2025-03')
    expect(await titled('2025年用工监测表', '3月份', 'industry', '报告期')).toBe('2025-03')
    expect(await titled('2025年台账', '3月', 'arrears', '欠薪起始月')).toEqual(['1 owedSince year_missing'])
  })

  test('that is none is told as that', async () => {
    expect(await titled('2025年台账', '2月30日')).toEqual(['1 observedAt wrong_format'])
    expect(await titled('2025年台账', '13月1日')).toEqual(['1 observedAt wrong_format'])
  })
})

test('all that is wrong with a row is told at once, each cell of it once', async () => {
  const head = ['姓名', '身份证号', '户籍地', '状态', '观测时间', '联系电话', '月工资', '工种', '项目']
  const row = ['示例', '1', '430522', '待业', '3月5日', '123', '约5000', '同上', '〃']
  expect((await read(workbook([head, row]), 'xlsx', 'workers')).faults.toSorted()).toEqual([
    '1 idNumber bad_id_checksum',
    '1 monthlyWage wrong_format',
    '1 observedAt year_missing',
    '1 occupation not_told',
    '1 phone wrong_format',
    '1 project not_told',
    '1 status unclear_value',
  ])
})

test('two numbers in one cell, and a month for a day, are told what is wanted', async () => {
  const { back } = await below('workers', '联系电话', ['13800000001/13900000002'])
  expect(back).toContain('联系电话: 格式不对，应为一个电话号码 (13800000000)')
  const month = await below('workers', '观测时间', ['2025年3月'])
  expect(month.back).toContain('观测时间: 格式不对，应为年月日，可带时间 (2026-11-24 09:30)')
})

describe('a code that a spreadsheet has made a date of', () => {
  test.each([
    ['mmm-yy', 45717],
    ['m"月"d"日"', 45721],
    ['yyyy-mm-dd', 45721],
  ])('is refused by the format of its cell: %s', async (format, serial) => {
    const { faults, back } = await below('arrears', '案件编号', [shown(serial, 0)], { formats: [format] })
    expect(faults).toEqual(['1 caseId code_as_date'])
    expect(back).toMatch(/案件编号: 编号或名称被 Excel 变成了日期.*设为文本格式/)
  })

  test.each(['Mar-25', '5-Mar', '3月5日'])('is refused as a CSV has it: %s', async (cell) => {
    expect(await one('arrears', '案件编号', 'caseId', cell, { type: 'csv' })).toEqual([
      '1 caseId code_as_date',
    ])
    expect(await one('industry', '监测点编号', 'pointId', cell, { type: 'csv' })).toEqual([
      '1 pointId code_as_date',
    ])
  })

  test('and one that only looks like a day is itself', async () => {
    for (const cell of ['2025-3', '2025-03-05', '3-5', 'May', 'MAR-2025-001', '2025年3月5日第2号'])
      expect(await one('arrears', '案件编号', 'caseId', cell)).toBe(cell)
    const note = await below('arrears', '备注', [shown(45721, 0)], { formats: ['yyyy-mm-dd'] })
    expect([note.faults, note.rows[0]?.note]).toEqual([[], '2025-03-05'])
  })

  test('is not judged anew as the date it was made', () => {
    const { faults } = rowOfCells('arrears', { caseId: 'Mar-25' })
    expect(faults).toEqual([{ path: 'caseId', code: 'code_as_date' }])
  })
})

test('a county without its last word is read within its province, and refused alone', async () => {
  const names = ['湖南邵阳隆回六都寨镇', '湖南隆回', '隆回']
  const { faults, rows } = await below('workers', '户籍地', names)
  expect(rows).toHaveLength(3)
  expect(faults).toEqual(['3 homeRegion unknown_region'])
})

describe('skills', () => {
  test.each([
    ['电工\n焊工', ['电工', '焊工']],
    ['电工/焊工', ['电工', '焊工']],
    ['电工 焊工', ['电工', '焊工']],
    ['电工及焊工', ['电工', '焊工']],
    ['电工以及焊工', ['电工', '焊工']],
    ['1.电工 2.焊工', ['电工', '焊工']],
    ['1、电工2、焊工\r\n3、瓦工', ['电工', '焊工', '瓦工']],
    ['（1）电工（2）CAD 制图', ['电工', 'CAD 制图']],
    ['高压电工2级，C1 驾照', ['高压电工2级', 'C1 驾照']],
    ['普及型数控', ['普及型数控']],
  ])('%j', async (cell, skills) => {
    expect(await one('workers', '技能', 'skills', cell)).toEqual(skills)
  })
})

test('a count with a fraction is told that a whole number is wanted', async () => {
  const counts = await below('arrears', '涉及人数', [12.5, '12.5', '12.5人', '12.0', '十二'])
  expect(counts.faults).toEqual([1, 2, 3, 5].map((row) => `${row} workers wrong_type`))
  expect(counts.details).toEqual(['int', 'int', 'int', 'number'])
  expect(counts.back).toMatch(/应为整数/)
  expect((await below('industry', '在岗人数', [12.5])).details).toEqual(['int'])
})

test('an ID number that ends in 000 and fails its check was cut by a spreadsheet; one that passes is none of that', async () => {
  const valid = Array.from({ length: 20 }, (_, day) => idNumber(100, '430522', `198503${10 + day}`)).find(
    (id) => id.endsWith('000'),
  )
  const first15 = idNumber(1).slice(0, 15)
  const cut = [`${first15}000`, `'${first15.slice(0, 14)}9000`]
  const { faults } = await below('workers', '身份证号', [...cut, valid ?? '', `${first15}001`], {
    type: 'csv',
  })
  expect(faults.map((fault) => fault.slice(2))).toEqual([
    'idNumber digits_lost',
    'idNumber digits_lost',
    'idNumber bad_id_checksum',
  ])
  expect(faults[2]).toMatch(/^4/)
})
