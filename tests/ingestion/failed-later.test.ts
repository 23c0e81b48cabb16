import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { saidOfFile } from '../../web/src/routes/(admin)/sources/said-of-file.ts'
import { openIntake } from '../support/intake.ts'
import { waitFor } from '../support/server.ts'
import { ARREARS_HEAD, cfb, workbook, zip } from '../support/workbook.ts'

/** A file that nobody waits for fails when it is gone through: its batch says why, in both languages. */
const MIB = 1024 * 1024
const CSV = { 'content-type': 'text/csv' }
const XLSX = { 'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' }
const JSONS = { 'content-type': 'application/json' }
const LINES = { 'content-type': 'application/x-ndjson' }
const GZIP = { 'content-encoding': 'gzip' }
const SHEET = 'xl/worksheets/sheet1.xml'

const intake = openIntake({ region: '4307' })

const row = (id: string, over: { region?: string; owed?: string } = {}) => [
  ...[id, '2025-06-10', '信访', over.region ?? '430702', 'E', '示例建筑', '已受理', '4', over.owed ?? '1.00'],
]
const ledger = (...rows: string[][]) => [ARREARS_HEAD, ...rows]
const text = (...rows: string[][]) =>
  Buffer.from(
    `${ledger(...rows)
      .map((cells) => cells.join())
      .join('\n')}\n`,
  )
/** Long enough that what follows it is read in a later piece. */
const long = Array.from({ length: 5_000 }, (_, i) => row(`案-${i}`))
/** A good workbook with some bytes of its sheet turned over. */
function broken(): Buffer {
  const bytes = workbook(ledger(...long))
  const at = bytes.indexOf(SHEET) + 40_000
  for (let i = at; i < at + 64; i++) bytes[i] = (bytes[i] ?? 0) ^ 0xff
  return bytes
}

type Case = [string, Record<string, string>, () => Buffer, string, RegExp, RegExp, query?: string]
const CASES: Case[] = [
  [
    'a CSV of no encoding',
    CSV,
    () => Buffer.concat([text(...long), Buffer.from([0xff, 0xff, 0x0a])]),
    'bad_request',
    /neither UTF-8/,
    /编码/,
  ],
  [
    'UTF-16 without its mark',
    CSV,
    () => Buffer.from(text(row('A')).toString(), 'utf16le'),
    'bad_request',
    /UTF-16/,
    /UTF-16/,
  ],
  [
    'a quote that stays open',
    CSV,
    () => Buffer.concat([text(...long), Buffer.from('"案')]),
    'bad_request',
    /quotes/,
    /引号/,
  ],
  [
    'a workbook that is said to be a CSV',
    CSV,
    () => workbook(ledger(row('A'))),
    'bad_request',
    /a workbook, not a CSV/,
    /这是工作簿/,
  ],
  [
    'an old workbook that is said to be a CSV',
    CSV,
    () => cfb('Workbook'),
    'unsupported_media',
    /old \.xls/,
    /旧版/,
  ],
  [
    'a CSV with columns without end',
    CSV,
    () => Buffer.from(`${[...ARREARS_HEAD, ...Array(2_000).fill('金额')].join()}\n${row('A').join()}\n`),
    'bad_request',
    /more than 2000 columns/,
    /超过 2000 列/,
  ],
  ['an empty CSV', CSV, () => Buffer.from('\n'), 'bad_request', /empty/, /空/],
  [
    'titles that nobody knows',
    CSV,
    () => Buffer.from('甲,乙\n1,2\n'),
    'bad_request',
    /no column name/,
    /没有一列认得出来/,
  ],
  [
    'two columns of one field',
    CSV,
    () => Buffer.from('案件编号,欠薪金额,拖欠金额\nA,1,2\n'),
    'bad_request',
    /same field/,
    /不止一列/,
  ],
  ['nothing but a header', CSV, () => text(), 'bad_request', /no row/, /没有数据行/],
  [
    'rows of another region',
    CSV,
    () => text(row('A', { region: '440306' })),
    'forbidden',
    /region of this source/,
    /没有一行属于/,
  ],
  [
    'no good row',
    CSV,
    () => text(row('A', { owed: '-1' })),
    'unprocessable',
    /no row could be accepted/,
    /没有一行合格/,
  ],
  [
    'not all good',
    CSV,
    () => text(row('A'), row('B', { owed: '-1' })),
    'unprocessable',
    /none was taken/,
    /一行也没有入库/,
    '?atomic=all',
  ],
  [
    'gzip that is cut off',
    { ...CSV, ...GZIP },
    () => gzipSync(text(...long)).subarray(0, -200),
    'bad_request',
    /gzip body is damaged/,
    /压缩文件已损坏/,
  ],
  ['a workbook with broken bytes', XLSX, broken, 'bad_request', /damaged or cut off/, /已损坏或不完整/],
  [
    'a workbook broken in the middle',
    XLSX,
    () => workbook([...ledger(...long), [{ inner: '<v>&nobody;</v>' }]]),
    'bad_request',
    /cannot be read inside/,
    /内部读不出来/,
  ],
  [
    'a workbook that is cut off',
    XLSX,
    () => workbook(ledger(row('A'))).subarray(0, 900),
    'bad_request',
    /damaged or cut off/,
    /已损坏或不完整/,
  ],
  ['a workbook with a password', XLSX, () => cfb('EncryptedPackage'), 'bad_request', /password/, /设了密码/],
  ['an old workbook', XLSX, () => cfb('Workbook'), 'unsupported_media', /old \.xls/, /旧版/],
  ['no workbook', XLSX, () => text(row('A')), 'bad_request', /not an XLSX/, /不是 XLSX/],
  [
    'a zip of something else',
    XLSX,
    () => zip({ 'a.txt': 'a' }),
    'bad_request',
    /no XLSX workbook/,
    /没有工作簿/,
  ],
  [
    'a bomb',
    XLSX,
    () => workbook([['甲']], { declared: { [SHEET]: 3 * 1024 * MIB } }),
    'too_large',
    /too large unpacked/,
    /解开后太大/,
  ],
  [
    'a sheet that is not there',
    XLSX,
    () => workbook(ledger(row('A'))),
    'bad_request',
    /no such sheet/,
    /没有这张工作表/,
    '?sheet=none',
  ],
  ['an empty sheet', XLSX, () => workbook([]), 'bad_request', /empty/, /空/],
  [
    'only hidden sheets',
    XLSX,
    () => workbook([{ name: 'x', state: 'hidden', rows: ledger(row('A')) }]),
    'bad_request',
    /visible/,
    /隐藏/,
  ],
  [
    'a row without end',
    XLSX,
    () => workbook([ARREARS_HEAD, Array.from({ length: 2_001 }, () => 'x')]),
    'bad_request',
    /columns/,
    /列/,
  ],
  [
    'markup that is none',
    XLSX,
    () => workbook([['甲']], { parts: { [SHEET]: '<a>'.repeat(1000) } }),
    'bad_request',
    /cannot be read inside/,
    /内部读不出来/,
  ],
  [
    'JSON that is none',
    JSONS,
    () => Buffer.from('[{"caseId": 1} 2]'),
    'bad_request',
    /not valid JSON/,
    /JSON .*有误/,
  ],
  [
    'JSON too large unpacked',
    { ...JSONS, ...GZIP },
    () => gzipSync(Buffer.alloc(65 * MIB, ' ')),
    'too_large',
    /64 MiB/,
    /64 MiB/,
  ],
  [
    'NDJSON that is not UTF-8',
    LINES,
    () => Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
    'bad_request',
    /not UTF-8/,
    /不是 UTF-8/,
  ],
]

