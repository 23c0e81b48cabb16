import { afterAll, beforeAll, expect, test } from 'vitest'
import { askAs, codesOf, totalOf } from '../support/post.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { arrears, idNumber, worker } from '../support/signals.ts'

let server: TestServer
let cookie: string
beforeAll(async () => {
  server = await startServer()
  cookie = await server.signIn()
})
afterAll(() => server.stop())

const ask = (method: string, path: string, body?: unknown, key?: string) =>
  askAs(server, key === undefined ? { cookie } : { key }, method, path, body)
const total = (measure: string, source: string) => totalOf(server, measure, source, cookie)

test('a source sends its own codes; what its table lacks waits, is listed, and is replayed once it is there', async () => {
  const source = await server.createSource()
  const path = `/sources/${source.id}/mappings`
  const mappings = [
    { field: 'region', theirs: 'ＨＮ-1 ', ours: '430503' },
    { field: 'region', theirs: 'GD', ours: '44' },
    { field: 'sector', theirs: '建筑', ours: 'E' },
    { field: 'employer', theirs: '一建', ours: '示例第一建筑有限公司' },
  ]
  expect(
    (await ask('PUT', path, { mappings: [{ field: 'region', theirs: 'x', ours: '999999' }] }, source.key))
      .status,
  ).toBe(400)
  expect(
    (await ask('PUT', path, { mappings: [mappings[0], { ...mappings[0], theirs: 'HN-1' }] }, source.key))
      .status,
  ).toBe(400)
  expect((await ask('PUT', path, { mappings }, source.key)).body.mappings).toHaveLength(4)
  const other = await server.createSource()
  expect((await ask('GET', path, undefined, other.key)).status).toBe(404)

  const theirs = { workRegion: 'HN-1', sector: '建筑', employer: '一建' }
  const sent = await server.send('arrears', source.key, [
    arrears({ ...theirs, caseId: 'm1', homeRegions: [{ region: 'HN-1', workers: 1 }] }),
    arrears({ ...theirs, caseId: 'm2', workRegion: 'HN-2' }),
    arrears({ ...theirs, caseId: 'm3', workRegion: 'HN-2', sector: '采矿', employer: '未列之厂' }),
    arrears({ ...theirs, caseId: 'm4', workRegion: '430503' }),
    arrears({ ...theirs, caseId: 'm5', workers: -1 }),
    arrears({ ...theirs, caseId: 'm6', workRegion: idNumber(1) }),
  ])
  expect(codesOf(sent)).toEqual([
    '2 workRegion unmapped_code',
    '3 workRegion unmapped_code',
    '3 sector unmapped_code',
    '4 workRegion unmapped_code',
    '5 workers negative',
    '6 workRegion unmapped_code',
  ])
  expect((await ask('GET', `${path}/unmapped`, undefined, source.key)).body.unmapped).toEqual([
    { field: 'region', theirs: 'HN-2', rows: 2 },
    { field: 'region', theirs: '***', rows: 1 },
    { field: 'region', theirs: '430503', rows: 1 },
    { field: 'sector', theirs: '采矿', rows: 1 },
  ])
  expect(await total('arrears.openCases', source.id)).toBe(1)

  await ask(
    'PUT',
    path,
    { mappings: [...mappings, { field: 'region', theirs: 'HN-2', ours: '430121' }] },
    source.key,
  )
  expect((await ask('POST', '/quarantine/replay', { kind: 'arrears' }, other.key)).body).toEqual({
    judged: 0,
    replayed: 0,
    next: null,
  })
  expect((await ask('POST', '/quarantine/replay', { kind: 'arrears', source: source.id })).body).toEqual({
    judged: 5,
    replayed: 1,
    next: null,
  })
  const { body } = await ask('GET', `/quarantine?kind=arrears&source=${source.id}`)
  expect(body.counts).toEqual({ waiting: 4, corrected: 0, replayed: 1, dismissed: 0 })
  expect(
    body.rows.map((row: any) => [row.row, row.state, row.errors.map((error: any) => error.code).join()]),
  ).toEqual([
    [2, 'replayed', 'unmapped_code'],
    [3, 'waiting', 'unmapped_code'],
    [4, 'waiting', 'unmapped_code'],
    [5, 'waiting', 'negative'],
    [6, 'waiting', 'unmapped_code'],
  ])
  expect(body.rows[0]).toMatchObject({ by: 'admin', into: expect.stringMatching(/^bat_/) })
  expect(JSON.stringify(body)).not.toContain('一建')
  expect(await total('arrears.openCases', source.id)).toBe(2)
  expect((await ask('POST', '/quarantine/replay', {}, source.key)).body).toMatchObject({
    judged: 4,
    replayed: 0,
  })
  expect((await ask('GET', `/batches/${body.rows[0].into}`, undefined, source.key)).body).toMatchObject({
    accepted: 1,
    received: 1,
  })
})

