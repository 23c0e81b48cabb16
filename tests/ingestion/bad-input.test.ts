import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { encodeGbk } from '../support/gbk.ts'
import { openIntake } from '../support/intake.ts'
import { post, type Reply, readCounts, type Sent } from '../support/post.ts'
import { arrears, idNumber, idNumberFor, industry, worker } from '../support/signals.ts'

const MIB = 1024 * 1024

/** What must never come back nor reach a log: it is in nearly every row sent here. */
const SECRET = { idNumber: idNumber(777), name: '欧阳机密', phone: '13912345678' }
const BAD_ID = `${SECRET.idNumber.slice(0, 17)}${SECRET.idNumber.endsWith('1') ? '2' : '1'}`
const NOTE = `${SECRET.name} ${SECRET.idNumber} ${SECRET.phone}`
const person = (over: Record<string, unknown> = {}) => worker({ ...SECRET, ...over })
const dispute = (over: Record<string, unknown> = {}) => arrears({ note: NOTE, ...over })

const intake = openIntake()
let replies: Reply[] = []
/** What is counted, as last read; `null` after something was accepted. */
let counts: Record<string, unknown> | null = null

beforeAll(async () => {
  const seeded = [
    await intake.post('workers', JSON.stringify([person(), worker({ idNumber: idNumber(2) })])),
    await intake.post('arrears', JSON.stringify([dispute({ caseId: 'seed', paid: '12.50' })])),
    await intake.post('industry', JSON.stringify([industry({ pointId: 'seed' })])),
  ]
  expect(seeded.map((reply) => reply.body.accepted)).toEqual([2, 1, 1])
})

afterEach(() => {
  const said = [...replies.map((reply) => reply.text), intake.server.output()].join('\n')
  for (const secret of [SECRET.idNumber, BAD_ID, SECRET.name, SECRET.phone])
    expect(said).not.toContain(secret)
  expect(intake.server.output()).not.toContain('"level":50')
  replies = []
})

async function send(
  kind: string,
  body: string | Uint8Array | ReadableStream,
  sent?: Sent,
  as: string | null = intake.key,
) {
  const reply = await post(intake.server, kind, as, body, sent)
  replies.push(reply)
  if (reply.body?.accepted > 0) counts = null
  return reply
}

/** Sends what must be refused whole and sees to it that nothing is counted. */
async function refused(
  status: number,
  kind: string,
  body: string | Uint8Array | ReadableStream,
  sent?: Sent,
  as?: string | null,
) {
  counts ??= await readCounts(intake.server)
  const reply = await send(kind, body, sent, as)
  expect(reply.status, reply.text).toBe(status)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
  expect(reply.body).toMatchObject({
    type: 'about:blank',
    title: expect.any(String),
    status,
    code: expect.any(String),
    detail: expect.any(String),
  })
  expect(await readCounts(intake.server)).toEqual(counts)
  return reply.body
}

type BadRow = { name: string; kind: string; row: unknown; path: string; code: string }
const bad = (kind: string, name: string, row: unknown, path: string, code: string): BadRow => ({
  kind,
  name,
  row,
  path,
  code,
})
const without = (row: Record<string, unknown>, field: string) => ({ ...row, [field]: undefined })
const homes = (...workers: number[]) => workers.map((n) => ({ region: '430522', workers: n }))

