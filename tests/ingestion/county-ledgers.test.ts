import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Kind } from '#domain/signal.ts'
import type { BodyType } from '../../ingestion/formats/body.ts'
import { proposeColumns } from '../../ingestion/formats/columns.ts'
import { errorCsv } from '../../ingestion/sheets/errors.ts'
import { readLedger } from '../support/ledger.ts'
import { idNumber } from '../support/signals.ts'
import { ARREARS_HEAD, cfb, shown, type TestCell, workbook, zip } from '../support/workbook.ts'

async function read(content: Uint8Array, type: BodyType = 'xlsx', kind: Kind = 'arrears') {
  const { columns, rows, faults } = await readLedger(content, type, kind)
  return {
    titles: columns?.map(({ title }) => title),
    rows: rows.map(({ row, value }) => ({ row, ...(value as Record<string, unknown>) })),
    faults,
  }
}

let cases = 0
/** A line of an arrears ledger, and what follows its columns. */
const line = (over: Partial<Record<string, TestCell>> = {}, ...more: TestCell[]): TestCell[] => {
  const cells: Record<string, TestCell> = {
    案件编号: `案-${++cases}`,
    观测时间: '2025-06-10',
    线索渠道: '信访',
    欠薪发生地: '430102',
    行业: 'E',
    用人单位: '示例建筑',
    状态: '已受理',
    涉及人数: 4,
    尚欠金额: 100,
    ...(over as Record<string, TestCell>),
  }
  return [...ARREARS_HEAD.map((title) => cells[title] ?? null), ...more]
}
const csv = (...rows: TestCell[][]) => Buffer.from(`${rows.map((row) => row.join()).join('\r\n')}\r\n`)
const blank = (count: number): TestCell[] => Array<TestCell>(count).fill(null)

test('the columns of the national clue platform and of a real-name roster are known', () => {
  const of = (kind: Kind, ...titles: string[]) => proposeColumns(kind, titles).map(({ field }) => field)
  const platform = '线索编号 被反映单位名称 工程项目名称 行业类型 问题发生地 欠薪人数 欠薪开始时间 反映时间'
  expect(of('arrears', ...platform.split(' '))).toEqual([
    ...['caseId', 'employer', 'project', 'sector', 'workRegion', 'workers', 'owedSince'],
    // When it came in, which is not when it stood as the row says.
    null,
  ])
  expect(of('workers', '姓 名', '身份证号码', '进场状态', '进场时间')).toEqual([
    ...['name', 'idNumber', 'status'],
    null,
  ])
})

describe('an address in several columns is one', () => {
  const before = ['姓名', '身份证号']
  const after = ['状态', '观测时间']
  const worker = (...home: TestCell[]) => ['示例', idNumber(++cases), ...home, '在岗', '2025-06-10']
  const homesOf = async (rows: TestCell[][], type: BodyType = 'xlsx') => {
    const seen = await read(type === 'csv' ? csv(...rows) : workbook(rows), type, 'workers')
    return seen.faults.length > 0 ? seen.faults : seen.rows.map((row) => (row as any).homeRegion)
  }
  const HOME = ['隆回县', '六都寨镇', '丁山村']
  const whole = '隆回县六都寨镇丁山村'

  test.each(['xlsx', 'csv'] as const)('below one title of two lines: %s', async (type) => {
    const heads = [
      [...before, '户籍地', '', '', ...after],
      ['', '', '县', '乡镇', '村', '', ''],
    ]
    expect(await homesOf([...heads, worker(...HOME), worker('隆回县', '六都寨镇', '/')], type)).toEqual([
      whole,
      '隆回县六都寨镇',
    ])
  })

  test.each([
    [['户籍地（县、区）', '户籍地（乡镇）', '户籍地（村）'].with(0, '户籍地（县区）')],
    [['户籍县', '户籍乡镇', '户籍村（社区）']],
    [['户籍所在地 县', '户籍所在地 镇', '户籍所在地 村']],
  ])('by their titles: %s', async (titles) => {
    expect(await homesOf([[...before, ...titles, ...after], worker(...HOME)])).toEqual([whole])
  })

  test('and comes back in one, which can be sent again', async () => {
    const head = [...before, '户籍县', '户籍乡镇', '户籍村', ...after]
    const row = worker(...HOME).with(-2, '？')
    const { columns, rejected } = await readLedger(workbook([head, row]), 'xlsx', 'workers')
    let back = ''
    for await (const part of errorCsv(() => rejected, 'workers', columns, 'zh')) back += part
    expect(back).toContain(`姓名,身份证号,户籍地,状态,观测时间,原因`)
    const again = await read(Buffer.from(back.replace('？', '在岗')), 'csv', 'workers')
    expect([again.faults, again.rows]).toEqual([[], [expect.objectContaining({ homeRegion: whole })]])
  })

  test('and not where one column has all of it, where their order is another, or one alone is there', async () => {
    const of = (...titles: string[]) =>
      proposeColumns('workers', titles).map(({ field, how }) => `${field} ${how}`)
    expect(of('户籍地', '户籍乡镇', '户籍村')).toEqual(['homeRegion exact', 'null unknown', 'null unknown'])
    expect(of('户籍村', '户籍乡镇')).toEqual(['null unknown', 'null unknown'])
    expect(of('户籍地（县）', '姓名')).toEqual(['homeRegion normalised', 'name exact'])
    expect(of('户籍县', '户籍乡镇', '姓名', '务工省', '务工市')).toEqual([
      'homeRegion joined',
      'homeRegion joined',
      'name exact',
      ...['null unknown', 'null unknown'],
    ])
    expect(of('务工地 省', '务工地 市')).toEqual(['workRegion joined', 'workRegion joined'])
  })
})