test('a row is corrected once, dismissed by a named person only, and nothing disappears', async () => {
  const source = await server.createSource()
  const other = await server.createSource()
  const bad = arrears({ caseId: 'q', workers: -1 })
  const sent = await server.send('arrears', source.key, [
    bad,
    { ...bad, caseId: 'r' },
    { ...bad, caseId: 's' },
  ])
  expect(sent.status).toBe(422)
  const { batch } = sent.body
  const at = (row: number) => `/quarantine/${batch}/${row}/correct`
  const good = { ...bad, workers: 4 }
  expect((await ask('POST', at(1), { value: good }, other.key)).status).toBe(404)
  const again = await ask('POST', at(1), { value: { ...good, owed: '-1' } }, source.key)
  expect(again).toMatchObject({
    status: 422,
    body: { errors: [{ row: 1, path: 'owed', code: 'negative' }] },
  })
  expect(await ask('POST', at(1), { value: good }, source.key)).toMatchObject({
    status: 200,
    body: { state: 'corrected' },
  })
  expect((await ask('POST', at(1), { value: good }, source.key)).status).toBe(409)
  expect((await ask('POST', at(9), { value: good }, source.key)).status).toBe(404)
  const rows = [1, 2, 2].map((row) => ({ batch, row }))
  expect((await ask('POST', '/quarantine/dismiss', { rows, reason: '重复' }, source.key)).status).toBe(401)
  expect((await ask('POST', '/quarantine/dismiss', { rows, reason: '' })).status).toBe(400)
  expect((await ask('POST', '/quarantine/dismiss', { rows, reason: '重复' })).body).toEqual({
    dismissed: 1,
  })
  const listed = await ask('GET', '/quarantine?limit=2', undefined, source.key)
  expect(listed.body.counts).toEqual({ waiting: 1, corrected: 1, replayed: 0, dismissed: 1 })
  expect(listed.body.rows[1]).toMatchObject({ state: 'dismissed', by: 'admin', reason: '重复' })
  expect(listed.body.next).toBe(`${batch}/2`)
  const rest = await ask('GET', `/quarantine?limit=2&after=${batch}/2`, undefined, source.key)
  expect(rest.body.rows.map((row: any) => [row.row, row.state])).toEqual([[3, 'waiting']])
  expect(
    (await ask('GET', `/quarantine?state=dismissed&code=negative`, undefined, source.key)).body.rows,
  ).toHaveLength(1)
  expect((await ask('GET', `/batches/${batch}/errors.json`, undefined, source.key)).body.rows).toHaveLength(3)
  expect(await total('arrears.openCases', source.id)).toBe(1)
})

