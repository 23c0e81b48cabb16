import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askAs, codesOf, replyOf, totalOf } from '../support/post.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { arrears, idNumber, idNumberFor, industry, worker } from '../support/signals.ts'

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
    expect(codesOf(sent)).toEqual(['1 observedAt period_locked', '3 observedAt period_locked'])
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
      expect(codesOf(await server.send('workers', source.key, [moved, after], { query }))).toEqual([
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
    expect(codesOf(await server.send('workers', source.key, [...many, moved]))).toEqual([
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
    expect(codesOf(sent)).toEqual(['1 period period_locked'])
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