describe('an amount in 万元 is never taken for yuan, wherever the ledger says so', () => {
  test.each([
    ['人', '万元'],
    ['（人）', '（万元）'],
    ['', '单位：千元'],
  ])('in a line of units below the titles: %s, %s', async (persons, unit) => {
    const seen = await read(workbook([ARREARS_HEAD, [...blank(7), persons || null, unit], line()]))
    expect(seen.titles?.at(-1)).toBe(`尚欠金额（${unit.replace(/[（）]/g, '')}）`)
    expect(seen.faults).toEqual([`1 ${seen.titles?.at(-1)} larger_unit`])
  })

  test('and one in yuan below its title is', async () => {
    const seen = await read(workbook([ARREARS_HEAD, [...blank(7), '人', '元'], line()]))
    expect([seen.faults, seen.rows]).toEqual([
      [],
      [expect.objectContaining({ row: 1, workers: 4, owed: '100' })],
    ])
  })

  test.each([
    ['0"万元"', true],
    ['0.00万', true],
    ['General"亿元"', true],
    // These divide what they show, so the cell itself holds yuan.
    ['0!.0,"万"', false],
    ['0!.0000"万元"', false],
    ['#,##0.00"元"', false],
  ])('in the format of its cells: %s', async (format, isScaled) => {
    const seen = await read(workbook([ARREARS_HEAD, line({ 尚欠金额: shown(51, 0) })], { formats: [format] }))
    expect(seen.faults).toEqual(isScaled ? ['1 owed larger_unit'] : [])
  })

  test.each(['平均月工资（千元/月）', '平均月工资（单位为万元，含税）', '平均月工资（人民币万 元）'])(
    'in its title: %s',
    async (title) => {
      const head = ['监测点编号', '报告期', '观测时间', '所在地', '行业', title]
      const row = ['P', '2025-06', '2025-06-30', '430102', 'C', 5]
      expect((await read(workbook([head, row]), 'xlsx', 'industry')).faults).toEqual([
        `1 ${title} larger_unit`,
      ])
      const amount = head.with(5, '平均月工资（5万元以上除外）')
      expect((await read(workbook([amount, row]), 'xlsx', 'industry')).faults).toEqual([])
    },
  )

  test('in a note below the table', async () => {
    const note = ['注：金额单位为万元', ...blank(8)]
    await expect(read(workbook([ARREARS_HEAD, line(), note]))).rejects.toThrow(/line 3 .*convert/)
    const none = ['注：其中拖欠最多的一家为 5 万元', ...blank(8)]
    expect((await read(workbook([ARREARS_HEAD, line(), none]))).faults).toEqual([])
    const yuan = [...ARREARS_HEAD.slice(0, 8), '尚欠金额（元）']
    expect((await read(workbook([yuan, line(), note]))).faults).toEqual([])
  })
})