test('a list shows what rows say without naming anybody; one is opened in clear, and that is written down', async () => {
  const source = await server.createSource()
  const other = await server.createSource()
  const titles = ['姓名', '身份证号', '联系电话', '户籍地', '状态', '月工资', '采集时间', '备用电话']
  const csv = [
    titles.join(','),
    `欧阳示例,${idNumber(77)},13800001234,430503,在岗,-1,2026-10-01,13900005678`,
  ].join('\n')
  const sent = await server.send('workers', source.key, null, {
    headers: {
      'content-type': 'text/csv',
      'xiangrong-columns': encodeURIComponent(
        JSON.stringify({
          姓名: 'name',
          身份证号: 'idNumber',
          联系电话: 'phone',
          户籍地: 'homeRegion',
          状态: 'status',
          月工资: 'monthlyWage',
          采集时间: 'observedAt',
          备用电话: null,
        }),
      ),
    },
    body: csv,
  })
  const { batch } = sent.body
  const { body } = await ask('GET', `/quarantine?batch=${batch}&cells=true`, undefined, source.key)
  expect(body.rows[0].cells).toMatchObject({
    name: '欧***',
    phone: '138****1234',
    homeRegion: '430503',
    status: '在岗',
    monthlyWage: '-1',
  })
  expect(body.rows[0].cells.idNumber).toMatch(/^\d{4}\*{11}.{3}$/)
  // A name that slipped into a column of numbers is none the less one.
  const slipped = await server.send('workers', source.key, [worker({ monthlyWage: '欧阳示例' })])
  const listed = await ask('GET', `/quarantine?batch=${slipped.body.batch}&cells=true`)
  expect(listed.body.rows[0].cells.monthlyWage).toBe('欧***')
  expect(
    (await ask('GET', `/quarantine?batch=${batch}`, undefined, source.key)).body.rows[0],
  ).not.toHaveProperty('cells')
  expect((await ask('POST', `/quarantine/${batch}/1/read`, {}, other.key)).status).toBe(404)
  expect((await ask('POST', `/quarantine/${batch}/1/read`, {})).status).toBe(400)
  const opened = await ask('POST', `/quarantine/${batch}/1/read`, { reason: `核对后更正${idNumber(77)}` })
  expect(opened.body).toMatchObject({ raw: null, state: 'waiting' })
  expect(opened.body.cells).toMatchObject({ name: '欧阳示例', idNumber: idNumber(77), status: '在岗' })
  const { entries } = (await ask('GET', '/audit?action=quarantine.read')).body
  expect(entries[0]).toMatchObject({
    whoName: 'admin',
    subject: `${batch}/1`,
    reason: expect.stringMatching(/^核对后更正/),
  })
  expect(entries[0].reason).not.toContain(idNumber(77))

  // Cells are read as those of a sheet: labels, full-width digits, a day for an instant; what is blank is not there.
  const path = `/quarantine/${batch}/1/correct`
  expect((await ask('POST', path, { cells: {}, value: {} })).status).toBe(400)
  const cells = { ...opened.body.cells, monthlyWage: '６５００', phone: ' ', observedAt: '2026年10月1日' }
  expect(await ask('POST', path, { cells: { ...cells, status: '休假' } })).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'status', code: 'unknown_value' }] },
  })
  expect((await ask('POST', path, { cells })).status).toBe(200)
  expect(await total('workers.count', source.id)).toBe(1)
  const settled = await ask('GET', `/quarantine?batch=${batch}`, undefined, source.key)
  expect(settled.body.rows[0]).toMatchObject({ state: 'corrected', by: 'admin' })
})