const BAD_ROWS: BadRow[] = [
  bad('workers', 'a name of the wrong type', person({ name: 5 }), 'name', 'wrong_type'),
  bad(
    'workers',
    'a home region that does not exist',
    person({ homeRegion: '439999' }),
    'homeRegion',
    'unknown_region',
  ),
  bad(
    'workers',
    'a home region that is only a city',
    person({ homeRegion: '4305' }),
    'homeRegion',
    'region_too_coarse',
  ),
  bad(
    'workers',
    'an ID number that fails its check',
    person({ idNumber: BAD_ID }),
    'idNumber',
    'bad_id_checksum',
  ),
  bad(
    'workers',
    'an ID number with a birth date that does not exist',
    person({ idNumber: '430522198502300011' }),
    'idNumber',
    'bad_id_checksum',
  ),
  bad(
    'workers',
    'a time in the future',
    person({ observedAt: '2099-01-01T00:00:00+08:00' }),
    'observedAt',
    'future_time',
  ),
  bad(
    'workers',
    'a time before 2000',
    person({ observedAt: '1999-12-31T23:59:59+08:00' }),
    'observedAt',
    'implausible_time',
  ),
  bad(
    'workers',
    'a day that does not exist',
    person({ observedAt: '2026-02-30' }),
    'observedAt',
    'wrong_format',
  ),
  bad('workers', 'a negative wage', person({ monthlyWage: '-1.00' }), 'monthlyWage', 'negative'),
  bad(
    'workers',
    'a field that is not in the contract',
    person({ wechat: SECRET.phone }),
    'wechat',
    'unknown_field',
  ),
  bad('workers', 'a field that is missing', without(person(), 'homeRegion'), 'homeRegion', 'required'),
  bad('workers', 'a field that is null', person({ name: null }), 'name', 'required'),
  bad('workers', 'a name of blanks', person({ name: '  ' }), 'name', 'required'),
  bad(
    'workers',
    'a status that is not in the list',
    person({ status: 'unemployed' }),
    'status',
    'unknown_value',
  ),
  bad('workers', 'a sector that is not in the list', person({ sector: 'Z' }), 'sector', 'unknown_value'),
  bad('workers', 'a phone that is none', person({ phone: `${SECRET.phone}9` }), 'phone', 'wrong_format'),
  bad('workers', 'a sex that contradicts the ID number', person({ sex: 'female' }), 'sex', 'contradicts_id'),
  bad(
    'workers',
    'a birth date that contradicts the ID number',
    person({ birth: '1985-03-16' }),
    'birth',
    'contradicts_id',
  ),
  bad(
    'workers',
    'an employer code that fails its check',
    person({ employerCode: '91430100MA4L000000' }),
    'employerCode',
    'bad_employer_code',
  ),
  bad(
    'workers',
    'more skills than the limit',
    person({ skills: Array(21).fill('焊工') }),
    'skills',
    'too_long',
  ),
  bad('workers', 'a row that is a list', [SECRET.name], '', 'not_an_object'),
  bad('workers', 'a row that is a text', SECRET.idNumber, '', 'not_an_object'),
  bad('workers', 'a row that is null', null, '', 'not_an_object'),
  bad('arrears', 'an employer as in the row above', dispute({ employer: '同上' }), 'employer', 'not_told'),
  bad('arrears', 'a case that has no number', dispute({ caseId: '无' }), 'caseId', 'required'),
  bad('arrears', 'money with three decimals', dispute({ owed: 12.345 }), 'owed', 'wrong_format'),
  bad('arrears', 'money in words', dispute({ owed: '三万元' }), 'owed', 'wrong_format'),
  bad('arrears', 'money with an exponent', dispute({ owed: 1e21 }), 'owed', 'wrong_format'),
  bad('arrears', 'money of the wrong type', dispute({ owed: true }), 'owed', 'wrong_type'),
  bad('arrears', 'negative money', dispute({ owed: -0.01 }), 'owed', 'negative'),
  bad('arrears', 'more money than there can be', dispute({ owed: '100000000000.01' }), 'owed', 'too_large'),
  bad('arrears', 'a negative count', dispute({ workers: -1 }), 'workers', 'negative'),
  bad('arrears', 'a count with a fraction', dispute({ workers: 1.5 }), 'workers', 'wrong_type'),
  bad('arrears', 'more people than there are', dispute({ workers: 10_000_001 }), 'workers', 'too_large'),
  bad('arrears', 'a count written as text', dispute({ workers: '三' }), 'workers', 'wrong_type'),
  bad(
    'arrears',
    'homes that add up to more than the workers',
    dispute({ workers: 3, homeRegions: homes(2, 2) }),
    'homeRegions',
    'home_exceeds_workers',
  ),
  bad(
    'arrears',
    'a home inside a list that does not exist',
    dispute({ homeRegions: [...homes(1), { region: '999999', workers: 1 }] }),
    'homeRegions.1.region',
    'unknown_region',
  ),
  bad(
    'arrears',
    'a month that does not exist',
    dispute({ owedSince: '2026-13' }),
    'owedSince',
    'wrong_format',
  ),
  bad(
    'arrears',
    'an employer longer than the limit',
    dispute({ employer: '长'.repeat(101) }),
    'employer',
    'too_long',
  ),
  bad('industry', 'a period in the future', industry({ period: '2099-01' }), 'period', 'future_time'),
  bad('industry', 'a period that is none', industry({ period: '2026/10' }), 'period', 'wrong_format'),
  bad(
    'industry',
    'a total for an average',
    industry({ averageWage: '1000000.01' }),
    'averageWage',
    'too_large',
  ),
  bad('industry', 'a pay day past the end of any month', industry({ payDay: 32 }), 'payDay', 'too_large'),
  bad(
    'industry',
    'a point with the mark of its project',
    industry({ pointId: 'A|B' }),
    'pointId',
    'bar_in_point',
  ),
  bad('industry', 'a flag that is a text', industry({ stopped: 'yes' }), 'stopped', 'wrong_type'),
]