describe('a number that a spreadsheet spoiled makes no other case, person or month', () => {
  test('of a long one only the power of ten is left', async () => {
    const rows = [line({ 案件编号: '2.02506E+16' }), line({ 案件编号: '2.02506E+16', 尚欠金额: 900 })]
    expect((await read(csv(ARREARS_HEAD, ...rows), 'csv')).faults).toEqual([
      '1 caseId digits_lost',
      '2 caseId digits_lost',
    ])
  })

  test('2024.10 and 2024.1 are one number: neither is taken for January', async () => {
    const months: TestCell[] = [2024.1, '2024.1', 2024.11, '2024.01', '2024年10月', 202410]
    const seen = await read(
      workbook([[...ARREARS_HEAD, '欠薪起始月'], ...months.map((month) => line({}, month))]),
    )
    expect(seen.faults).toEqual(['1 owedSince wrong_format', '2 owedSince wrong_format'])
    expect(seen.rows.slice(2).map((row) => 'owedSince' in row && row.owedSince)).toEqual([
      '2024-11',
      '2024-01',
      '2024-10',
      '2024-10',
    ])
  })

  test('a home without its workers is not one with none', async () => {
    const homes = ['430522:', '430522', '430522:0x2', '430522：3人；430523:1']
    const seen = await read(
      workbook([[...ARREARS_HEAD, '户籍地人数'], ...homes.map((home) => line({}, home))]),
    )
    expect(seen.faults).toEqual([1, 2, 3].map((row) => `${row} homeRegions.0.workers wrong_type`))
    expect(seen.rows[3]).toMatchObject({
      homeRegions: [
        { region: '430522', workers: 3 },
        { region: '430523', workers: 1 },
      ],
    })
  })

  test('a month of birth is as much as 出生年月 says', async () => {
    const head = ['姓名', '身份证号', '户籍地', '状态', '观测时间', '出生年月']
    const months: TestCell[] = ['1985.03', 198503, '1985年3月', '19850315', 19850315, '1985-04', '1985.03.16']
    const rows = months.map((birth) => ['示例', idNumber(7), '430522', '在岗', '2025-06-10', birth])
    expect((await read(workbook([head, ...rows]), 'xlsx', 'workers')).faults).toEqual([
      '6 birth contradicts_id',
      '7 birth contradicts_id',
    ])
  })
})

describe('what a program wrote into a workbook', () => {
  test('a formula without a saved value is no blank: what was recovered is not taken for nothing', async () => {
    const rows = [
      line({}, { inner: '<f>H2*2</f>' }),
      line({}, { inner: '<f>H3*2</f><v></v>' }),
      line({}, { type: 'str', inner: '<f>IF(H4="","",1)</f><v></v>' }),
      line({}, { inner: '<f>H5*2</f><v>8</v>' }),
      // A line that waits to be filled in.
      [...blank(8), { inner: '<f>H6*2</f>' }],
    ]
    const seen = await read(workbook([[...ARREARS_HEAD, '已追回金额'], ...rows]))
    expect(seen.faults).toEqual(['1 paid no_saved_value', '2 paid no_saved_value'])
    expect(seen.rows.map((row) => 'paid' in row && row.paid)).toEqual(['', '', false, '8'])
  })

  test('a text that is not in the file makes no blank cell', async () => {
    const row = line({ 用人单位: { type: 's', inner: '<v>999</v>' } })
    await expect(read(workbook([ARREARS_HEAD, row]))).rejects.toThrow(/cannot be read inside/)
  })

  test('dates as text, as a strict OOXML has them', async () => {
    const date = (text: string): TestCell => ({ type: 'd', inner: `<v>${text}</v>` })
    const seen = await read(
      workbook([
        [...ARREARS_HEAD, '欠薪起始月'],
        line({ 观测时间: date('2025-06-10T08:30:00.000') }, date('2025-03-01T00:00:00')),
        line({ 观测时间: date('2025-06-10') }, date('2025-03-01')),
      ]),
    )
    expect([seen.faults, seen.rows]).toMatchObject([
      [],
      [
        { observedAt: '2025-06-10T08:30:00+08:00', owedSince: '2025-03' },
        { observedAt: '2025-06-10T00:00:00+08:00', owedSince: '2025-03' },
      ],
    ])
  })
})

