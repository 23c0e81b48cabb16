import { gzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, test } from 'vitest'
import { KINDS, type Kind } from '#domain/signal.ts'
import { openIntake } from '../support/intake.ts'
import { post, readCounts, replyOf } from '../support/post.ts'
import { arrears, idNumberFor, industry, worker } from '../support/signals.ts'

const intake = openIntake()
let otherKey: string
let people = 0

/** A worker nobody has spoken of yet. */
const someone = (over: Record<string, unknown> = {}) => worker({ idNumber: idNumberFor(++people), ...over })
const NDJSON = { headers: { 'content-type': 'application/x-ndjson' } }
const CSV = { headers: { 'content-type': 'text/csv; charset=utf-8' } }

beforeAll(async () => {
  otherKey = (await intake.server.createSource({ name: 'other' })).key
})

const send = (kind: Kind, rows: unknown, sent = {}, as = intake.key) =>
  post(intake.server, kind, as, JSON.stringify(rows), sent)
const look = async (path: string, as = intake.key, headers = {}) =>
  replyOf(
    await fetch(`${intake.server.url}${path}`, { headers: { authorization: `Bearer ${as}`, ...headers } }),
  )

/** People counted in a home region, now or as asked. */
async function peopleOf(region: string, ask = ''): Promise<number | null> {
  const { rows } = await intake.server.get(`/v1/distribution?measure=workers.count&region=${region}${ask}`)
  return rows[0]?.value ?? null
}

describe('the answer counts what became of each row', () => {
  test('one object, or a list: accepted, unchanged and rejected add up to received', async () => {
    const [a, b, c] = [{}, {}, {}].map(() => someone({ homeRegion: '430902' }))
    const one = await send('workers', a)
    expect(one.status).toBe(200)
    expect(one.body).toEqual({
      batch: expect.stringMatching(/^bat_\w+$/),
      received: 1,
      accepted: 1,
      unchanged: 0,
      rejected: 0,
      errors: [],
    })
    const list = await send('workers', [a, b, { ...c, status: 'gone' }, c, c])
    expect(list.body).toMatchObject({ received: 5, accepted: 2, unchanged: 2, rejected: 1 })
    expect(await peopleOf('430902')).toBe(3)
  })

  test('the same batch again, and again from another sender, changes no number', async () => {
    const rows = Array.from({ length: 20 }, () => someone({ homeRegion: '430903' }))
    expect((await send('workers', rows)).body).toMatchObject({ accepted: 20, unchanged: 0 })
    const before = await readCounts(intake.server)
    expect((await send('workers', rows)).body).toMatchObject({ accepted: 0, unchanged: 20 })
    expect((await send('workers', rows.toReversed(), {}, otherKey)).body).toMatchObject({
      accepted: 0,
      unchanged: 20,
    })
    expect(await readCounts(intake.server)).toEqual(before)
  })

  test('two senders with the same people at the same moment count them once', async () => {
    const rows = Array.from({ length: 200 }, () => someone({ homeRegion: '430921' }))
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => send('workers', rows, {}, i % 2 === 0 ? intake.key : otherKey)),
    )
    const sum = (field: string) => answers.reduce((total, answer) => total + answer.body[field], 0)
    expect(sum('accepted')).toBe(200)
    expect(sum('unchanged')).toBe(1000)
    expect(await peopleOf('430921')).toBe(200)
  })

  test('two sources may use one case number: they are two cases', async () => {
    const row = arrears({ caseId: '2026-001', workRegion: '430981', owed: '100.00' })
    expect((await send('arrears', row)).body.accepted).toBe(1)
    expect((await send('arrears', row, {}, otherKey)).body.accepted).toBe(1)
    const { rows } = await intake.server.get('/v1/distribution?measure=arrears.owed&region=430981')
    expect(rows).toEqual([{ value: '200.00' }])
  })

  test('an answer names 100 faults; the batch keeps them all', async () => {
    const rows = Array.from({ length: 150 }, () => someone({ status: 'gone' }))
    const { status, body } = await send('workers', [...rows, someone({ homeRegion: '430923' })])
    expect(status).toBe(200)
    expect(body).toMatchObject({ received: 151, accepted: 1, rejected: 150 })
    expect(body.errors).toHaveLength(100)
    expect((await look(`/v1/batches/${body.batch}/errors.json`)).body.rows).toHaveLength(150)
  })
})