describe('a row that breaks the contract is refused with its row, field and reason, and nothing is counted', () => {
  test.each(BAD_ROWS)('$kind: $name', async ({ kind, row, path, code }) => {
    const problem = await refused(422, kind, JSON.stringify([row]))
    expect(problem).toMatchObject({
      code: 'unprocessable',
      received: 1,
      accepted: 0,
      unchanged: 0,
      rejected: 1,
    })
    expect(problem.errors).toEqual([{ row: 1, path, code, message: expect.stringMatching(/.+/) }])
  })

  test('bad rows among good ones: the good are counted, each bad one is named by its number', async () => {
    const rows = BAD_ROWS.filter((one) => one.kind === 'arrears').flatMap((one, i) => [
      dispute({ caseId: `among-${i}`, workRegion: '430902', workers: 2 }),
      one.row,
    ])
    const { status, body } = await send('arrears', JSON.stringify(rows))
    expect(status).toBe(200)
    expect(body).toMatchObject({
      received: rows.length,
      accepted: rows.length / 2,
      unchanged: 0,
      rejected: rows.length / 2,
    })
    expect(body.errors.map((error: { row: number }) => error.row)).toEqual(
      Array.from({ length: rows.length / 2 }, (_, i) => 2 * i + 2),
    )
    const { rows: counted } = await intake.server.get(
      '/v1/distribution?measure=arrears.workers&by=work.county&region=430902',
    )
    expect(counted).toEqual([{ 'work.county': '430902', value: rows.length }])
  })

  test('a count beyond what numbers hold is told its own limit, once', async () => {
    const row = JSON.stringify(dispute()).replace('"workers":3', '"workers":9007199254740993')
    const { errors } = (await send('arrears', row)).body
    expect(errors).toEqual([
      { row: 1, path: 'workers', code: 'too_large', message: '数值过大，上限为10000000' },
    ])
    const days = await send('industry', JSON.stringify(industry({ payDay: 1e21 })))
    expect(days.body.errors.map(({ message }: any) => message)).toEqual(['数值过大，上限为31'])
    const less = await send('industry', JSON.stringify(industry({ hires: -1e21 })))
    expect(less.body.errors.map(({ path, code }: any) => [path, code])).toEqual([['hires', 'negative']])
    // A region has no limit of its own.
    const region = await send('industry', JSON.stringify(industry({ workRegion: 1e21 })))
    expect(region.body.errors.map(({ path, code }: any) => [path, code])).toEqual([
      ['workRegion', 'too_large'],
    ])
  })

  test('every fault of a row is named, in the language asked for', async () => {
    const row = dispute({ workers: -1, owed: '1.234', status: 'open' })
    const zh = await refused(422, 'arrears', JSON.stringify(row))
    const en = await refused(422, 'arrears', JSON.stringify(row), {
      headers: { 'accept-language': 'en-GB,en;q=0.9' },
    })
    const paths = ['status', 'workers', 'owed']
    expect(zh.errors.map((error: any) => error.path)).toEqual(paths)
    expect(en.errors.map((error: any) => error.path)).toEqual(paths)
    expect(zh.errors[1].message).toBe('不能为负数')
    expect(en.errors[1].message).toBe('Must not be negative')
  })
})