describe('a header of two lines', () => {
  const known = ARREARS_HEAD.slice(0, 7)
  test('of which the lower is no more known than the upper', async () => {
    const head = [
      [...known, '涉及人数', '工资情况', null, null],
      [...blank(8), '核定', '实付', '拖欠'],
    ]
    const seen = await read(workbook([...head, line({ 尚欠金额: 1000 }, 700, 300)]))
    expect(seen.titles).toEqual([...known, '涉及人数', '核定', '实付', '拖欠'])
    expect(seen.rows).toMatchObject([{ row: 1, 核定: '1000', 实付: '700', owed: '300' }])
  })

  test('that says one title below two groups: each keeps its group', async () => {
    const head = [
      [...known, '应发工资', null, '拖欠工资', null],
      [...blank(7), '人数', '金额', '人数', '金额'],
    ]
    const seen = await read(workbook([...head, line({ 涉及人数: 10, 尚欠金额: 1000 }, 4, 300)]))
    expect(seen.titles?.slice(7)).toEqual([
      '应发工资 人数',
      '应发工资 金额',
      '拖欠工资 人数',
      '拖欠工资 金额',
    ])
    expect(seen.rows).toMatchObject([{ '应发工资 金额': '1000', owed: '300' }])
  })

  test('is none where a row stands there that is filled in beside the known columns', async () => {
    const head = [...ARREARS_HEAD, '经办人', '签字']
    const seen = await read(workbook([head, [...blank(9), '张三', '李四'], line()]))
    expect(seen.titles).toEqual(head)
    expect(seen.rows.map(({ row }) => row)).toEqual([1, 2])
  })
})

test('cells of two columns of one unknown title are both kept, for the sheet that goes back', async () => {
  const head = [...ARREARS_HEAD, '签字', '签字', '签字 (2)', '签字']
  const seen = await read(csv(head, line({}, '甲', '乙', '丙', '丁')), 'csv')
  expect(seen.titles?.slice(9)).toEqual(['签字', '签字 (3)', '签字 (2)', '签字 (4)'])
  expect(seen.rows).toMatchObject([{ 签字: '甲', '签字 (3)': '乙', '签字 (2)': '丙', '签字 (4)': '丁' }])
})

test('a cover before the ledger: its refusal names the other sheets', async () => {
  const sheets = [
    { name: '封面', rows: [['填报说明']] },
    { name: '甲镇', rows: [ARREARS_HEAD, line()] },
  ]
  await expect(read(workbook(sheets))).rejects.toMatchObject({
    message: expect.stringMatching(/beside it there are 甲镇/),
    zh: expect.stringMatching(/第一张工作表，另外还有：甲镇/),
  })
})

test('rows of a CSV are counted as a spreadsheet counts its lines, blank ones too', async () => {
  const lines = [ARREARS_HEAD, line(), [], line({ 涉及人数: '四' }), blank(9), line({ 涉及人数: '五' })]
  // The mark by which DOS, and what was written for it, ends a file.
  const seen = await read(Buffer.concat([csv(...lines), Buffer.from('\x1a')]), 'csv')
  expect(seen.faults).toEqual(['3 workers wrong_type', '5 workers wrong_type'])
  expect(seen.rows).toHaveLength(3)
})

test('marks for yes and no, and lists with the comma of Chinese', async () => {
  const head = ['姓名', '身份证号', '户籍地', '状态', '观测时间', '已签合同', '已参保', '技能']
  const row = ['示例', idNumber(8), '430522', '在岗', '2025-06-10', '√', '×', '电工、焊工，瓦工']
  expect((await read(workbook([head, row]), 'xlsx', 'workers')).rows).toMatchObject([
    { contractSigned: true, insured: false, skills: ['电工', '焊工', '瓦工'] },
  ])
})

