import { deflateRawSync, crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { readXlsx, type WriteSheet, writeXlsx } from 'hucre/xlsx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'
import { idNumberFor } from '../support/signals.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
let server: TestServer
let key: string

beforeAll(async () => {
  server = await startServer()
  key = (await server.createSource()).key
})
afterAll(() => server.stop())

const TITLES = [
  '案件编号',
  '观测时间',
  '线索渠道',
  '欠薪发生地',
  '行业',
  '用人单位',
  '状态',
  '涉及人数',
  '尚欠金额',
]
const WHEN = new Date(Date.UTC(2026, 9, 1, 9, 30))
/** A line of an arrears sheet that passes; `n` names its case. */
const line = (n: number | string, over: Record<number, unknown> = {}) => {
  const cells: unknown[] = [`x-${n}`, WHEN, '12345热线', '430503', '建筑业', '示例建筑', '已受理', 3, 1200.5]
  for (const [at, value] of Object.entries(over)) cells[Number(at)] = value
  return cells
}
const workbook = async (rows: unknown[][], more: Partial<WriteSheet> = {}) =>
  new Uint8Array(
    (await writeXlsx({ sheets: [{ name: '一月', rows, ...more } as WriteSheet] })) as Uint8Array<ArrayBuffer>,
  )
const send = (body: Uint8Array<ArrayBuffer>, kind = 'arrears', query = '') =>
  server.send(kind, key, null, { body, query, headers: { 'content-type': XLSX } })
const owed = async (at: string) =>
  (await server.get(`/v1/distribution?measure=arrears.owed&by=source&at=${encodeURIComponent(at)}`)).rows[0]
    ?.value ?? null

describe('a ledger as clerks keep it', () => {
  it('is read below merged titles, with Chinese titles, labels, dates and numbers of both sorts', async () => {
    const sheet = await workbook(
      [
        ['邵阳市大祥区 2026 年 10 月欠薪台账'],
        ['填报单位：示例'],
        TITLES.map((title) => `${title}${title === '尚欠金额' ? '（元）' : ''}`),
        line(1),
        line(2, { 3: 430503, 4: 'E', 6: 'verified', 7: '３', 8: '1,200.50' }),
        line(3, { 1: '2026年10月1日 9:30', 2: 'station' }),
        [],
        ['', ''],
      ],
      { merges: [{ startRow: 0, startCol: 0, endRow: 0, endCol: 8 }] },
    )
    const { status, body } = await send(sheet)
    expect(body).toMatchObject({ received: 3, accepted: 3, rejected: 0 })
    expect(status).toBe(200)
    // 09:30 in the sheet is 09:30 in China.
    expect(await owed('2026-10-01T09:29:59+08:00')).toBeNull()
    expect(await owed('2026-10-01T09:30:00+08:00')).toBe('3601.50')
    expect((await send(sheet)).body).toMatchObject({ accepted: 0, unchanged: 3 })
  })

  it('may hold formulas, of which the value that was saved counts, and hidden columns, which are read like others', async () => {
    const rows = [TITLES, line(11), line(12)]
    const sheet = await workbook(rows, {
      cells: new Map([
        ['1,8', { value: null, type: 'formula', formula: '700+77', formulaResult: 777 }],
      ]) as WriteSheet['cells'],
      columns: TITLES.map((_, i) => ({ hidden: i === 5 })) as WriteSheet['columns'],
    })
    const preview = await fetch(`${server.url}/v1/signals/arrears/preview`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': XLSX },
      body: sheet,
    })
    const shown = (await preview.json()) as {
      sheets: string[]
      headerRow: number
      rows: { values: string[] }[]
    }
    expect([preview.status, shown.sheets, shown.headerRow]).toEqual([200, ['一月'], 1])
    expect(shown.rows[0]?.values[8]).toBe('777')
    expect(shown.rows[0]?.values[5]).toBe('示例建筑')
  })

  it('is read from the sheet that is named; another name is answered with those there are', async () => {
    const bytes = await writeXlsx({
      sheets: [
        { name: '说明', rows: [['请在第二张表填报']] },
        { name: '台账', rows: [TITLES, line(21)] },
      ] as WriteSheet[],
    })
    const body = new Uint8Array(bytes as Uint8Array<ArrayBuffer>)
    expect((await send(body)).status).toBe(400)
    expect((await send(body, 'arrears', `?sheet=${encodeURIComponent('台账')}`)).body).toMatchObject({
      accepted: 1,
    })
    const wrong = await send(body, 'arrears', '?sheet=nope')
    expect([wrong.status, wrong.body.detail]).toEqual([400, expect.stringContaining('说明, 台账')])
  })

  it('never takes an ID number whose digits the spreadsheet has lost', async () => {
    const titles = ['身份证号', '姓名', '户籍地', '状态', '观测时间']
    const good = idNumberFor(7)
    const sheet = await workbook([
      titles,
      [good, '测试甲', '430522', '在岗', WHEN],
      [Number(idNumberFor(8).slice(0, 17)) * 10, '测试乙', '430522', '在岗', WHEN],
    ])
    const { body } = await send(sheet, 'workers')
    expect(body).toMatchObject({ received: 2, accepted: 1, rejected: 1 })
    expect(body.errors).toMatchObject([{ row: 2, path: 'idNumber', code: 'digits_lost' }])
    expect(JSON.stringify(body)).not.toContain(good)
  })

  it('names row and field of what is wrong, and the sheet of errors comes back ready to correct', async () => {
    const sheet = await workbook([
      TITLES,
      line(31),
      line(32, { 8: -5 }),
      line(33, { 3: '999999', 5: '=1+1' }),
      line(34, { 6: '不明' }),
    ])
    const { status, body } = await send(sheet)
    expect(status).toBe(200)
    expect(body).toMatchObject({ received: 4, accepted: 1, rejected: 3 })
    const response = await fetch(`${server.url}/v1/batches/${body.batch}/errors.xlsx`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const bytes = new Uint8Array(await response.arrayBuffer())
    const { sheets } = await readXlsx(bytes, { readStyles: true })
    const rows = sheets[0]?.rows ?? []
    expect(rows[0]?.slice(0, TITLES.length)).toEqual(TITLES)
    expect(rows).toHaveLength(4)
    expect(String(rows[1]?.at(-1))).toContain('不能为负数')
    // What was sent as text stays text: nothing is evaluated when the sheet is opened.
    expect(Buffer.from(bytes).includes('<f>')).toBe(false)
    const marked = sheets[0]?.cells?.get('1,8')
    expect(JSON.stringify(marked?.style ?? {})).toMatch(/fill/i)
    const corrected = rows.map((row, i) =>
      i === 0
        ? row
        : row.map((cell, at) => ({ 3: '430503', 5: '示例建筑', 6: '已受理', 8: 500 })[at] ?? cell),
    )
    expect((await send(await workbook(corrected as unknown[][]))).body).toMatchObject({
      accepted: 3,
      rejected: 0,
    })
  })
})

describe('the template', () => {
  it.each(['workers', 'arrears', 'industry'])(
    'of %s passes as it is given out, drop-downs and all',
    async (kind) => {
      for (const language of ['zh', 'en']) {
        const response = await fetch(`${server.url}/v1/signals/${kind}/template.xlsx`, {
          headers: { 'accept-language': language },
        })
        expect(response.headers.get('content-type')).toBe(XLSX)
        const bytes = new Uint8Array(await response.arrayBuffer())
        const { body } = await send(bytes, kind, '?mode=validate')
        expect(body).toMatchObject({ received: 1, rejected: 0, errors: [] })
        expect(JSON.stringify((await readXlsx(bytes)).sheets[0]?.dataValidations ?? [])).toContain('list')
      }
    },
  )
})

/** A ZIP of one or more parts; `claimed` is the unpacked size that its directory tells. */
function zip(parts: { name: string; content: Buffer; claimed?: number }[]): Uint8Array<ArrayBuffer> {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, claimed } of parts) {
    const packed = deflateRawSync(content)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt16LE(8, 4)
    head.writeUInt32LE(zlibCrc32(content), 10)
    head.writeUInt32LE(packed.length, 14)
    head.writeUInt32LE(claimed ?? content.length, 18)
    head.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), head, Buffer.from(name), packed])
    const entry = Buffer.alloc(42)
    entry.writeUInt16LE(20, 0)
    head.copy(entry, 2)
    entry.writeUInt32LE(offset, 38)
    directory.push(Buffer.from('PK\x01\x02'), entry, Buffer.from(name))
    locals.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(parts.length, 4)
  end.writeUInt16LE(parts.length, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(offset, 12)
  return new Uint8Array(Buffer.concat([...locals, central, Buffer.from('PK\x05\x06'), end]))
}