describe('a body that cannot be read is refused whole and says what to do', () => {
  const json = (over = {}) => JSON.stringify([person(over)])

  test('text that is not JSON', async () => {
    const problem = await refused(400, 'workers', `[{"name":"${SECRET.name}" "phone":"${SECRET.phone}"}]`)
    expect(problem.detail).toMatch(/not valid JSON \(line 1, character 17\)/)
  })

  test.each([
    ['nothing at all', ''],
    ['an empty list', '[]'],
  ])('%s', async (_name, body) => {
    expect((await refused(400, 'workers', body)).code).toBe('bad_request')
  })

  test('NDJSON of blank lines', async () => {
    await refused(400, 'workers', '\n \n\n', { headers: { 'content-type': 'application/x-ndjson' } })
  })

  test('a CSV that is only its header, or has no column we know', async () => {
    const csv = { headers: { 'content-type': 'text/csv' } }
    await refused(400, 'workers', '姓名,身份证号\n', csv)
    const problem = await refused(400, 'workers', `${SECRET.name},${SECRET.idNumber}\na,b\n`, csv)
    expect(problem.detail).toMatch(/no column name/)
  })

  test('a CSV whose quote is never closed', async () => {
    const csv = `姓名,身份证号\n"${SECRET.name},${SECRET.idNumber}\n`
    expect((await refused(400, 'workers', csv, { headers: { 'content-type': 'text/csv' } })).detail).toMatch(
      /quotes/,
    )
  })

  test('a CSV that is neither UTF-8 nor GB18030', async () => {
    const bytes = Buffer.concat([Buffer.from('姓名,身份证号\n'), Buffer.of(0xff, 0xff, 0x2c, 0x31)])
    const problem = await refused(400, 'workers', bytes, { headers: { 'content-type': 'text/csv' } })
    expect(problem.detail).toMatch(/UTF-8/)
  })

  test('JSON in GBK', async () => {
    const problem = await refused(400, 'workers', encodeGbk(json()))
    expect(problem.detail).toMatch(/UTF-8/)
  })

  test('gzip that breaks off, and bytes that are no gzip', async () => {
    const gzip = { headers: { 'content-encoding': 'gzip' } }
    expect((await refused(400, 'workers', gzipSync(json()).subarray(0, 60), gzip)).detail).toMatch(/gzip/)
    expect((await refused(400, 'workers', json(), gzip)).detail).toMatch(/gzip/)
  })

  test('of two values of one field the last holds, as the documentation says', async () => {
    const row = json().replace(/}\]?$/, (end) => `,"status":"nonsense"${end}`)
    const problem = await refused(422, 'workers', row)
    expect(problem.errors).toMatchObject([{ path: 'status', code: 'unknown_value' }])
  })

  test('a packing or a content type that is not read here', async () => {
    await refused(415, 'workers', json(), { headers: { 'content-encoding': 'br' } })
    const problem = await refused(415, 'workers', json(), { headers: { 'content-type': 'text/plain' } })
    expect(problem.detail).toMatch(/application\/json/)
  })

  test('a kind that does not exist', async () => {
    expect((await refused(404, 'people', json())).detail).toMatch(/workers, arrears, industry/)
  })

  test('a method that is not taken: the answer names those that are', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await fetch(`${intake.server.url}/v1/signals/workers`, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
      expect(await answer.json()).toMatchObject({
        code: 'method_not_allowed',
        detail: expect.stringContaining('POST'),
      })
    }
    const asked = await fetch(`${intake.server.url}/v1/batches/bat_1`, { method: 'OPTIONS' })
    expect([asked.status, asked.headers.get('allow')]).toEqual([204, 'GET, HEAD'])
    const nowhere = await fetch(`${intake.server.url}/V1/signals/workers`, { method: 'POST' })
    expect([nowhere.status, await nowhere.json()]).toMatchObject([404, { code: 'not_found' }])
  })

  test('a mode, or a way to be atomic, that does not exist', async () => {
    await refused(400, 'workers', json(), { query: '?mode=maybe' })
    await refused(400, 'workers', json(), { query: '?atomic=some' })
    // Not known, and twice: what was meant as a trial must not commit.
    await refused(400, 'workers', json(), { query: '?validate=true' })
    await refused(400, 'workers', json(), { query: '?mode=validate&mode=commit' })
  })

  test('an Idempotency-Key of 256 characters; 255 are taken', async () => {
    const problem = await refused(400, 'workers', json(), { headers: { 'idempotency-key': 'k'.repeat(256) } })
    expect(problem.detail).toMatch(/Idempotency-Key/)
    const taken = await send('workers', json({ name: 5 }), {
      headers: { 'idempotency-key': 'k'.repeat(255) },
    })
    expect(taken.status).toBe(422)
  })
})