describe('a file that is not read is named as what it is, under whatever name it comes', () => {
  const page = '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><body><table><tr><td>姓名'
  const xml2003 =
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
  const office = (target: string) =>
    `<Relationships><Relationship Id="a" Type="x/officeDocument" Target="${target}"/></Relationships>`
  test.each<[string, Uint8Array, RegExp, RegExp]>([
    ['a web page', Buffer.from(page), /web page.*save it as/, /网页.*另存为/],
    ['one of a fragment', Buffer.from(`\ufeff\n<meta charset="utf-8"><table>`), /web page/, /网页/],
    ['XML of 2003', Buffer.from(xml2003), /XML Spreadsheet 2003.*save it as/, /XML 电子表格 2003.*另存为/],
    ['.xls and .et', cfb('Workbook'), /old \.xls or \.et.*save it as/, /旧版.*\.et.*另存为/],
    ['.doc and .wps', cfb('WordDocument'), /text document.*copy its table/, /文字文档.*复制到 Excel/],
    ['PDF', Buffer.from('%PDF-1.7\n'), /PDF.*find the sheet/, /PDF.*原来的表格/],
    ['a picture', Buffer.from('ffd8ffe000104a46', 'hex'), /picture/, /图片/],
    ['.rar', Buffer.from('Rar!\x1a\x07\x00'), /archive.*unpack/, /压缩包.*解压/],
    ['gzip', gzipSync('a'), /packed by gzip.*Content-Encoding/, /gzip.*解压/],
  ])('%s', async (_, bytes, en, zh) => {
    for (const type of ['xlsx', 'csv'] as const)
      await expect(read(bytes, type)).rejects.toMatchObject({
        code: 'unsupported_media',
        message: expect.stringMatching(en),
        zh: expect.stringMatching(zh),
      })
  })

  test.each<[string, Record<string, string>, RegExp, RegExp]>([
    ['.ods', { mimetype: 'x', 'content.xml': '<a/>' }, /OpenDocument.*save it as/, /OpenDocument.*另存为/],
    [
      '.xlsb',
      { '_rels/.rels': office('xl/workbook.bin'), 'xl/workbook.bin': 'x' },
      /\.xlsb.*save it as/,
      /xlsb.*另存为/,
    ],
    [
      '.docx',
      { '_rels/.rels': office('word/document.xml'), 'word/document.xml': '<a/>' },
      /text document/,
      /文字文档/,
    ],
    ['Numbers', { 'Index/Document.iwa': 'x' }, /Numbers.*export/, /Numbers.*导出/],
    [
      'a zip of workbooks',
      { '台账/甲镇.xlsx': 'x', '台账/乙镇.xlsx': 'x' },
      /archive.*unpack/,
      /压缩包.*解压/,
    ],
  ])('%s', async (_, parts, en, zh) => {
    await expect(read(zip(parts))).rejects.toMatchObject({
      code: 'unsupported_media',
      message: expect.stringMatching(en),
      zh: expect.stringMatching(zh),
    })
  })
})