test('a row of a sheet comes back with the cells that say nothing, and is replayed without them', async () => {
  const source = await server.createSource()
  const path = `/sources/${source.id}/mappings`
  await ask('PUT', path, { mappings: [{ field: 'sector', theirs: '建筑', ours: 'E' }] }, source.key)
  const head = '姓名,身份证号,户籍地,状态,观测时间,行业,联系电话,月工资'
  const sent = await server.send('workers', source.key, null, {
    headers: { 'content-type': 'text/csv' },
    body: `${head}\n示例,${idNumber(91)},430522,在岗,2025-06-10,瓦工队,无,/\n`,
  })
  const { batch } = sent.body
  const back = await fetch(`${server.url}/v1/batches/${batch}/errors.csv`, {
    headers: { authorization: `Bearer ${source.key}` },
  })
  expect(await back.text()).toContain(',瓦工队,无,/,')
  await ask(
    'PUT',
    path,
    {
      mappings: [
        { field: 'sector', theirs: '建筑', ours: 'E' },
        { field: 'sector', theirs: '瓦工队', ours: 'E' },
        { field: 'region', theirs: '430522', ours: '430522' },
      ],
    },
    source.key,
  )
  expect((await ask('POST', '/quarantine/replay', { source: source.id })).body).toMatchObject({ replayed: 1 })
})

test('a correction by cells is refused what a sheet is refused, each field by name', async () => {
  const source = await server.createSource()
  const send = async (kind: string, row: object) =>
    `/quarantine/${(await server.send(kind, source.key, [row])).body.batch}/1`
  const correct = async (at: string, cells: object) => {
    const opened = await ask('POST', `${at}/read`, {}, source.key)
    return ask('POST', `${at}/correct`, { cells: { ...opened.body.cells, ...cells } }, source.key)
  }
  const arrearsAt = await send('arrears', arrears({ caseId: '4.30102E+17', project: '同上', workers: -1 }))
  const refused = await correct(arrearsAt, { workers: '3' })
  expect(refused).toMatchObject({ status: 422, body: { code: 'unprocessable' } })
  expect(codesOf(refused)).toEqual(['1 caseId digits_lost', '1 project not_told'])
  const workersAt = await send('workers', worker({ occupation: '同上', monthlyWage: '-1' }))
  expect(codesOf(await correct(workersAt, { monthlyWage: '1' }))).toEqual(['1 occupation not_told'])
  const waiting = await ask('GET', '/quarantine?state=waiting', undefined, source.key)
  expect(waiting.body.counts).toEqual({ waiting: 2, corrected: 0, replayed: 0, dismissed: 0 })
  expect((await correct(arrearsAt, { caseId: '430102000000000017', project: '', workers: '3' })).status).toBe(
    200,
  )
})

test('a row whose number was mistyped goes with the person it turned out to tell of', async () => {
  const source = await server.createSource()
  const [mistyped, right] = [`${idNumber(78).slice(0, 17)}?`, idNumber(78)]
  const { batch } = (await server.send('workers', source.key, [worker({ idNumber: mistyped })])).body
  const value = worker({ idNumber: right })
  expect((await ask('POST', `/quarantine/${batch}/1/correct`, { value }, source.key)).status).toBe(200)
  const reason = '本人书面申请删除'
  const { matches } = (await ask('POST', '/identities/search', { idNumber: right, reason })).body
  const erased = await ask('POST', '/identities/erase', { personKey: matches[0].personKey, reason })
  expect(erased.body).toEqual({ records: 1, rejectedRows: 1 })
  expect((await ask('GET', `/quarantine?batch=${batch}`, undefined, source.key)).body.rows).toEqual([])
  expect(await total('workers.count', source.id)).toBe(1)
})

test('a row that could not be read is shown as it came; all that waits of a batch is dismissed at once', async () => {
  const source = await server.createSource()
  const lines = ['{"caseId": ', '[1, 2]', JSON.stringify(arrears({ caseId: 'd', workers: -1 }))]
  const sent = await server.send('arrears', source.key, null, {
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  })
  const { batch } = sent.body
  const one = await ask('POST', `/quarantine/${batch}/2/read`, {}, source.key)
  expect(one.body).toMatchObject({ cells: {}, raw: '1, 2' })
  expect((await ask('POST', '/quarantine/dismiss', { batch, reason: '作废' }, source.key)).status).toBe(401)
  expect((await ask('POST', '/quarantine/dismiss', { reason: '作废' })).status).toBe(400)
  expect((await ask('POST', '/quarantine/dismiss', { batch, reason: '作废' })).body).toEqual({
    dismissed: 3,
  })
  const { body } = await ask('GET', `/quarantine?batch=${batch}&state=dismissed`)
  expect(body.rows.map((row: any) => row.reason)).toEqual(['作废', '作废', '作废'])
})