describe('what is no ledger', () => {
  it('is refused with what to do, whatever it is', async () => {
    const zeros = Buffer.alloc(300 * 1024 * 1024, 0x20)
    const bomb = zip([
      { name: '[Content_Types].xml', content: Buffer.from('<Types/>') },
      { name: 'xl/workbook.xml', content: zeros },
    ])
    const lying = zip([
      { name: 'xl/workbook.xml', content: zeros.subarray(0, 40 * 1024 * 1024), claimed: 10 },
    ])
    const old = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(4096)])
    const many = zip(Array.from({ length: 3000 }, (_, i) => ({ name: `p${i}`, content: Buffer.from('x') })))
    const whole = await workbook([TITLES, line(41)])
    const cases: [string, Uint8Array<ArrayBuffer>, number[], RegExp][] = [
      ['a bomb', bomb, [400, 413], /CSV|\.xlsx/],
      ['a bomb that lies about its size', lying, [400, 413], /CSV|\.xlsx/],
      ['very many parts', many, [400, 413], /\.xlsx/],
      ['an old .xls', new Uint8Array(old), [415], /\.xlsx/],
      ['text', new Uint8Array(Buffer.from('案件编号,观测时间\r\n')), [400], /\.xlsx/],
      ['a file cut off', whole.slice(0, whole.length - 40), [400], /\.xlsx/],
      ['a ZIP of something else', zip([{ name: 'a.txt', content: Buffer.from('a') }]), [400], /\.xlsx|XLSX/],
      [
        'a sheet without a known title',
        await workbook([
          ['甲', '乙'],
          [1, 2],
        ]),
        [400],
        /template|column/,
      ],
    ]
    for (const [what, body, statuses, remedy] of cases) {
      const answer = await send(body)
      expect(statuses, what).toContain(answer.status)
      expect(answer.body.detail, what).toMatch(remedy)
    }
  })

  it('however it is broken, never breaks the server', async () => {
    const whole = Buffer.from(await workbook([TITLES, line(51), line(52)]))
    const harms = fc.sample(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
      { numRuns: 60, seed: 4 },
    )
    for (const harm of harms) {
      const bytes = new Uint8Array(whole)
      for (const [at, value] of harm) bytes[at] = value
      const { status } = await send(bytes)
      expect(status < 500 || status === 503, JSON.stringify(harm)).toBe(true)
    }
    const cell = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
    )
    for (const rows of fc.sample(fc.array(fc.array(cell, { maxLength: 12 }), { maxLength: 6 }), {
      numRuns: 40,
      seed: 5,
    })) {
      const { status } = await send(await workbook([TITLES, ...rows]))
      expect(status, JSON.stringify(rows)).toBeLessThan(500)
    }
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })
})