describe('what would be read with another meaning is not read', () => {
  const over = (text: string) =>
    workbook([{ name: '台账', rows: [[text, ...blank(8)], ARREARS_HEAD, line()] }])
  test.each([
    '单位：人、万元　　填报日期：2025年6月10日',
    '（单位：人、万元；截至2025年6月）',
    '单位：件、人、万元，截至6月底',
    '金额（万元）、人数（人）',
    '（万元）填报单位：隆回县人社局',
  ])('amounts below the line "%s" are in 万元', async (text) => {
    expect((await read(over(text))).faults).toEqual(['1 尚欠金额 larger_unit'])
  })
  test.each([
    '2025年6月欠薪 500 万元，五十余万元已结',
    '拖欠万元以上案件台账',
    '数百万元案件台账',
    '万人助企台账',
  ])('amounts below the line "%s" are in yuan', async (text) => {
    expect((await read(over(text))).faults).toEqual([])
  })

  test.each([
    '以上金额均为万元',
    '注：金额均为万元',
    '注：表中金额为万元',
    '注：单位：人、万元',
    '注：金额单位（万元）',
    '说明：以上欠薪金额按万元计',
    '单位：人、万元',
    '2.金额以“万元”为单位',
  ])('the note "%s" below refuses the file', async (text) => {
    const sheet = workbook([{ name: '台账', rows: [ARREARS_HEAD, line(), [text, ...blank(8)]] }])
    await expect(read(sheet)).rejects.toMatchObject({
      zh: expect.stringMatching(/^第 3 行注明金额以万元等计/),
    })
  })

  test.each(['单位：万元', '（万元）'])(
    'a unit "%s" beside the last title is that of all amounts',
    async (unit) => {
      const sheet = workbook([{ name: '台账', rows: [[...ARREARS_HEAD, null, unit], line()] }])
      expect((await read(sheet)).faults).toEqual(['1 尚欠金额 larger_unit'])
    },
  )

  test('counts in thousands are no counts', async () => {
    const head = ['监测点编号', '报告期', '所在地', '行业', '在岗人数', '观测时间']
    const row = ['P-1', '2025-06', '430503', 'C', 12, '2025-07-01 09:00']
    const sheet = workbook([{ name: '表', rows: [['单位：万人', ...blank(5)], head, row] }])
    expect((await read(sheet, 'xlsx', 'industry')).faults).toEqual(['1 在岗人数 larger_unit'])
  })

  test.each([
    ['workers', '工资（元/天）'],
    ['workers', '工资标准（元/年）'],
    ['workers', '联系电话（紧急联系人）'],
    ['workers', '姓名（户主）'],
    ['workers', '工作单位（原）'],
    ['workers', '时间（入职）'],
    ['arrears', '金额（已支付）'],
    ['arrears', '人数（已发放）'],
    ['industry', '平均工资（元/年）'],
  ] as const)('of %s a column %s is none of ours', (kind, title) => {
    expect(proposeColumns(kind, [title])).toEqual([{ title, field: null, how: 'unknown' }])
  })
  test.each([
    ['workers', '月工资（元/月）', 'monthlyWage'],
    ['workers', '身份证号（18位，必填）', 'idNumber'],
    ['workers', '户籍地（代码）', 'homeRegion'],
    ['arrears', '欠薪金额（元，保留两位小数）', 'owed'],
    ['arrears', '涉及人数（人）*', 'workers'],
  ] as const)('of %s a column %s is %s', (kind, title, field) => {
    expect(proposeColumns(kind, [title])).toMatchObject([{ field }])
  })

  test('nor is a column under a group that makes another thing of it', async () => {
    const head = ['监测点编号', '报告期', '所在地', '行业', '去年同期', null, '在岗人数', '观测时间']
    const below = [...blank(4), '在岗人数', '缺工人数', null, null]
    const row = ['P-1', '2025-06', '430503', 'C', 120, 3, 150, '2025-07-01 09:00']
    const seen = await read(workbook([{ name: '表', rows: [head, below, row] }]), 'xlsx', 'industry')
    expect(seen.rows[0]).toMatchObject({ '去年同期 在岗人数': '120', headcount: 150 })
  })

  test('what was owed beside what was paid may be all or the rest of it: somebody has to say', async () => {
    const head = [...ARREARS_HEAD.with(8, '欠薪金额（元）'), '已支付金额（元）']
    await expect(read(csv(head, line({}, 60)), 'csv')).rejects.toMatchObject({
      zh: expect.stringMatching(/“欠薪金额（元）”可能是欠薪总额，也可能是尚欠金额/),
    })
    expect((await read(csv([...ARREARS_HEAD, '已支付金额（元）'], line({}, 60)), 'csv')).faults).toEqual([])
  })

  test('lines numbered by 编号 are no cases of that number', async () => {
    const head = ARREARS_HEAD.with(0, '编号')
    const of = async (...ids: string[]) =>
      (await read(csv(head, ...ids.map((id) => line({ 案件编号: id }))), 'csv')).faults
    expect(await of('1', '2')).toEqual(expect.arrayContaining(['1 caseId required', '2 caseId required']))
    expect(await of('1', '2', '本页小计')).toEqual(expect.arrayContaining(['2 caseId required']))
    expect(await of('12', '13')).toEqual([])
    expect(await of('1')).toEqual(expect.arrayContaining(['1 caseId required']))
  })

  test('a second table of other columns below refuses the file, one of the same is read on', async () => {
    const other = [...ARREARS_HEAD.slice(0, 7), '尚欠金额（元）', '涉及人数']
    await expect(read(csv(ARREARS_HEAD, line(), [], other, line()), 'csv')).rejects.toMatchObject({
      zh: expect.stringMatching(/^第 4 行是另一张表的表头/),
    })
    const same = [...ARREARS_HEAD.slice(0, 8), '欠薪金额（元）']
    expect((await read(csv(ARREARS_HEAD, line(), [], same, line()), 'csv')).rows).toHaveLength(2)
  })
})

test.each([
  '隆回县人力资源和社会保障局',
  '2025年6月10日',
  '（盖章）',
  '第 1 页 共 3 页',
  '合计（5件）',
  '六都寨镇小计',
])('the end "%s" of a sheet is no row', async (end) => {
  const seen = await read(
    workbook([{ name: '台账', rows: [ARREARS_HEAD, line(), [null, end, ...blank(7)]] }]),
  )
  expect(seen.rows).toHaveLength(1)
})

test('an empty first sheet: its refusal names the other sheets', async () => {
  const sheets = [
    { name: 'Sheet1', rows: [] },
    { name: '台账', rows: [ARREARS_HEAD, line()] },
  ]
  await expect(read(workbook(sheets))).rejects.toMatchObject({
    zh: expect.stringMatching(/这张表是空的.*另外还有：台账/),
  })
})

test.each([
  ['报告月份', '2025/6/1', '2025-06'],
  ['报告月份', '2025年6月1日', '2025-06'],
  ['报告期', '2025/6/1', '2025-06-01'],
])('under %s %s is the period %s', async (title, said, period) => {
  const head = ['监测点编号', title, '所在地', '行业', '在岗人数', '观测时间']
  const seen = await read(csv(head, ['P-1', said, '430503', 'C', 12, '2025-07-01 09:00']), 'csv', 'industry')
  expect(seen.rows).toMatchObject([{ period }])
})