describe('a body that is too large is refused without being read to the end', () => {
  const zeros = Buffer.alloc(100 * MIB, 0x20)

  test('100 MB that say so', async () => {
    expect((await refused(413, 'workers', zeros)).detail).toMatch(/64 MiB/)
  })

  test('100 MB in pieces, without a content-length', async () => {
    let sent = 0
    const pieces = new ReadableStream({
      pull(controller) {
        if (sent >= 100) controller.close()
        else controller.enqueue(zeros.subarray(sent++ * MIB, sent * MIB))
      },
    })
    await refused(413, 'workers', pieces)
  })

  test('100 KB of gzip that would be 100 MB', async () => {
    const bomb = gzipSync(zeros)
    expect(bomb.length).toBeLessThan(MIB)
    await refused(413, 'workers', bomb, { headers: { 'content-encoding': 'gzip' } })
  })

  test('100 KB of gzip that hold 30 million rows, at once or later', async () => {
    const bomb = gzipSync(`[${'0,'.repeat(30_000_000)}0]`)
    expect(bomb.length).toBeLessThan(MIB)
    const headers = { 'content-encoding': 'gzip' }
    const { detail } = await refused(413, 'workers', bomb, { headers })
    expect(detail).toMatch(/700000 rows.* NDJSON/)
    const later = await send('workers', bomb, { headers: { ...headers, prefer: 'respond-async' } })
    expect(later.status).toBe(202)
    await expect
      .poll(async () => (await intake.ask(`/v1/batches/${later.body.batch}`)).body, { timeout: 20_000 })
      .toMatchObject({ state: 'failed', problem: { code: 'too_large' } })
  })
})