test.each(CASES)('%s', async (_, headers, make, code, says, saysZh, query = '') => {
  const body = make()
  const sent = await intake.post('arrears', body as Uint8Array, {
    query,
    headers: { ...headers, prefer: 'respond-async' },
  })
  expect(sent.status, sent.text).toBe(202)
  const look = async () => (await intake.ask(`/v1/batches/${sent.body.batch}`)).body
  await waitFor(async () => ['done', 'failed'].includes((await look()).state), 60_000)
  const { state, problem } = await look()
  expect([state, problem.code]).toEqual(['failed', code])
  expect(problem.detail).toMatch(says)
  expect(problem.zh).toMatch(saysZh)
  // It says what to do, and nothing of it is English but names.
  expect(problem.zh).toMatch(/请|应|文件里有/)
  expect(problem.zh).not.toMatch(/[a-z]{4,} [a-z]{2,} [a-z]/)
})

const REFUSED = CASES.filter(([, , , code]) => code === 'unprocessable')
test.each(REFUSED)(
  '%s: who waits is told it in both languages too, now and when it is asked again',
  async (...one) => {
    const [, headers, make, , says, saysZh, query = ''] = one
    const send = () =>
      intake.post('arrears', make() as Uint8Array, {
        query,
        headers: { ...headers, 'idempotency-key': String(says) },
      })
    const first = await send()
    expect(first.status).toBe(422)
    expect(first.body.detail).toMatch(says)
    expect(first.body.zh).toMatch(saysZh)
    expect((await send()).body).toEqual(first.body)
  },
)

test('a column that is told to be what is no field', async () => {
  const sent = await intake.post('arrears', new Uint8Array(text(row('A'))), {
    headers: {
      ...CSV,
      prefer: 'respond-async',
      'xiangrong-columns': encodeURIComponent('{"案件编号":"nothing"}'),
    },
  })
  const look = async () => (await intake.ask(`/v1/batches/${sent.body.batch}`)).body
  await waitFor(async () => (await look()).state === 'failed')
  expect((await look()).problem).toMatchObject({
    code: 'bad_request',
    zh: expect.stringMatching(/没有“nothing”这一项/),
  })
})

/** Walked in the source too, as some take gigabytes or a full disk to bring about. */
test('no reason of reading a file is without its Chinese, or speaks of bodies to who uploaded a file', () => {
  const root = new URL('../../ingestion/', import.meta.url)
  const files = [
    ...readdirSync(new URL('formats/', root), { recursive: true, encoding: 'utf8' }).map(
      (name) => `formats/${name}`,
    ),
    ...['nothing-to-take.ts', 'room.ts', 'stopping.ts'],
  ].filter((name) => name.endsWith('.ts'))
  const reasons = files.flatMap((name) =>
    readFileSync(new URL(name, root), 'utf8')
      .split('new AppError(')
      .slice(1)
      .map((rest) => ({ name, call: argumentsOf(rest) })),
  )
  expect(reasons.length).toBeGreaterThan(30)
  expect(reasons.filter(({ call }) => !/\bzh\b/.test(call))).toEqual([])
  expect(reasons.filter(({ call }) => /\bbody\b/.test(call)).length).toBeGreaterThan(5)
  expect(reasons.filter(({ call }) => /\b(body|requests?)\b/.test(saidOfFile(call)))).toEqual([])
  expect(reasons.filter(({ call }) => /Xiangrong-|\/v1\//.test(call))).toEqual([])
})

/** What stands before the parenthesis that closes a call. */
function argumentsOf(rest: string): string {
  let depth = 1
  for (let at = 0; at < rest.length; at++) {
    if (rest[at] === '(') depth++
    if (rest[at] === ')') depth--
    if (depth === 0) return rest.slice(0, at)
  }
  return rest
}
