import fc from 'fast-check'
import { openXlsx as readBack } from 'hucre/xlsx'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KINDS } from '#domain/signal.ts'
import { post, replyOf } from '../support/post.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { idNumberFor } from '../support/signals.ts'
import { sheetXml, type TestCell, workbook, workbookParts, XLSX, zip } from '../support/xlsx.ts'

let server: TestServer
let key: string
let people = 5_000

beforeAll(async () => {
  server = await startServer()
  key = (await server.createSource()).key
})
afterAll(() => server.stop())

const HEADER = ['身份证号', '姓名', '户籍地', '状态', '观测时间']
/** A row of somebody nobody has spoken of yet, in the order of HEADER. */
const row = (...over: TestCell[]): TestCell[] =>
  [idNumberFor(++people), '测试甲', '430522', '在岗', '2026-11-01 09:30'].map((cell, i) => over[i] ?? cell)
const send = (body: Uint8Array, query = '', headers = {}, kind = 'workers') =>
  post(server, kind, key, body, { query, headers: { ...XLSX, ...headers } })
const look = async (path: string, headers = {}) =>
  replyOf(await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } }))
const preview = async (body: Uint8Array, headers = {}) =>
  replyOf(
    await fetch(`${server.url}/v1/signals/workers/preview`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, ...XLSX, ...headers },
      body: body as RequestInit['body'],
    }),
  )

describe('a ledger as clerks keep it is read', () => {
  test('titles above the header, running numbers, synonyms, blank lines and columns, labels, full-width digits', async () => {
    const titles = [
      '序号',
      '姓 名',
      '公民身份号码*',
      '户籍所在地',
      '就业状态',
      '月工资（元）',
      '填报日期',
      '',
    ]
    const rows = [
      ['某县农民工台账'],
      ['填报单位：示例站'],
      titles,
      [1, '测试甲', idNumberFor(++people), '４３０５２２', '求职', '６５００', '2026年11月1日', null],
      [],
      [2, '测试乙', idNumberFor(++people), 430522, '返乡', 6500.5, { xml: ' s="1"><v>46327</v>' }, ''],
      [null, '', '', null],
    ]
    const { body, text } = await send(workbook(rows))
    expect(body, text).toMatchObject({ received: 2, accepted: 2, rejected: 0 })
  })

  test('two lines of titles, the upper ones for groups', async () => {
    const rows = [
      ['身份证号', '姓名', '来源信息', null, '观测时间'],
      [null, null, '户籍地', '状态', null],
      row(),
    ]
    expect((await send(workbook(rows))).body).toMatchObject({ received: 1, accepted: 1 })
  })

  test('dates are those of the sheet, by both calendars, in the time of China', async () => {
    // 2026-11-01 is day 46327 of the one count and 44865 of the other; .5 is noon.
    const person = idNumberFor(++people)
    const dated = (serial: number) => [person, '测试甲', '430522', '在岗', { xml: ` s="2"><v>${serial}</v>` }]
    expect((await send(workbook([HEADER, dated(46327.5)]))).body).toMatchObject({ accepted: 1 })
    const again = await send(workbook([HEADER, dated(44865.5)], { is1904: true }))
    expect(again.body).toMatchObject({ unchanged: 1 })
    const json = [
      {
        idNumber: person,
        name: '测试甲',
        homeRegion: '430522',
        status: 'employed',
        observedAt: '2026-11-01T12:00:00+08:00',
      },
    ]
    expect((await post(server, 'workers', key, JSON.stringify(json))).body).toMatchObject({ unchanged: 1 })
  })

  test('the period of a month cell is that month', async () => {
    const titles = ['监测点编号', '报告期', '观测时间', '所在地', '行业', '在岗人数']
    const rows = [titles, ['X-1', { xml: ' s="3"><v>46296</v>' }, '2026-11-02', '430682', '制造业', 5]]
    expect((await send(workbook(rows), '', {}, 'industry')).body).toMatchObject({ accepted: 1 })
    const same = {
      pointId: 'X-1',
      period: '2026-10',
      observedAt: '2026-11-02',
      workRegion: '430682',
      sector: 'C',
      headcount: 5,
    }
    expect((await post(server, 'industry', key, JSON.stringify(same))).body).toMatchObject({ unchanged: 1 })
  })

  test('an ID number held as a number is refused by its own reason, not read wrongly; a formula error too', async () => {
    const rows = [
      HEADER,
      row(430522198503150000),
      row(undefined as never, { xml: ' t="e"><v>#N/A</v>' }),
      row(),
    ]
    const { body } = await send(workbook(rows))
    expect(body).toMatchObject({ accepted: 1, rejected: 2 })
    expect(body.errors).toMatchObject([
      { row: 1, path: 'idNumber', code: 'digits_lost' },
      { row: 2, path: 'name', code: 'cell_error' },
    ])
  })

  test('a formula gives the value it was saved with; shared, rich and phonetic texts are plain', async () => {
    const sharedStrings =
      '<sst><si><t>测试</t><rPh sb="0" eb="1"><t>cèshì</t></rPh></si><si><r><t>在</t></r><r><t>岗</t></r></si></sst>'
    const cells = row(
      { xml: ` t="str"><f>HYPERLINK("http://example.invalid")</f><v>${idNumberFor(++people)}</v>` },
      { xml: ' t="s"><v>0</v>' },
      { xml: '><f>1+1</f><v>430522</v>' },
      { xml: ' t="s"><v>1</v>' },
    )
    const { body } = await send(workbook([HEADER, cells], { sharedStrings }), '?mode=validate')
    expect(body).toMatchObject({ accepted: 1 })
    const seen = await preview(workbook([HEADER, cells], { sharedStrings }))
    expect(seen.body.rows[0].values.slice(1, 4)).toEqual(['测试', '430522', '在岗'])
  })

  test('the first sheet that is not hidden, or the one that is named', async () => {
    const file = zip(
      workbookParts(
        { 选项: sheetXml([['x']]), 一月: sheetXml([HEADER, row()]), 二月: sheetXml([HEADER, row(), row()]) },
        { hidden: '选项' },
      ),
    )
    expect((await send(file)).body).toMatchObject({ received: 1 })
    expect((await send(file, `?sheet=${encodeURIComponent('二月')}`)).body).toMatchObject({ received: 2 })
    const none = await send(file, '?sheet=x')
    expect([none.status, none.body.detail]).toEqual([400, expect.stringContaining('一月, 二月')])
  })
})