describe('one monstrous row does not stop the rows around it', () => {
  const giant = '巨'.repeat(2 * MIB)
  const rows = (serial: number, over: Record<string, unknown>) => [
    person({ idNumber: idNumberFor(serial) }),
    person(over),
    person({ idNumber: idNumberFor(serial + 1) }),
  ]

  async function goodAreTaken(body: string, type: string) {
    const { status, body: answer } = await send('workers', body, { headers: { 'content-type': type } })
    expect(status, JSON.stringify(answer)).toBe(200)
    expect(answer).toMatchObject({ received: 3, accepted: 2, rejected: 1 })
    expect(answer.errors).toEqual([
      { row: 2, path: '', code: 'row_too_large', message: expect.stringContaining('256 KiB') },
    ])
  }

  test('2 MB in one row of JSON', () =>
    goodAreTaken(JSON.stringify(rows(100, { occupation: giant })), 'application/json'))

  test('2 MB in one line of NDJSON', () =>
    goodAreTaken(
      rows(110, { occupation: giant })
        .map((row) => JSON.stringify(row))
        .join('\n'),
      'application/x-ndjson',
    ))

  test('2 MB in one cell of CSV', () => {
    const fields = ['idNumber', 'name', 'homeRegion', 'status', 'occupation', 'observedAt']
    const lines = rows(120, { occupation: giant }).map((row) =>
      fields.map((field) => row[field] ?? '').join(','),
    )
    return goodAreTaken([fields.join(','), ...lines].join('\n'), 'text/csv')
  })

  test('thousands of lists inside each other', async () => {
    const nested = `${'['.repeat(5000)}${']'.repeat(5000)}`
    const good = JSON.stringify(person({ idNumber: idNumberFor(130) }))
    const { status, body } = await send('workers', `[${nested},${good},{"name":${nested}}]`)
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body).toMatchObject({ received: 3, accepted: 1, rejected: 2 })
  })

  test('hundreds of thousands of fields that nobody knows: those that are known are told of, and some of the others', async () => {
    const fields = Array.from({ length: 300_000 }, (_, i) => `"k${i}":1`)
    const good = JSON.stringify(person({ idNumber: idNumberFor(132) }))
    const { body } = await send('workers', `[{${fields.join()}},${good}]`)
    expect(body).toMatchObject({ received: 2, accepted: 1, rejected: 1 })
    const told = body.errors.map(({ path, code }: any) => (code === 'required' ? path : code))
    expect(told.slice(0, 6)).toEqual([
      'idNumber',
      'name',
      'homeRegion',
      'status',
      'observedAt',
      'unknown_field',
    ])
    expect(told).toHaveLength(30)
    const kept = await intake.ask(`/v1/batches/${body.batch}/errors.json`)
    expect(kept.body.rows[0].errors).toHaveLength(30)
  })

  test('millions of lists inside each other, which another thread goes through', async () => {
    const nested = `${'['.repeat(2 * MIB)}${']'.repeat(2 * MIB)}`
    const good = JSON.stringify(person({ idNumber: idNumberFor(131) }))
    const { status, body } = await send('workers', `[${nested},${good},{"name":${nested}}]`)
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body).toMatchObject({ received: 3, accepted: 1, rejected: 2 })
    const kept = await intake.ask(`/v1/batches/${body.batch}/errors.json`)
    expect(kept.body.rows.map((row: any) => row.row)).toEqual([1, 3])
    const seen = await fetch(`${intake.server.url}/v1/signals/workers/preview`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${intake.key}` },
      body: `[{"name":${nested}},${good}]`,
    })
    expect(await seen.json()).toMatchObject({ rows: [{ row: 1 }, { row: 2, faults: [] }] })
  })

  test('a line of NDJSON that is not JSON, and a line of CSV with a cell too many', async () => {
    const good = JSON.stringify(person({ idNumber: idNumberFor(140) }))
    const ndjson = await send('workers', `${good}\n{"name":"${SECRET.name}\n`, {
      headers: { 'content-type': 'application/x-ndjson' },
    })
    expect(ndjson.body).toMatchObject({ accepted: 1, errors: [{ row: 2, path: '', code: 'not_json' }] })
    const csv = `idNumber,name,homeRegion,status,observedAt\n${idNumberFor(141)},${SECRET.name},430522,employed,2026-11-01\n${SECRET.idNumber},${SECRET.name},430522,employed,2026-11-01,${SECRET.phone}\n`
    const answer = await send('workers', csv, { headers: { 'content-type': 'text/csv' } })
    expect(answer.body).toMatchObject({ accepted: 1, errors: [{ row: 2, path: '', code: 'wrong_columns' }] })
  })
})

