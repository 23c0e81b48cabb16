import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { openIntake } from '../support/intake.ts'
import { cfb, type TestCell, workbook, zip } from '../support/workbook.ts'

const XLSX = {
  headers: { 'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
}
const MIB = 1024 * 1024
const SHEET = 'xl/worksheets/sheet1.xml'
const ROWS: TestCell[][] = [
  ['案件编号', '观测时间', '线索渠道', '欠薪发生地', '行业', '用人单位', '状态', '涉及人数', '尚欠金额'],
  ['甲', '2025-06-10', '信访', '430102', 'E', '示例建筑', '已受理', 4, 100],
]

const intake = openIntake()

const send = (body: Uint8Array, headers = {}) =>
  intake.post('arrears', body, { headers: { ...XLSX.headers, ...headers } })
const zeros = (bytes: number) =>
  Buffer.concat([Buffer.from('<worksheet><sheetData>'), Buffer.alloc(bytes, ' ')])

describe('a file that is no workbook, or a harmful one, is refused with what to do', () => {
  test.each<[string, () => Buffer, number, RegExp]>([
    ['one protected by a password', () => cfb('EncryptedPackage'), 400, /password; .*save it as/],
    ['an old .xls', () => cfb('Workbook'), 415, /old \.xls.*save it as/],
    ['encrypted parts', () => workbook(ROWS, { flags: 1 }), 400, /password/],
    ['no zip at all', () => Buffer.from('姓名,身份证号\n'), 400, /not an XLSX/],
    ['nothing', () => Buffer.alloc(0), 400, /not an XLSX|empty/],
    ['a zip that is no workbook', () => zip({ 'a.txt': 'a' }), 400, /no XLSX workbook/],
    [
      'a binary workbook',
      () =>
        zip({
          '_rels/.rels':
            '<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>',
          'xl/workbook.bin': 'x',
        }),
      415,
      /save it as "Excel workbook/,
    ],
    ['one cut off', () => workbook(ROWS).subarray(0, 900), 400, /damaged or cut off/],
    [
      'a part that declares 3 GiB',
      () => workbook(ROWS, { declared: { [SHEET]: 3 * 1024 * MIB } }),
      413,
      /too large unpacked; send it as CSV/,
    ],
    [
      'a part that unpacks to a thousand times its size',
      () => workbook(ROWS, { parts: { [SHEET]: zeros(32 * MIB) } }),
      413,
      /unpacks to far more/,
    ],
    [
      'the same that declares to be small',
      () => workbook(ROWS, { parts: { [SHEET]: zeros(32 * MIB) }, declared: { [SHEET]: 1000 } }),
      400,
      /damaged/,
    ],
    [
      'too many parts',
      () =>
        workbook(ROWS, {
          parts: Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`x/${i}`, ''])),
        }),
      413,
      /more than 10000 parts/,
    ],
    [
      'entities that grow',
      () =>
        workbook(ROWS, {
          parts: {
            [SHEET]:
              '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>',
          },
        }),
      400,
      /cannot be read inside/,
    ],
    [
      'elements without end',
      () => workbook(ROWS, { parts: { [SHEET]: '<a>'.repeat(1000) } }),
      400,
      /cannot be read inside/,
    ],
    ['an empty sheet', () => workbook([]), 400, /empty/],
    [
      'no title that is known',
      () =>
        workbook([
          ['甲', '乙'],
          ['1', '2'],
        ]),
      400,
      /template/,
    ],
    ['a header alone', () => workbook(ROWS.slice(0, 1)), 400, /no row/],
  ])('%s', async (_, body, status, says) => {
    const reply = await send(body())
    expect([reply.status, reply.body.detail]).toEqual([status, expect.stringMatching(says)])
    expect(reply.headers.get('content-type')).toBe('application/problem+json')
    // The page shows it as it is.
    const { detail } = (await send(body(), { 'accept-language': 'zh-CN' })).body
    expect(detail).toMatch(/请|应/)
    expect(detail).not.toMatch(/[a-z]{4,} [a-z]{2,} [a-z]/)
  })

  test('an .xls by its media type', async () => {
    const reply = await send(cfb('Workbook'), { 'content-type': 'application/vnd.ms-excel' })
    expect([reply.status, reply.body.detail]).toEqual([
      415,
      expect.stringMatching(/save it as "Excel workbook/),
    ])
  })

  test('links and macros inside a good workbook are left alone', async () => {
    const parts = {
      'xl/externalLinks/externalLink1.xml': '<externalLink/>',
      'xl/vbaProject.bin': Buffer.alloc(100, 7),
    }
    expect((await send(workbook(ROWS, { parts }))).body).toMatchObject({ accepted: 1 })
    // The name that a workbook with macros has among media types.
    const type = { 'content-type': 'application/vnd.ms-excel.sheet.macroEnabled.12' }
    expect((await send(workbook(ROWS, { parts }), type)).body).toMatchObject({ unchanged: 1 })
  })
})

describe('whatever comes, the server answers and lives', () => {
  const FC = { seed: 20261124, numRuns: 80 }
  const isAnswered = async (body: Uint8Array, type?: string) => {
    const reply = await send(body, type ? { 'content-type': type } : {})
    expect(reply.status, reply.text).toBeLessThan(500)
  }
  afterAll(async () => expect((await fetch(`${intake.server.url}/healthz`)).status).toBe(200))

  test('sheets of anything', async () => {
    const cell = fc.oneof(
      fc
        .string({ unit: 'grapheme', maxLength: 12 })
        .map((text) => text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g, '')),
      fc.double().map((value): TestCell => ({ inner: `<v>${value}</v>` })),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc
        .tuple(
          fc.constantFrom('s', 'e', 'd', 'str', 'b', 'zz'),
          fc.constantFrom('-1', '9999', 'NaN', '', '#N/A', '2025-06-10'),
        )
        .map(([type, value]): TestCell => ({ type, inner: `<v>${value}</v>` })),
      fc.constantFrom(...ROWS.flat()),
    )
    const sheet = fc.array(fc.array(cell, { maxLength: 12 }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(sheet, fc.boolean(), async (rows, hasHeader) =>
        isAnswered(workbook(hasHeader ? [ROWS[0] ?? [], ...rows] : rows, { formats: ['yyyy-mm-dd'] })),
      ),
      FC,
    )
  })

  test('bytes of anything, and workbooks with bytes changed or cut', async () => {
    const good = workbook(ROWS)
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(good.length),
        fc.constantFrom('text/csv', 'application/x-ndjson', undefined),
        async (bytes, changes, length, type) => {
          await isAnswered(bytes, type)
          const changed = Buffer.from(good)
          for (const [at, value] of changes) changed[at] = value
          await isAnswered(changed)
          await isAnswered(good.subarray(0, length))
        },
      ),
      FC,
    )
  })
})

test.each(['99999999999', '2.5', 'x', '0', '1'])(
  'a row numbered %s is refused: rows are kept by their numbers',
  async (r) => {
    const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`
    const rows = ROWS.map(
      (cells, i) => `<row r="${i + 1}">${cells.map((text) => cell(String(text))).join('')}</row>`,
    )
    const odd = `<row r="${r}">${cell('乙')}</row>`
    const body = workbook(ROWS, {
      parts: { [SHEET]: `<worksheet><sheetData>${rows.join('')}${odd}</sheetData></worksheet>` },
    })
    expect((await send(body)).status).toBe(400)
  },
)
