import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { replyOf } from '../support/post.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { arrears, idNumber, idNumberFor, industry, worker } from '../support/signals.ts'

let server: TestServer
let cookie: string
beforeAll(async () => {
  server = await startServer()
  cookie = await server.signIn()
})
afterAll(() => server.stop())

/** Asks as a source by its key, or as the administrator where none is given. */
async function ask(method: string, path: string, body?: unknown, key?: string) {
  return await replyOf(
    await fetch(`${server.url}/v1${path}`, {
      method,
      headers: key === undefined ? { cookie } : { authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  )
}
const codes = (reply: { body: any }) =>
  reply.body.errors.map((error: any) => `${error.row} ${error.path} ${error.code}`)
const total = async (measure: string, source: string) => {
  const { rows } = await server.get(`/v1/distribution?measure=${measure}&by=source`, cookie)
  return rows.find((row: any) => row.source === source)?.value ?? null
}

describe('withdrawing a batch', () => {
  test('is for its own source and for an administrator, with a reason, and the first reason stays', async () => {
    const source = await server.createSource()
    const other = await server.createSource()
    const sent = await server.send('workers', source.key, [
      worker({ idNumber: idNumber(11) }),
      worker({ idNumber: idNumber(12) }),
    ])
    const path = `/batches/${sent.body.batch}/withdraw`
    expect((await ask('POST', path, { reason: 'x' }, other.key)).status).toBe(404)
    expect((await ask('POST', path, { reason: ' ' }, source.key)).status).toBe(400)
    expect((await fetch(`${server.url}/v1${path}`, { method: 'POST', body: '{"reason":"x"}' })).status).toBe(
      401,
    )
    expect(await total('workers.count', source.id)).toBe(2)
    const done = await ask('POST', path, { reason: '误报' }, source.key)
    expect(done).toMatchObject({
      status: 200,
      body: { batch: sent.body.batch, histories: 2, reason: '误报', by: source.id },
    })
    expect(await total('workers.count', source.id)).toBeNull()
    const again = await ask('POST', path, { reason: 'another' })
    expect(again.body).toEqual(done.body)
    const withdrawn = { at: done.body.withdrawnAt, by: source.id, reason: '误报', histories: 2 }
    expect((await ask('GET', `/batches/${sent.body.batch}`, undefined, source.key)).body).toMatchObject({
      withdrawn,
    })
    expect(
      (await server.send('workers', source.key, [worker({ idNumber: idNumber(11) })])).body,
    ).toMatchObject({ accepted: 1 })
  })

  test('a trial is nothing to withdraw', async () => {
    const source = await server.createSource()
    const trial = await server.send('workers', source.key, [worker({ idNumber: idNumber(13) })], {
      query: '?mode=validate',
    })
    expect((await ask('POST', `/batches/${trial.body.batch}/withdraw`, { reason: 'x' })).status).toBe(409)
  })
})

const open = (kind: string, region: string) =>
  ask('POST', '/locks/open', { kind, region, reason: '补报遗漏台账' })

describe('closed periods', () => {
  const lock = {
    kind: 'workers',
    region: '430500',
    before: '2026-10-01T00:00:00+08:00',
    reason: '三季度已定',
  }
  test('late rows of the region are rejected, others and excepted sources are not', async () => {
    const source = await server.createSource()
    const excepted = await server.createSource()
    const rows = (n: number) => [
      worker({ idNumber: idNumber(n), observedAt: '2026-09-30T23:59:59+08:00' }),
      worker({ idNumber: idNumber(n), observedAt: '2026-10-01T00:00:00+08:00' }),
      worker({
        idNumber: idNumber(n + 1),
        observedAt: '2026-09-01T08:00:00+08:00',
        homeRegion: '430121',
        workRegion: '430503',
      }),
      worker({ idNumber: idNumber(n + 2), observedAt: '2026-09-01T08:00:00+08:00', homeRegion: '430121' }),
    ]
    expect((await ask('PUT', '/locks', lock, source.key)).status).toBe(401)
    const unknown = { ...lock, exceptions: [{ source: 'src_none', reason: 'x' }] }
    expect((await ask('PUT', '/locks', unknown)).status).toBe(400)
    const put = await ask('PUT', '/locks', { ...lock, exceptions: [{ source: excepted.id, reason: '补报' }] })
    expect(put.body).toMatchObject({
      kind: 'workers',
      region: '4305',
      by: 'admin',
      exceptions: [{ source: excepted.id, reason: '补报' }],
    })
    const sent = await server.send('workers', source.key, rows(20))
    expect(codes(sent)).toEqual(['1 observedAt period_locked', '3 observedAt period_locked'])
    expect(sent.body.errors[0].message).toMatch(/^邵阳市2026年10月1日之前已封账/)
    expect((await server.send('workers', excepted.key, rows(30))).body).toMatchObject({
      accepted: 4,
      rejected: 0,
    })
    expect((await open('workers', '4305')).body).toEqual({ removed: 1 })
    expect((await server.send('workers', source.key, rows(40))).body).toMatchObject({
      accepted: 4,
      rejected: 0,
    })
    expect((await ask('GET', '/locks')).body).toEqual({ locks: [] })
  })

  test('a late row that would move somebody out of the region is rejected, in a trial and in a preview too', async () => {
    const source = await server.createSource()
    const person = { idNumber: idNumber(50), homeRegion: '430121' }
    const stood = worker({ ...person, workRegion: '430503', observedAt: '2026-09-01T08:00:00+08:00' })
    const moved = worker({ ...person, workRegion: '430121', observedAt: '2026-09-20T08:00:00+08:00' })
    const after = worker({ ...person, workRegion: '430121', observedAt: '2026-10-02T08:00:00+08:00' })
    await server.send('workers', source.key, [stood])
    await ask('PUT', '/locks', lock)
    for (const query of ['?mode=validate', ''])
      expect(codes(await server.send('workers', source.key, [moved, after], { query }))).toEqual([
        '1 observedAt period_locked',
      ])
    // So many rows are gone through on a thread of their own, and those that a commit refuses read again here.
    const many = Array.from({ length: 2_000 }, (_, i) =>
      worker({
        ...person,
        idNumber: idNumberFor(5_000 + i),
        workRegion: '430121',
        observedAt: '2026-10-02T08:00:00+08:00',
      }),
    )
    expect(codes(await server.send('workers', source.key, [...many, moved]))).toEqual([
      '2001 observedAt period_locked',
    ])
    const preview = await fetch(`${server.url}/v1/signals/workers/preview`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${source.key}` },
      body: JSON.stringify([moved, after]),
    })
    const { rows } = (await preview.json()) as { rows: { faults: { code: string }[] }[] }
    expect(rows.map(({ faults }) => faults[0]?.code)).toEqual(['period_locked', undefined])
    await open('workers', '4305')
  })

  test('a report speaks of its period, however late it is observed; kinds are closed one by one', async () => {
    const source = await server.createSource()
    await ask('PUT', '/locks', { ...lock, kind: 'industry', region: '4301' })
    const sent = await server.send('industry', source.key, [
      industry({ pointId: 'a', period: '2026-09', observedAt: '2026-10-20T08:00:00+08:00' }),
      industry({ pointId: 'a', period: '2026-10', observedAt: '2026-10-20T08:00:00+08:00' }),
    ])
    expect(codes(sent)).toEqual(['1 period period_locked'])
    await open('industry', '4301')
  })

  test('a batch that speaks of one is not withdrawn, by its key or by a person, unless its source has an exception', async () => {
    const source = await server.createSource({ name: '雨湖区劳动监察' })
    const { body: sent } = await server.send('arrears', source.key, [
      arrears({ caseId: 'closed', observedAt: '2026-09-30T08:00:00+08:00' }),
      { ...arrears({ caseId: 'wrong' }), owed: 'x' },
    ])
    const { body: later } = await server.send('arrears', source.key, [
      arrears({ caseId: 'open', observedAt: '2026-10-01T00:00:00+08:00' }),
    ])
    const closed = { ...lock, kind: 'arrears' }
    await ask('PUT', '/locks', closed)
    await ask('PUT', '/locks', { ...closed, region: '430503', before: '2026-09-30T12:00:00+08:00' })
    const withdraw = ({ batch }: { batch: string }, key?: string) =>
      ask('POST', `/batches/${batch}/withdraw`, { reason: '误报' }, key)
    const refused = await withdraw(sent, source.key)
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      422,
      'period_locked',
      'to withdraw this batch would change figures of closed periods (Shaoyang, before October 1, 2026; Daxiang District, before September 30, 2026 12:00); ask the administrator for an exception for the source 雨湖区劳动监察, or to open them again',
    ])
    const asked = { method: 'POST', body: JSON.stringify({ reason: '误报' }) }
    const headers = { cookie, 'accept-language': 'zh-CN' }
    const path = `${server.url}/v1/batches/${sent.batch}/withdraw`
    const byPerson = await replyOf(await fetch(path, { ...asked, headers }))
    expect(byPerson.body.detail).toBe(
      '撤回本批次会改变已封账时期的数字（邵阳市2026年10月1日之前、大祥区2026年9月30日 12:00之前）；请管理员为来源“雨湖区劳动监察”设例外，或解除封账后再撤回',
    )
    const { body: kept } = await ask('GET', `/batches/${sent.batch}`)
    expect(kept.withdrawn).toBeNull()
    expect((await ask('GET', `/quarantine?batch=${sent.batch}`)).body.counts.waiting).toBe(1)
    expect((await withdraw(later, source.key)).status).toBe(200)

    const exceptions = [{ source: source.id, reason: '更正误报' }]
    await ask('PUT', '/locks', { ...closed, exceptions })
    // Each closed period needs its own.
    expect((await withdraw(sent, source.key)).body.detail).not.toContain('Shaoyang')
    await open('arrears', '430503')
    expect((await withdraw(sent, source.key)).status).toBe(200)
    // What is withdrawn already stays so, and a repeat says it.
    await ask('PUT', '/locks', closed)
    expect(await withdraw(sent, source.key)).toMatchObject({ status: 200, body: { reason: '误报' } })
    await open('arrears', '4305')
  })
})

describe('who opens a closed period says why', () => {
  const lock = { kind: 'arrears', region: '4310', before: '2026-10-01', reason: '三季度已定' }
  const written = async () =>
    (await ask('GET', '/audit?action=lock.put,lock.except,lock.delete&limit=100')).body.entries
      .filter(({ subject }: any) => subject.startsWith('arrears 4310'))
      .map(({ whoName, action, subject, reason }: any) => [whoName, action, subject, reason])
      .toReversed()

  test('in so many words, which stay in the audit log with who it was and what was opened', async () => {
    const { id } = await server.createSource()
    await ask('PUT', '/locks', lock)
    for (const reason of [undefined, '', '  ']) {
      const refused = await ask('POST', '/locks/open', { kind: 'arrears', region: '4310', reason })
      expect([refused.status, refused.body.detail]).toEqual([
        400,
        'reason: must say why, in 1 to 500 characters',
      ])
      const excepted = await ask('PUT', '/locks', { ...lock, exceptions: [{ source: id, reason }] })
      expect([excepted.status, excepted.body.detail]).toEqual([
        400,
        'exceptions.0.reason: must say why, in 1 to 500 characters',
      ])
    }
    expect((await ask('GET', '/locks')).body.locks).toMatchObject([{ region: '4310', exceptions: [] }])

    const exceptions = [{ source: id, reason: '九月台账迟到' }]
    await ask('PUT', '/locks', { ...lock, exceptions })
    // What stands already is not opened once more.
    await ask('PUT', '/locks', { ...lock, before: '2026-11-01', exceptions })
    const earlier = { ...lock, before: '2026-09-01', exceptions }
    const refused = await ask('PUT', '/locks', earlier)
    expect([refused.status, refused.body.detail]).toEqual([400, expect.stringMatching(/^reason: .*say why$/)])
    expect((await ask('GET', '/locks')).body.locks[0].before).toBe('2026-11-01T00:00:00.000+08:00')
    await ask('PUT', '/locks', { ...earlier, reason: '九月重新核对' })
    await open('arrears', '4310')
    expect((await open('arrears', '4310')).body).toEqual({ removed: 0 })
    const subject = 'arrears 4310'
    expect(await written()).toEqual([
      ['admin', 'lock.put', subject, '三季度已定'],
      ['admin', 'lock.put', subject, '三季度已定'],
      ['admin', 'lock.except', `${subject} ${id}`, '九月台账迟到'],
      ['admin', 'lock.put', subject, '三季度已定'],
      ['admin', 'lock.put', subject, '九月重新核对'],
      ['admin', 'lock.delete', subject, '补报遗漏台账'],
    ])
  })
})

describe('id schemes and quarantine', () => {
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
    expect(codes(sent)).toEqual([
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
    expect((await ask('GET', `/batches/${batch}/errors.json`, undefined, source.key)).body.rows).toHaveLength(
      3,
    )
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
    const map = (mappings: unknown[]) =>
      ask('PUT', `/sources/${source.id}/mappings`, { mappings }, source.key)
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
    expect(codes(await server.send('arrears', source.key, [row]))).toEqual(['1 observedAt period_locked'])
    await open('arrears', '43')
    await server.send('arrears', source.key, [row])
    expect((await ask('POST', '/quarantine/replay', {}, source.key)).body).toMatchObject({
      judged: 1,
      replayed: 1,
    })
    expect(await total('arrears.openCases', source.id)).toBe(1)
  })
})