describe('a character that a store refuses stops nobody', () => {
  const HALF_PAIR = '\ud83d'

  test('in a value: it is left out, and rows beside it are counted', async () => {
    const rows = [
      dispute({ caseId: 'nul', employer: '甲\u0000公司', workRegion: '431002' }),
      dispute({ caseId: 'half', employer: `乙${HALF_PAIR}公司`, workRegion: '431002' }),
      dispute({ caseId: 'plain', employer: '丙公司', workRegion: '431002' }),
    ]
    expect((await send('arrears', JSON.stringify(rows))).body).toMatchObject({ accepted: 3, rejected: 0 })
    const { rows: counted } = await intake.server.get(
      '/v1/distribution?measure=arrears.openCases&by=employer&region=431002',
    )
    expect(counted.map((row: any) => row.employer).sort()).toEqual(
      ['丙公司', '乙\ufffd公司', '甲公司'].sort(),
    )
  })

  test('in the name of a field: the row is refused, the others are counted, and the answer can be repeated', async () => {
    const rows = [
      dispute({ caseId: 'after-1', 'a\u0000b': 1 }),
      dispute({ caseId: 'after-2', [`${'a'.repeat(49)}😀`]: 1 }),
      dispute({ caseId: 'after-3' }),
    ]
    const sent = { headers: { 'idempotency-key': 'odd-names' } }
    const first = await send('arrears', JSON.stringify(rows), sent)
    expect(first.status, first.text).toBe(200)
    expect(first.body.errors).toMatchObject([
      { row: 1, path: 'ab', code: 'unknown_field' },
      { row: 2, code: 'unknown_field' },
    ])
    expect((await send('arrears', JSON.stringify(rows), sent)).body).toEqual(first.body)
  })

  test('in a column title: it is left out, whether the column is unknown, given or remembered', async () => {
    const csv = { headers: { 'content-type': 'text/csv' } }
    const table = `案件编号,a\u0000b,观测时间\n1,2,2026-11-01\n`
    const unknown = await refused(422, 'arrears', table, csv)
    expect(unknown.errors).toContainEqual(
      expect.objectContaining({ row: 1, path: 'ab', code: 'unknown_field' }),
    )
    const waiting = await send('arrears', table, { headers: { ...csv.headers, prefer: 'respond-async' } })
    const look = async () => {
      const headers = { authorization: `Bearer ${intake.key}` }
      return await (await fetch(`${intake.server.url}/v1/batches/${waiting.body.batch}`, { headers })).json()
    }
    await expect.poll(look).toMatchObject({ state: 'failed', problem: { code: 'unprocessable' } })
    const titles = ['a\u0000b', `x${HALF_PAIR}`]
    const remembered = await fetch(`${intake.server.url}/v1/signals/arrears/columns`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${intake.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ titles, columns: { 'a\u0000b': 'caseId', [`x${HALF_PAIR}`]: null } }),
    })
    expect(remembered.status).toBe(200)
    const again = await refused(422, 'arrears', `a\u0000b,x\ufffd\n1,2\n`, csv)
    expect(again.errors.map((fault: any) => fault.path)).not.toContain('caseId')
    const mapping = encodeURIComponent(JSON.stringify({ 'a\u0000b': 'note', [`y${HALF_PAIR}`]: null }))
    await refused(422, 'arrears', table, { headers: { ...csv.headers, 'xiangrong-columns': mapping } })
  })

  test('in the address: 400, not an internal error', async () => {
    for (const path of ['/v1/alerts?rule=%00', '/v1/alerts/%00', '/v1/batches/%00'])
      expect(
        (await fetch(`${intake.server.url}${path}`, { headers: { authorization: `Bearer ${intake.key}` } }))
          .status,
      ).toBe(400)
  })

  test('an alert about such an employer opens, and alerts after it too', async () => {
    const rows = ['毒\u0000一', '毒二'].map((employer, i) =>
      dispute({ caseId: `poison-${i}`, employer, owed: '60000.00' }),
    )
    for (const row of rows) expect((await send('arrears', JSON.stringify(row))).status).toBe(200)
    await expect
      .poll(async () => (await intake.server.get('/v1/alerts')).alerts.map((alert: any) => alert.employer))
      .toEqual(expect.arrayContaining(['毒一', '毒二']))
  })
})