describe('every format says the same', () => {
  const seen = () => someone({ homeRegion: '430922', employer: '甲，乙"丙"公司' })
  const zh = '身份证号*,姓名,户籍地,务工地,行业,状态,用人单位,技能,已参保,月工资,观测时间'
  const cells = (row: Record<string, unknown>) => [
    row.idNumber,
    row.name,
    row.homeRegion,
    row.workRegion,
    row.sector,
    row.status,
    '"甲，乙""丙""公司"',
    '焊工、钢筋工',
    '是',
    '"6,500.50"',
    '2026-11-01 09:30',
  ]
  const asJson = (row: Record<string, unknown>) => ({
    ...row,
    skills: ['焊工', '钢筋工'],
    insured: true,
    monthlyWage: '6500.50',
    observedAt: '2026-11-01T09:30:00+08:00',
  })

  const bodies: [string, (row: Record<string, unknown>) => string | Uint8Array, object][] = [
    [
      'NDJSON with blank lines and carriage returns',
      (row) => `\r\n${JSON.stringify(asJson(row))}\r\n\r\n`,
      NDJSON,
    ],
    ['CSV with Chinese titles', (row) => `${zh}\n${cells(row).join(',')}\n`, CSV],
    [
      'CSV with a byte-order mark and carriage returns',
      (row) => `\ufeff${zh}\r\n${cells(row).join(',')}\r\n`,
      CSV,
    ],
    ['CSV with semicolons', (row) => `${zh.replaceAll(',', ';')}\n${cells(row).join(';')}\n`, CSV],
    ['CSV with tabs', (row) => `${zh.replaceAll(',', '\t')}\n${cells(row).join('\t')}\n`, CSV],
    [
      'CSV with the keys as titles, blank lines and empty cells',
      (row) =>
        `idNumber,name,phone,homeRegion,workRegion,sector,status,employer,skills,insured,monthlyWage,observedAt\n\n${cells(row).toSpliced(2, 0, '').join(',')}\n,,,,,,,,,,,\n`,
      CSV,
    ],
    [
      'gzip of CSV',
      (row) => gzipSync(`${zh}\n${cells(row).join(',')}\n`),
      { headers: { ...CSV.headers, 'content-encoding': 'gzip' } },
    ],
    [
      'gzip of JSON',
      (row) => gzipSync(JSON.stringify([asJson(row)])),
      { headers: { 'content-encoding': 'gzip' } },
    ],
  ]

  test.each(bodies)('%s', async (_name, write, sent) => {
    const row = seen()
    const read = await intake.post('workers', write(row), sent)
    expect(read.body).toMatchObject({ received: 1, accepted: 1, rejected: 0 })
    // The same person in plain JSON is already known, to the last field.
    expect((await send('workers', asJson(row))).body).toMatchObject({ accepted: 0, unchanged: 1 })
  })

  test('arrears and industry in CSV', async () => {
    const cases = `案件编号,观测时间,线索渠道,欠薪发生地,户籍地人数,行业,用人单位,状态,涉及人数,尚欠金额\nCSV-1,2026-11-02,hotline12345,430682,430522:5;430523:3,E,甲公司,reported,10,"12,345.60"\n`
    expect((await intake.post('arrears', cases, CSV)).body).toMatchObject({ accepted: 1, rejected: 0 })
    const byHome = await intake.server.get(
      '/v1/distribution?measure=arrears.workers&by=home.county&region=430682&role=work',
    )
    expect(byHome.rows).toEqual([
      { 'home.county': '430522', value: 5 },
      { 'home.county': '430523', value: 3 },
      { 'home.county': 'unknown', value: 2 },
    ])
    const points =
      '监测点编号,报告期,观测时间,所在地,行业,在岗人数,已停工,应发工资\nP-1,2026-10,2026-11-02,430682,C,"1,200",否,"5,000,000"\n'
    expect((await intake.post('industry', points, CSV)).body).toMatchObject({
      accepted: 1,
      rejected: 0,
    })
    const heads = await intake.server.get('/v1/distribution?measure=industry.headcount&region=430682')
    expect(heads.rows).toEqual([{ value: 1200 }])
  })
})