describe('what is no sound workbook is refused with the remedy', () => {
  const sound = () => workbookParts({ 台账: sheetXml([HEADER, row()]) })
  const cases: [string, () => Buffer, number, RegExp][] = [
    ['an old .xls', () => Buffer.from('d0cf11e0a1b11ae10000', 'hex'), 415, /save it as/],
    [
      'a workbook with a password',
      () => Buffer.concat([Buffer.from('d0cf11e0', 'hex'), Buffer.from('EncryptedPackage', 'utf16le')]),
      400,
      /password/,
    ],
    ['a text', () => Buffer.from('身份证号,姓名'), 400, /not an XLSX/],
    ['a zip of something else', () => zip([{ name: 'a.xlsx', data: zip(sound()) }]), 400, /no XLSX workbook/],
    ['a file cut off', () => zip(sound()).subarray(0, 900), 400, /damaged/],
    ['encrypted parts', () => zip(sound().map((part) => ({ ...part, isEncrypted: true }))), 400, /password/],
    [
      'a size that is not the real one',
      () => zip(sound().map((part) => ({ ...part, declared: 10 }))),
      400,
      /damaged/,
    ],
    [
      'a part that would be 3 GB',
      () => zip(sound().map((part) => (part.name.includes('0.xml') ? { ...part, declared: 3e9 } : part))),
      413,
      /CSV/,
    ],
    [
      'a sheet of 40 MB of blanks',
      () => zip(workbookParts({ 台账: `<worksheet><sheetData>${' '.repeat(40e6)}</sheetData></worksheet>` })),
      413,
      /unpacks/,
    ],
    [
      'elements inside each other without end',
      () => zip(workbookParts({ 台账: '<a>'.repeat(50_000) })),
      400,
      /cannot be read/,
    ],
    [
      'entities that multiply',
      () =>
        zip(
          workbookParts({
            台账: `<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData><row><c t="str"><v>&a;</v></c></row></sheetData></worksheet>`,
          }),
        ),
      400,
      /cannot be read/,
    ],
    [
      'ten thousand and one parts',
      () => zip([...sound(), ...Array.from({ length: 10_000 }, (_, i) => ({ name: `x/${i}`, data: '' }))]),
      413,
      /parts/,
    ],
  ]
  test.each(cases)('%s', async (_name, make, status, remedy) => {
    const reply = await send(make())
    expect([reply.status, reply.body.detail]).toEqual([status, expect.stringMatching(remedy)])
  })

  test('random cells and random bytes: never an internal error', async () => {
    const cell = fc.oneof(
      fc
        .string({ unit: 'binary' })
        .map((text) => text.replace(/[^\P{Cc}]|[\ud800-\udfff\ufffe\uffff]/gu, '')),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(
        { xml: ' t="s"><v>9</v>' },
        { xml: ' r="XFE1"><v>1</v>' },
        { xml: ' s="99" t="d"><v>x</v>' },
        { xml: ' t="b"><v>1</v>' },
        null,
      ),
    )
    const sheets = fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(sheets, fc.boolean(), fc.nat(), async (rows, hasHeader, at) => {
        const file = workbook(hasHeader ? [HEADER, ...rows] : rows)
        expect((await send(file)).status).toBeLessThan(500)
        const broken = Buffer.from(file)
        broken[at % broken.length] = at % 256
        expect((await send(broken)).status).toBeLessThan(500)
      }),
      { seed: 20261124, numRuns: 60 },
    )
    expect(server.output()).not.toContain('"level":50')
  })
})