describe('who may send what', () => {
  const row = () => JSON.stringify([person({ idNumber: idNumberFor(200) })])

  test('no key, an unknown key, another scheme: 401', async () => {
    const none: Record<string, string> = {}
    for (const headers of [
      none,
      { authorization: 'Bearer xr_wrong' },
      { authorization: `Basic ${intake.key}` },
    ]) {
      const problem = await refused(401, 'workers', row(), { headers }, null)
      expect(problem.code).toBe('unauthenticated')
    }
  })

  test('without a key nothing about the body is said, however bad it is', async () => {
    expect((await refused(401, 'workers', 'no json', {}, null)).code).toBe('unauthenticated')
    expect((await refused(401, 'workers', Buffer.alloc(100 * MIB), {}, null)).code).toBe('unauthenticated')
  })

  test('a kind that is not the source’s: 403, and the answer names its kinds', async () => {
    const { key: other } = await intake.server.createSource({ kinds: ['arrears'] })
    expect((await refused(403, 'workers', row(), {}, other)).detail).toMatch(/arrears/)
  })

  test('all rows outside the region: 403; some: row errors', async () => {
    const { key: local } = await intake.server.createSource({ region: '4301' })
    const outside = person({ idNumber: idNumberFor(210) })
    const home = person({ idNumber: idNumberFor(211), homeRegion: '430102', workRegion: '440300' })
    const work = person({ idNumber: idNumberFor(212), homeRegion: '430522', workRegion: '430121' })
    expect((await refused(403, 'workers', JSON.stringify([outside, outside]), {}, local)).code).toBe(
      'forbidden',
    )
    const { status, body } = await send('workers', JSON.stringify([home, outside, work]), {}, local)
    expect(status).toBe(200)
    expect(body).toMatchObject({ received: 3, accepted: 2, rejected: 1 })
    expect(body.errors).toMatchObject([{ row: 2, path: 'workRegion', code: 'region_forbidden' }])
  })
})

test('a CSV in GBK is read as it was written', async () => {
  const csv = `身份证号,姓名,户籍地,状态,用人单位,观测时间\n${idNumberFor(300)},${SECRET.name},430522,employed,长沙湘融示例建筑劳务有限公司,2026/11/1 9:30\n`
  const reply = await send('workers', encodeGbk(csv), {
    headers: { 'content-type': 'text/csv; charset=gbk' },
  })
  expect(reply.body).toMatchObject({ received: 1, accepted: 1, rejected: 0 })
  const { rows } = await intake.server.get('/v1/distribution?measure=workers.count&by=employer')
  expect(rows).toContainEqual({ employer: '长沙湘融示例建筑劳务有限公司', value: 1 })
})

test('a sender that hangs up in the middle changes nothing', async () => {
  const before = await readCounts(intake.server)
  const body = JSON.stringify([person({ idNumber: idNumberFor(400) })])
  const socket = connect(intake.server.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    `POST /v1/signals/workers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${intake.key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body) + 10}\r\n\r\n${body}`,
  )
  await new Promise((resolve) => setTimeout(resolve, 100))
  socket.destroy()
  await expect.poll(() => readCounts(intake.server)).toEqual(before)
  expect((await send('workers', JSON.stringify([person()]))).status).toBe(200)
})