describe('mode and atomic', () => {
  test('validate says what would happen and commits nothing', async () => {
    const known = someone({ homeRegion: '431002' })
    await send('workers', known)
    const before = await readCounts(intake.server)
    const rows = [known, someone({ homeRegion: '431002' }), someone({ status: 'gone' })]
    const trial = await send('workers', rows, { query: '?mode=validate' })
    expect(trial.status).toBe(200)
    expect(trial.body).toMatchObject({ received: 3, accepted: 1, unchanged: 1, rejected: 1 })
    expect(trial.body.errors).toMatchObject([{ row: 3, path: 'status', code: 'unknown_value' }])
    expect(await readCounts(intake.server)).toEqual(before)
    expect((await look(`/v1/batches/${trial.body.batch}`)).body.mode).toBe('validate')
    expect((await send('workers', rows)).body).toMatchObject({ accepted: 1, unchanged: 1, rejected: 1 })
  })

  test('atomic=all takes all rows or none', async () => {
    const good = [someone({ homeRegion: '431003' }), someone({ homeRegion: '431003' })]
    const mixed = await send('workers', [...good, someone({ status: 'gone' })], { query: '?atomic=all' })
    expect(mixed.status).toBe(422)
    expect(mixed.headers.get('content-type')).toBe('application/problem+json')
    expect(mixed.body).toMatchObject({ received: 3, accepted: 0, unchanged: 0, rejected: 1 })
    expect(mixed.body.errors).toMatchObject([{ row: 3, path: 'status' }])
    expect(await peopleOf('431003')).toBeNull()
    expect((await send('workers', good, { query: '?atomic=all' })).body).toMatchObject({ accepted: 2 })
    expect(await peopleOf('431003')).toBe(2)
  })
})

describe('Idempotency-Key', () => {
  const withKey = (name: string) => ({ headers: { 'idempotency-key': name } })

  test('the same request gets the first answer again, with the same batch', async () => {
    const rows = [someone(), someone({ status: 'gone' })]
    const first = await send('workers', rows, withKey('first'))
    const again = await send('workers', rows, withKey('first'))
    expect([again.status, again.body]).toEqual([first.status, first.body])
    expect(again.body.accepted).toBe(1)
  })

  test('a refusal is repeated too', async () => {
    const first = await send('workers', [someone({ status: 'gone' })], withKey('refusal'))
    expect(first.status).toBe(422)
    const rows = [someone({ status: 'gone' })]
    expect((await send('workers', rows, withKey('refusal-2'))).status).toBe(422)
    const again = await send('workers', rows, withKey('refusal-2'))
    expect([again.status, again.headers.get('content-type')]).toEqual([422, 'application/problem+json'])
  })

  test('another body, kind or mode under a used key: 409, and nothing is counted', async () => {
    const rows = [someone()]
    await send('workers', rows, withKey('used'))
    const before = await readCounts(intake.server)
    for (const clash of [
      await send('workers', [someone()], withKey('used')),
      await send('arrears', [arrears()], withKey('used')),
      await send('workers', rows, { ...withKey('used'), query: '?mode=validate' }),
    ]) {
      expect(clash.status).toBe(409)
      expect(clash.body).toMatchObject({ status: 409, code: 'conflict' })
    }
    expect(await readCounts(intake.server)).toEqual(before)
  })

  test('a key belongs to its source: another source may use the same words', async () => {
    await send('workers', [someone()], withKey('shared'))
    expect((await send('workers', [someone()], withKey('shared'), otherKey)).body).toMatchObject({
      accepted: 1,
    })
  })

  test('the same key twice at once counts the rows once', async () => {
    const rows = Array.from({ length: 50 }, () => someone({ homeRegion: '431021' }))
    await Promise.all([1, 2, 3].map(() => send('workers', rows, withKey('at-once'))))
    expect(await peopleOf('431021')).toBe(50)
  })
})