describe('columns', () => {
  const titles = ['证件', '姓名', '户籍地', '状态', '观测时间', '联系方式', '手机号']
  const file = () => workbook([titles, [...row(), '13800000000', '13800000001']])

  test('the preview names what is known, unclear and unknown, judges rows and stores nothing', async () => {
    const { status, body } = await preview(file())
    expect(status).toBe(200)
    expect(body).toMatchObject({ sheets: ['台账'], headerRow: 1 })
    expect(body.columns.map((column: any) => [column.field, column.how])).toEqual([
      [null, 'unknown'],
      ['name', 'exact'],
      ['homeRegion', 'exact'],
      ['status', 'exact'],
      ['observedAt', 'exact'],
      [null, 'ambiguous'],
      [null, 'ambiguous'],
    ])
    expect(body.rows[0].values[6]).toBe('13800000001')
    expect(body.rows[0].faults).toContainEqual(
      expect.objectContaining({ path: 'idNumber', code: 'required' }),
    )
  })

  test('unclear ones stop a commit; a mapping that is sent clears them and is remembered for the source', async () => {
    const unclear = await send(file())
    expect([unclear.status, unclear.body.detail]).toEqual([400, expect.stringContaining('联系方式, 手机号')])
    const columns = encodeURIComponent(JSON.stringify({ 证件: 'idNumber', 联系方式: null, 手机号: 'phone' }))
    expect((await send(file(), '', { 'xiangrong-columns': columns })).body).toMatchObject({ accepted: 1 })
    expect((await send(file())).body).toMatchObject({ accepted: 1 })
    expect((await look('/v1/signals/workers/columns')).body.remembered).toMatchObject([
      { titles, columns: { 手机号: 'phone' } },
    ])
    const other = (await server.createSource({ name: 'other' })).key
    expect((await post(server, 'workers', other, file(), { headers: XLSX })).status).toBe(400)
  })

  test('a mapping can be put, and only to fields there are', async () => {
    const put = (columns: object) =>
      fetch(`${server.url}/v1/signals/workers/columns`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ titles: ['甲', '姓名'], columns }),
      })
    expect((await put({ 甲: 'nothing' })).status).toBe(400)
    expect((await put({ 甲: 'idNumber' })).status).toBe(200)
    expect(
      (
        await preview(
          workbook([
            ['甲', '姓名'],
            ['1', '测试甲'],
          ]),
        )
      ).body.columns[0],
    ).toMatchObject({ field: 'idNumber', how: 'remembered' })
  })
})

describe('sheets that are given out', () => {
  test.each(KINDS)('%s: the template comes back accepted, in both languages', async (kind) => {
    for (const lang of ['zh', 'en']) {
      const reply = await fetch(`${server.url}/v1/signals/${kind}/template.xlsx`, {
        headers: { 'accept-language': lang },
      })
      expect(reply.headers.get('content-type')).toBe(XLSX['content-type'])
      const sent = await send(new Uint8Array(await reply.arrayBuffer()), '', {}, kind)
      expect(sent.body, sent.text).toMatchObject({
        received: 1,
        rejected: 0,
        accepted: lang === 'zh' ? 1 : expect.any(Number),
      })
    }
  })

  test('rejected rows come back under their titles, marked, without formulas, and are accepted once corrected', async () => {
    const bad = row(undefined as never, '=1+1', '99')
    const { body } = await send(workbook([['某县'], HEADER, bad, row()]))
    expect(body).toMatchObject({ accepted: 1, rejected: 1 })
    const reply = await fetch(`${server.url}/v1/batches/${body.batch}/errors.xlsx`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const bytes = new Uint8Array(await reply.arrayBuffer())
    const sheet = (await readBack(bytes)).sheets[0]
    expect(sheet?.rows[0]).toEqual([...HEADER, '原因'])
    expect(sheet?.rows[1]?.slice(0, 4)).toEqual([bad[0], '=1+1', '99', '在岗'])
    expect(sheet?.rows[1]?.at(-1)).toMatch(/^户籍地: /)
    expect(sheet?.cells?.get('1,1')?.formula).toBeUndefined()
    expect(sheet?.cells?.get('1,2')?.comment?.text).toMatch(/行政区划/)
    const again = await send(bytes)
    expect(again.body).toMatchObject({ received: 1, rejected: 1 })
    const [titles = [], line = []] = (sheet?.rows ?? []) as string[][]
    const corrected = workbook([titles, line.with(2, '430522')])
    expect((await send(corrected)).body).toMatchObject({ accepted: 1 })
  })
})