test('rows of a trial and of a batch that was refused whole do not wait', async () => {
  const source = await server.createSource()
  const rows = [arrears({ caseId: 't1' }), arrears({ caseId: 't2', workers: -1 })]
  await server.send('arrears', source.key, rows, { query: '?mode=validate' })
  await server.send('arrears', source.key, rows, { query: '?atomic=all' })
  expect((await ask('GET', '/quarantine', undefined, source.key)).body).toMatchObject({
    counts: { waiting: 0 },
    rows: [],
  })
})

test('a replayed row stands behind what was told of its subject and instant since, and before nothing else', async () => {
  const source = await server.createSource()
  const at = '2026-10-05T08:00:00+08:00'
  const person = worker({ idNumber: idNumber(71), observedAt: at, workRegion: '430503' })
  const map = (mappings: unknown[]) => ask('PUT', `/sources/${source.id}/mappings`, { mappings }, source.key)
  const mapped = ['430503', '430522'].map((code) => ({ field: 'region', theirs: code, ours: code }))
  await map(mapped)
  // Refused as their region has no mapping yet; the first of each is told once more, otherwise, before it is replayed.
  const refused = await server.send('arrears', source.key, [
    arrears({ caseId: 'r1', observedAt: at, workRegion: 'X', owed: '100.00' }),
    arrears({ caseId: 'r2', observedAt: at, workRegion: 'X', owed: '10.00' }),
  ])
  expect(refused.body).toMatchObject({ rejected: 2 })
  const unmapped = { ...person, name: '旧名', workRegion: 'X' }
  expect((await server.send('workers', source.key, [unmapped])).body).toMatchObject({ rejected: 1 })
  const since = [arrears({ caseId: 'r1', observedAt: at, workRegion: '430503', owed: '1.00' })]
  expect((await server.send('arrears', source.key, since)).body).toMatchObject({ accepted: 1 })
  const renamed = [{ ...person, name: '新名' }]
  expect((await server.send('workers', source.key, renamed)).body).toMatchObject({ accepted: 1 })
  expect(await total('arrears.owed', source.id)).toBe('1.00')

  await map([...mapped, { field: 'region', theirs: 'X', ours: '430121' }])
  expect((await ask('POST', '/quarantine/replay', {}, source.key)).body).toMatchObject({ replayed: 3 })
  expect(await total('arrears.owed', source.id)).toBe('11.00')
  const found = await ask('POST', '/identities/search', { idNumber: idNumber(71), reason: '核对姓名变更' })
  expect(found.body.matches).toMatchObject([{ name: '新*' }])
  // What is told after the replay holds over both.
  await server.send('arrears', source.key, [{ ...since[0], owed: '2.00' }])
  expect(await total('arrears.owed', source.id)).toBe('12.00')
})

test('a row that was replayed before its state was written down is found unchanged by the next replay', async () => {
  const source = await server.createSource()
  await ask('PUT', '/locks', {
    kind: 'arrears',
    region: '43',
    before: '2026-11-01T00:00:00+08:00',
    reason: '封账',
  })
  const row = arrears({ caseId: 'k', observedAt: '2026-10-05T08:00:00+08:00' })
  expect(codesOf(await server.send('arrears', source.key, [row]))).toEqual(['1 observedAt period_locked'])
  await ask('POST', '/locks/open', { kind: 'arrears', region: '43', reason: '补报遗漏台账' })
  await server.send('arrears', source.key, [row])
  expect((await ask('POST', '/quarantine/replay', {}, source.key)).body).toMatchObject({
    judged: 1,
    replayed: 1,
  })
  expect(await total('arrears.openCases', source.id)).toBe(1)
})