describe('a batch can be looked up by its sender', () => {
  let batch: string
  const refused = () => [
    someone({ name: '=HYPERLINK("http://evil","x")', status: 'gone', phone: '+8613800000000' }),
    someone({ name: '+cmd|calc', homeRegion: '99', skills: ['焊工', '钢筋工'] }),
    someone({ name: '@sum(A1)', monthlyWage: '-5' }),
  ]

  beforeAll(async () => {
    batch = (await send('workers', [someone({ homeRegion: '431022' }), ...refused()])).body.batch
  })

  test('its counts', async () => {
    const { status, body } = await look(`/v1/batches/${batch}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      batch,
      kind: 'workers',
      mode: 'commit',
      received: 4,
      accepted: 1,
      unchanged: 0,
      rejected: 3,
    })
  })

  test('its rejected rows as they were sent, with every fault', async () => {
    const { body } = await look(`/v1/batches/${batch}/errors.json`)
    expect(body.rows.map((row: any) => row.row)).toEqual([2, 3, 4])
    expect(body.rows[1].value).toMatchObject({
      name: '+cmd|calc',
      homeRegion: '99',
      skills: ['焊工', '钢筋工'],
    })
    expect(body.rows[1].errors).toMatchObject([{ row: 3, path: 'homeRegion', code: 'unknown_region' }])
  })

  test('as CSV, in which no cell is a formula', async () => {
    const { text, headers } = await look(`/v1/batches/${batch}/errors.csv`)
    expect(headers.get('content-type')).toMatch(/^text\/csv/)
    const [header, ...rows] = parse(text, { bom: true })
    expect(header?.at(-1)).toBe('原因')
    expect(rows).toHaveLength(3)
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+@\t\r]|^-(?!\d+(\.\d+)?$)/)
    const english = await look(`/v1/batches/${batch}/errors.csv`, intake.key, { 'accept-language': 'en' })
    expect(parse(english.text, { bom: true })[0]?.at(-1)).toBe('reason')
  })

  test('the CSV, corrected and sent back as it is, is accepted', async () => {
    const { text } = await look(`/v1/batches/${batch}/errors.csv`)
    const corrected = text
      .replace('gone', 'employed')
      .replace(/(?<=,)99(?=,)/, '431022')
      .replace('-5', '5')
    const { body } = await intake.post('workers', corrected, CSV)
    expect(body, JSON.stringify(body.errors)).toMatchObject({ received: 3, accepted: 3, rejected: 0 })
  })

  test('homes by region survive the way through the CSV', async () => {
    const row = arrears({
      caseId: 'homes',
      workRegion: '431024',
      workers: 5,
      status: 'gone',
      homeRegions: [{ region: '430522', workers: 2 }],
    })
    const { body } = await send('arrears', [row])
    const { text } = await look(`/v1/batches/${body.batch}/errors.csv`)
    expect((await intake.post('arrears', text.replace('gone', 'reported'), CSV)).body).toMatchObject({
      accepted: 1,
    })
    const { rows } = await intake.server.get(
      '/v1/distribution?measure=arrears.workers&by=home.county&region=431024&role=work',
    )
    expect(rows).toEqual([
      { 'home.county': '430522', value: 2 },
      { 'home.county': 'unknown', value: 3 },
    ])
  })

  test.each(['', '/errors.json', '/errors.csv'])('nobody else sees it: batch%s', async (path) => {
    const other = await look(`/v1/batches/${batch}${path}`, otherKey)
    expect([other.status, other.body.code]).toEqual([404, 'not_found'])
    const nobody = await look(`/v1/batches/${batch}${path}`, 'xr_wrong')
    expect([nobody.status, nobody.body.code]).toEqual([401, 'unauthenticated'])
  })

  test('one that does not exist is not found', async () => {
    expect((await look('/v1/batches/bat_0')).status).toBe(404)
  })
})

describe('the contract can be fetched', () => {
  const filled: Record<Kind, Record<string, unknown>> = {
    workers: worker({
      idNumber: idNumberFor(9_999),
      phone: '13800000000',
      contractSigned: '是',
      skills: '焊工;电工',
      monthlyWage: '6500',
    }),
    arrears: arrears({
      caseId: 'template',
      homeRegions: '430522:2',
      paid: '10',
      gathering: 0,
      owedSince: '2026-09',
    }),
    industry: industry({ pointId: 'template', payDay: 15, stopped: '否', vacancies: 3 }),
  }

  test.each(KINDS)('%s: the template, filled in and sent back, is accepted', async (kind) => {
    const template = await look(`/v1/signals/${kind}/template.csv`)
    expect(template.headers.get('content-type')).toMatch(/^text\/csv/)
    expect(template.text).toMatch(/^\ufeff[^\r\n]+\r\n$/)
    const titles = parse(template.text, { bom: true })[0] ?? []
    const { body: schema } = await look(`/v1/signals/${kind}/schema`)
    const keys = Object.keys(schema.properties)
    expect(titles).toHaveLength(keys.length)
    const row = keys.map((field) => filled[kind][field] ?? '')
    const sent = await intake.post(kind, `${template.text}${row.join(',')}\r\n`, CSV)
    expect(sent.body, JSON.stringify(sent.body.errors)).toMatchObject({ accepted: 1, rejected: 0 })
  })

  test.each(KINDS)(
    '%s: the schema is JSON Schema with titles, the required fields and no others',
    async (kind) => {
      const { body } = await look(`/v1/signals/${kind}/schema`)
      expect(body.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
      expect(body).toMatchObject({ type: 'object', additionalProperties: false })
      const required = {
        workers: ['homeRegion', 'idNumber', 'name', 'observedAt', 'status'],
        arrears: [
          'caseId',
          'channel',
          'employer',
          'observedAt',
          'owed',
          'sector',
          'status',
          'workRegion',
          'workers',
        ],
        industry: ['observedAt', 'period', 'pointId', 'sector', 'workRegion'],
      }
      expect(body.required.toSorted()).toEqual(required[kind])
      for (const property of Object.values<any>(body.properties))
        expect(property).toMatchObject({ zh: expect.any(String), en: expect.any(String) })
    },
  )

  test('no schema or template of a kind that does not exist', async () => {
    expect((await look('/v1/signals/people/schema')).status).toBe(404)
    expect((await look('/v1/signals/people/template.csv')).status).toBe(404)
  })
})

describe('what arrives late, out of order or to be taken back', () => {
  const on = (day: number) => `2026-11-${String(day).padStart(2, '0')}T08:00:00+08:00`
  const at = (day: number) =>
    `&at=${encodeURIComponent(`2026-11-${String(day).padStart(2, '0')}T12:00:00+08:00`)}`

  test('a person who is withdrawn is not counted from then on, and still was before', async () => {
    const person = someone({ homeRegion: '431025', observedAt: on(2) })
    await send('workers', person)
    await send('workers', { ...person, status: 'withdrawn', observedAt: on(5) })
    expect(await peopleOf('431025', at(1))).toBeNull()
    expect(await peopleOf('431025', at(4))).toBe(1)
    expect(await peopleOf('431025', at(6))).toBe(0)
    expect(await peopleOf('431025')).toBe(0)
  })

  test('a late observation counts where it belongs and does not undo a newer one', async () => {
    const person = someone({ homeRegion: '431026', observedAt: on(8), status: 'returned' })
    await send('workers', person)
    await send('workers', { ...person, status: 'employed', observedAt: on(3) })
    await send('workers', { ...person, status: 'seeking', observedAt: on(5) })
    const statusOn = async (day: number) =>
      (
        await intake.server.get(`/v1/distribution?measure=workers.count&by=status&region=431026${at(day)}`)
      ).rows.filter((row: any) => row.value !== 0)
    expect(await statusOn(2)).toEqual([])
    expect(await statusOn(4)).toEqual([{ status: 'employed', value: 1 }])
    expect(await statusOn(6)).toEqual([{ status: 'seeking', value: 1 }])
    expect(await statusOn(9)).toEqual([{ status: 'returned', value: 1 }])
  })

  test('a case that is reported after it was settled was open in between, and is new when it began', async () => {
    const row = arrears({ caseId: 'backwards', workRegion: '431027', workers: 4, owed: '8000.00' })
    await send('arrears', { ...row, status: 'settled', owed: '0', paid: '8000.00', observedAt: on(9) })
    await send('arrears', { ...row, observedAt: on(4) })
    const of = async (measure: string, ask: string) =>
      (await intake.server.get(`/v1/distribution?measure=${measure}&region=431027${ask}`)).rows[0]?.value
    expect(await of('arrears.openCases', at(3))).toBeUndefined()
    expect(await of('arrears.openCases', at(5))).toBe(1)
    expect(await of('arrears.owed', at(5))).toBe('8000.00')
    expect(await of('arrears.openCases', at(10))).toBe(0)
    expect(await of('arrears.newCases', '&from=2026-11-04&to=2026-11-05')).toBe(1)
    expect(await of('arrears.newCases', '&from=2026-11-09&to=2026-11-10')).toBe(0)
    expect(await of('arrears.recovered', '&from=2026-11-09&to=2026-11-10')).toBe('8000.00')
  })

  test('two observations at one instant: the later received wins', async () => {
    const person = someone({ homeRegion: '431028', observedAt: on(3) })
    await send('workers', { ...person, status: 'seeking' })
    await send('workers', { ...person, status: 'employed' })
    const { rows } = await intake.server.get('/v1/distribution?measure=workers.count&by=status&region=431028')
    expect(rows.filter((row: any) => row.value !== 0)).toEqual([{ status: 'employed', value: 1 }])
  })

  test('what was known before a correction can still be asked', async () => {
    const person = someone({ homeRegion: '431081', observedAt: on(3) })
    await send('workers', person)
    const { knownAt } = await intake.server.get('/v1/distribution?measure=workers.count&region=431081')
    await send('workers', { ...person, status: 'withdrawn' })
    expect(await peopleOf('431081')).toBe(0)
    expect(await peopleOf('431081', `&knownAt=${encodeURIComponent(knownAt)}`)).toBe(1)
  })
})

test('a restart forgets nothing: rows are still known, and a key still has its answer', async () => {
  const rows = [someone({ homeRegion: '431102' }), someone({ homeRegion: '431102' })]
  const sent = { headers: { 'idempotency-key': 'over-a-restart' } }
  const first = await send('workers', rows, sent)
  const before = await readCounts(intake.server)
  await intake.server.killAndRestart()
  expect(await readCounts(intake.server)).toEqual(before)
  expect((await send('workers', rows)).body).toMatchObject({ accepted: 0, unchanged: 2 })
  expect((await send('workers', rows, sent)).body).toEqual(first.body)
  expect((await send('workers', [someone()], sent)).status).toBe(409)
})
