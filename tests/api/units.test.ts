import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY_MS, shanghaiDay, startOf } from '#domain/time.ts'
import { workingDayBefore } from '#domain/working-day.ts'
import { enterAdmin, enterPerson, enterWithPost } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { idNumber, industry } from '../support/signals.ts'

let server: TestServer
let admin: string
let reporter: string
let park: string
let other: string
let parkSource: { id: string; key: string }

const ask = async (
  path: string,
  cookie: string | null,
  method = 'GET',
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(cookie ? { cookie } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as any }
}
const signIn = async (username: string, password: string) => {
  const response = await fetch(`${server.url}/v1/auth/sign-in/username`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  })
  expect(response.status).toBe(200)
  return (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
}
const PARK = {
  kind: 'park',
  rank: 'national',
  name: '示例高新区',
  region: '430104',
  pointId: 'N01',
  sector: 'C',
  contactName: '值班室',
  contactPhone: '0731-0000-0001',
  dueDays: 10,
}
const STATION = {
  kind: 'station',
  rank: 'city',
  name: '邵阳市驻深圳农民工服务站',
  region: '440300',
  ownerRegion: '430500',
  serviceRegion: '44',
  hostType: 'chamber',
}

beforeAll(async () => {
  server = await startServer()
  admin = await server.signIn()
  parkSource = await server.createSource({
    name: 'park',
    kinds: ['industry'],
    region: '4301',
    dueEvery: 'month',
  })
  park = (await ask('/v1/units', admin, 'POST', { ...PARK, sourceId: parkSource.id })).body.id
  other = (
    await ask('/v1/units/import', admin, 'POST', {
      units: [STATION, { kind: 'office', rank: 'county', name: '大祥区农民工办', region: '430503' }],
    })
  ).body.ids[0]
  const made = await ask('/v1/people', admin, 'POST', { username: 'Bao.Song', role: 'reporter', unit: park })
  expect(made.status).toBe(201)
  const password = 'a-long-password'
  await ask('/v1/password-links/use', null, 'POST', { token: made.body.link.token, password })
  reporter = await signIn('bao.song', password)
})
afterAll(() => server.stop())

const report = (over: Record<string, unknown> = {}) =>
  industry({ pointId: 'N01', workRegion: '430104', period: '2026-10', ...over })
const send = (cookie: string | null, row: unknown, headers: Record<string, string> = {}, unit = park) =>
  ask(`/v1/units/${unit}/reports`, cookie, 'POST', row, headers)
const headcount = async () =>
  (await server.get('/v1/distribution?measure=industry.headcount')).rows[0]?.value ?? null

describe('who may do what', () => {
  test('whoever was made to report for a unit stands in the audit log with it', async () => {
    const { entries } = (await ask('/v1/audit?action=unit.reporters', admin)).body
    expect(entries).toMatchObject([{ whoName: 'admin', subject: park }])
  })

  test('nobody reads the registry without a log-in, not even the wall in the room', async () => {
    for (const path of ['/v1/units', `/v1/units/${park}`, `/v1/units/${park}/last-period`])
      expect([path, (await ask(path, null)).status]).toEqual([path, 401])
    expect((await send(null, report())).status).toBe(401)
    expect(
      (await ask('/v1/units', null, 'GET', undefined, { authorization: `Bearer ${parkSource.key}` })).status,
    ).toBe(401)
  })

  test('a reporter changes no unit, makes no person, and sees his own unit only', async () => {
    const refused: [string, string, unknown][] = [
      ['/v1/units', 'POST', PARK],
      ['/v1/units/import', 'POST', { units: [STATION] }],
      [`/v1/units/${park}`, 'PUT', PARK],
      [`/v1/units/${park}/retire`, 'POST', {}],
      [`/v1/units/${park}/reporters`, 'PUT', { usernames: [] }],
      ['/v1/people', 'POST', { username: 'friend', role: 'reporter', unit: park }],
    ]
    for (const [path, method, body] of refused)
      expect([path, (await ask(path, reporter, method, body)).status]).toEqual([path, 403])
    expect((await ask('/v1/units', reporter)).body.units.map(({ id }: { id: string }) => id)).toEqual([park])
    for (const path of [`/v1/units/${other}`, '/v1/units/unit_none'])
      expect((await ask(path, reporter)).body).toMatchObject({ status: 404, detail: 'there is no such unit' })
    expect((await send(reporter, report(), {}, other)).status).toBe(404)
    expect((await ask(`/v1/units/${other}/duty`, reporter, 'PUT', { entries: [] })).status).toBe(404)
  })

  test('only reporters can be bound to a unit, and losing the unit ends the right at once', async () => {
    expect((await ask(`/v1/units/${park}/reporters`, admin, 'PUT', { usernames: ['admin'] })).status).toBe(
      400,
    )
    expect((await ask(`/v1/units/${park}`, admin)).body.reporters).toEqual(['bao.song'])
    expect((await ask(`/v1/units/${park}/reporters`, admin, 'PUT', { usernames: [] })).status).toBe(200)
    expect((await send(reporter, report())).status).toBe(404)
    expect(
      (await ask(`/v1/units/${park}/reporters`, admin, 'PUT', { usernames: ['BAO.SONG'] })).body.reporters,
    ).toEqual(['bao.song'])
  })

  test('a person is refused whose name is taken or whose unit is unknown', async () => {
    const make = (over: object) =>
      ask('/v1/people', admin, 'POST', {
        username: 'second',
        role: 'reporter',
        unit: park,
        ...over,
      })
    expect((await make({ username: 'BAO.song' })).status).toBe(409)
    expect((await make({ unit: 'unit_none' })).status).toBe(400)
  })
})

describe('the registry', () => {
  test('refuses what contradicts itself, names the field, and takes none of an import that holds it', async () => {
    const before = (await ask('/v1/units', admin)).body.units.length
    const wrong: [object, string][] = [
      [{ ...STATION, region: '4301' }, 'region: '],
      [{ ...PARK, rank: 'county' }, 'rank: '],
      [{ ...PARK, sourceId: 'src_none', pointId: null }, 'sourceId: '],
      [{ ...PARK, longitude: 900 }, 'longitude: '],
      [{ ...PARK, colour: 'red' }, 'colour'],
      [{ ...PARK, pointId: idNumber(7) }, 'pointId: must not hold'],
      [{ ...PARK, pointId: '点13800000001' }, 'pointId: must not hold'],
      [{ ...PARK, pointId: 'N01|一期' }, 'pointId: cannot hold "|"'],
    ]
    for (const [unit, detail] of wrong) {
      const { status, body } = await ask('/v1/units/import', admin, 'POST', { units: [STATION, unit] })
      expect([status, body.detail]).toEqual([400, expect.stringContaining(detail)])
    }
    expect((await ask('/v1/units', admin, 'POST', { ...PARK, pointId: 'N01' })).status).toBe(409)
    expect((await ask('/v1/units', admin)).body.units).toHaveLength(before)
  })

  test.each([
    ['kind=station', ['邵阳市驻深圳农民工服务站']],
    ['rank=national', ['示例高新区']],
    ['area=pearlDelta', ['邵阳市驻深圳农民工服务站']],
    ['area=hubei', []],
    // A prefecture's own are also its stations abroad.
    ['region=430500', ['大祥区农民工办', '邵阳市驻深圳农民工服务站']],
    ['silent=true', []],
    ['kind=park&silent=false', ['示例高新区']],
  ])('filters by %s', async (query, names) => {
    const { body } = await ask(`/v1/units?${query}`, admin)
    expect(body.units.map(({ name }: { name: string }) => name).sort()).toEqual(names)
  })

  test('says who is over a unit, what it owes, and shows no rate where nothing was due', async () => {
    expect((await ask(`/v1/units/${park}`, admin)).body).toMatchObject({
      command: {
        dispatches: { kind: 'office', region: '43' },
        urges: { kind: 'office', region: '4301' },
        reportsThrough: { kind: 'office', region: '43' },
      },
      dueEvery: 'month',
      dueDays: 10,
      silentSince: null,
      punctuality: { due: 0, onTime: 0, late: 0, missing: 0, rate: null },
    })
  })

  test('keeps a duty calendar and shows this week of it', async () => {
    const monday = startOf('week', Date.now())
    const day = (n: number) => shanghaiDay(monday + n * 86_400_000)
    const entries = [
      { firstDay: day(-3), lastDay: day(0), name: '值班甲', phone: '0731-0000-0002' },
      { firstDay: day(1), lastDay: day(9), name: '值班乙' },
      { firstDay: day(10), lastDay: day(12), name: '值班丙' },
    ]
    expect((await ask(`/v1/units/${park}/duty`, reporter, 'PUT', { entries })).status).toBe(200)
    const { body } = await ask(`/v1/units/${park}`, admin)
    expect(body.week).toBe(day(0))
    expect(body.duty).toEqual([entries[0], { ...entries[1], phone: null }])
    const backwards = [{ firstDay: day(2), lastDay: day(1), name: '值班丁' }]
    expect((await ask(`/v1/units/${park}/duty`, reporter, 'PUT', { entries: backwards })).status).toBe(400)
  })
})

describe('reports', () => {
  test('are taken as the source of the unit, counted, and answered once for all repeats of one key', async () => {
    const headers = { 'idempotency-key': 'draft-1' }
    const first = await send(reporter, report({ headcount: 1200 }), headers)
    expect(first).toMatchObject({ status: 200, body: { received: 1, accepted: 1, rejected: 0 } })
    expect(await headcount()).toBe(1200)
    expect((await send(reporter, report({ headcount: 1200 }), headers)).status).toBe(409) // Another observation time: another body.
    const body = JSON.stringify(report({ headcount: 1250, period: '2026-11' }))
    const twice = [
      await send(reporter, body, { 'idempotency-key': 'draft-2' }),
      await send(reporter, body, { 'idempotency-key': 'draft-2' }),
    ]
    expect(twice[1]).toEqual(twice[0])
    expect(await headcount()).toBe(1250)
    expect(
      (await ask(`/v1/units/${park}`, admin)).body.recent.map(({ period }: { period: string }) => period),
    ).toEqual(['2026-11', '2026-10'])
  })

  test('of one period that two phones send at the same time count once: the one observed later stands', async () => {
    const phone = (hires: number, secondsAgo: number) => {
      const observedAt = new Date(Date.now() - secondsAgo * 1000).toISOString()
      return send(reporter, report({ period: '2026-09', hires, observedAt }), {
        'idempotency-key': `phone ${hires}`,
      })
    }
    const both = await Promise.all([phone(7, 1), phone(9, 2)])
    expect(both.map(({ body }) => body.accepted)).toEqual([1, 1])
    const hired = await server.get('/v1/distribution?measure=industry.hires&from=2026-09-01&to=2026-10-01')
    expect(hired.rows).toEqual([{ value: 7 }])
  })

  test('that are told at once do not stand in for the figures of the period, and are counted by themselves', async () => {
    const event = {
      pointId: 'N01#event',
      period: shanghaiDay(Date.now()),
      observedAt: new Date().toISOString(),
      workRegion: '430104',
      sector: 'C',
      majorEvent: '一家企业停产',
    }
    expect(await send(reporter, event)).toMatchObject({ status: 200, body: { accepted: 1 } })
    expect(await headcount()).toBe(1250)
    const unit = (await ask(`/v1/units/${park}`, admin)).body
    expect(unit.instantReports).toBe(1)
    expect(unit.recent[0]).toMatchObject({ period: null, majorEvent: '一家企业停产' })
  })

  test('with a fault come back with the field and the reason in the language asked for', async () => {
    const wrong = report({ headcount: -1, payDay: 32, wageBill: '12.345' })
    const { status, body } = await send(reporter, wrong, { 'accept-language': 'zh' })
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([
      { path: 'headcount', code: 'negative', message: '不能为负数' },
      { path: 'wageBill', code: 'wrong_format' },
      { path: 'payDay', code: 'too_large' },
    ])
    expect((await send(reporter, wrong, { 'accept-language': 'en' })).body.errors[0].message).toBe(
      'Must not be negative',
    )
  })

  describe('that correct refused ones', () => {
    const refuse = async (cookie = reporter) => (await send(cookie, report({ headcount: -1 }))).body.batch
    const correct = (batches: string[], row: object = report({ period: '2026-08', headcount: 5 })) =>
      ask(`/v1/units/${park}/reports?corrects=${batches.join(',')}`, reporter, 'POST', row)
    const rowsOf = async (batch: string) =>
      (await ask(`/v1/quarantine?batch=${batch}`, admin)).body.rows.map(
        ({ state, by, into }: { state: string; by: string | null; into: string | null }) => ({
          state,
          by,
          into,
        }),
      )
    const WAITING = { state: 'waiting', by: null, into: null }

    test('let them go in the name of the reporter once they are taken, with an entry in the audit log', async () => {
      const batches = [await refuse(), await refuse()]
      expect((await correct(batches, report({ headcount: -2 }))).status).toBe(422)
      expect(await rowsOf(batches[0] ?? '')).toEqual([WAITING])
      const { status, body } = await correct(batches)
      expect(status).toBe(200)
      const gone = { state: 'dismissed', by: 'bao.song', into: body.batch }
      for (const batch of batches) expect(await rowsOf(batch)).toEqual([gone])
      const [entry] = (await ask('/v1/audit?action=quarantine.dismiss', admin)).body.entries
      expect(entry).toMatchObject({
        whoName: 'bao.song',
        subject: batches.map((batch) => `${batch}/1`).join(' '),
        reason: '填报人已改正并重新报送',
      })
    })

    test('sent again, are answered as before and find nothing left to do', async () => {
      const batch = await refuse()
      const row = JSON.stringify(report({ period: '2026-08', headcount: 6 }))
      const again = () =>
        ask(`/v1/units/${park}/reports?corrects=${batch}`, reporter, 'POST', row, {
          'idempotency-key': 'again',
        })
      const first = await again()
      expect(await again()).toEqual(first)
      expect(await rowsOf(batch)).toEqual([{ state: 'dismissed', by: 'bao.song', into: first.body.batch }])
      const { entries } = (await ask('/v1/audit?action=quarantine.dismiss', admin)).body
      expect(entries.filter(({ subject }: { subject: string }) => subject === `${batch}/1`)).toHaveLength(1)
    })

    test('leave what is another source’s, what came with a key, and files of several rows', async () => {
      const source = await server.createSource({ kinds: ['industry'], region: '4301' })
      const wrong = report({ headcount: -1 })
      const inTheNameOf = (id: string, rows: unknown) =>
        ask(`/v1/sources/${id}/signals/industry`, admin, 'POST', rows)
      const batches: string[] = [
        (await inTheNameOf(source.id, [wrong])).body.batch,
        (await server.send('industry', parkSource.key, [wrong])).body.batch,
        (await inTheNameOf(parkSource.id, [wrong, wrong])).body.batch,
      ]
      expect((await correct([...batches, 'bat_none'])).status).toBe(200)
      for (const batch of batches) for (const row of await rowsOf(batch)) expect(row).toEqual(WAITING)
      for (const corrects of ['bat_x;', 'x', ','.repeat(3)])
        expect([corrects, (await correct([corrects])).status]).toEqual([corrects, 400])
    })
  })

  test('of a page whose person is no longer the one who is logged in are refused as without a log-in', async () => {
    const { id } = (await ask('/v1/me', reporter)).body.user
    const as = async (person: string) =>
      (await send(reporter, report({ period: '2026-08', headcount: 7 }), { 'xiangrong-person': person }))
        .status
    expect(await as('somebody-else')).toBe(401)
    expect(await as(id)).toBe(200)
  })

  test('are refused for another point, outside the region, as several rows, and over the size of one', async () => {
    expect((await send(reporter, report({ pointId: 'N02' }))).status).toBe(403)
    expect((await send(reporter, report({ workRegion: '4305' }))).status).toBe(403)
    expect((await send(reporter, [report()])).status).toBe(400)
    expect((await send(reporter, 'not json')).status).toBe(400)
    expect((await send(reporter, report({ majorEvent: '长'.repeat(70_000) }))).status).toBe(413)
  })

  test('of a unit without a point or after its end are refused with the remedy', async () => {
    expect((await send(admin, report(), {}, other)).body).toMatchObject({
      status: 409,
      detail: expect.stringContaining('pointId'),
    })
    const source = await server.createSource({ kinds: ['industry'], dueEvery: 'day' })
    const unit = { ...PARK, name: '将撤销', pointId: 'gone', sourceId: source.id }
    const { id } = (await ask('/v1/units', admin, 'POST', unit)).body
    expect((await send(admin, report({ pointId: 'gone' }), {}, id)).status).toBe(200)
    expect((await ask(`/v1/units/${id}/retire`, admin, 'POST', {})).status).toBe(200)
    expect((await send(admin, report({ pointId: 'gone' }), {}, id)).status).toBe(409)
    const inChinese = await send(admin, report({ pointId: 'gone' }), { 'accept-language': 'zh' }, id)
    expect(inChinese.body.detail).toBe('本单位已撤销，不再报送')
    expect(
      (await ask('/v1/units?retired=true', admin)).body.units.map((one: { id: string }) => one.id),
    ).toEqual([id])
    // Its source is due no more, so it will never be silent.
    const sources = (await ask('/v1/sources', admin)).body.sources
    expect(sources.find((one: { id: string }) => one.id === source.id).dueEvery).toBeNull()
  })

  test('of a point are taken over by the unit that follows on a retired one, with a source of its own', async () => {
    const [source, another] = [
      await server.createSource({ kinds: ['industry'], dueEvery: 'day' }),
      await server.createSource({ kinds: ['industry'], dueEvery: 'day' }),
    ]
    const unit = { ...PARK, name: '并入前', pointId: 'merged', sourceId: source.id }
    const { id } = (await ask('/v1/units', admin, 'POST', unit)).body
    const next = { ...unit, name: '并入后', sourceId: another.id }
    expect((await ask('/v1/units', admin, 'POST', next)).status).toBe(409)
    await send(admin, report({ pointId: 'merged', period: '2026-09', headcount: 88 }), {}, id)
    await ask(`/v1/units/${id}/retire`, admin, 'POST', {})
    const { body } = await ask('/v1/units', admin, 'POST', next)
    const hints = async () => (await ask(`/v1/units/${body.id}/last-period`, admin)).body.last
    expect(await hints()).toMatchObject({ period: '2026-09', headcount: 88 })
    expect((await send(admin, report({ pointId: 'merged' }), {}, body.id)).status).toBe(200)
    // What is known of the retired one may still be mended; no third unit gets the point.
    expect((await ask(`/v1/units/${id}`, admin, 'PUT', { ...unit, name: '已并入' })).status).toBe(200)
    expect((await ask('/v1/units', admin, 'POST', { ...unit, sourceId: undefined })).status).toBe(409)
    expect((await ask('/v1/units', admin, 'POST', { ...next, pointId: undefined })).status).toBe(409)
    expect((await ask(`/v1/units/${park}`, admin, 'PUT', { ...PARK, pointId: 'merged' })).status).toBe(409)
  })

  test('give the last period back as hints, in yuan, without what was not reported', async () => {
    await send(
      reporter,
      report({ period: '2026-11', headcount: 1300, averageWage: '5123.40', stopped: false }),
    )
    const { last } = (await ask(`/v1/units/${park}/last-period`, reporter)).body
    expect(last).toMatchObject({ period: '2026-11', headcount: 1300, averageWage: '5123.40', stopped: false })
    expect(last).not.toHaveProperty('hires')
    expect((await ask(`/v1/units/${park}/last-period?project=none`, reporter)).body).toEqual({ last: null })
  })

  test('a changed unit is answered as changed', async () => {
    const change = { ...PARK, sourceId: parkSource.id, rank: 'provincial', name: '示例经开区' }
    expect((await ask(`/v1/units/${park}`, admin, 'PUT', change)).status).toBe(200)
    expect((await ask(`/v1/units/${park}`, admin)).body.name).toBe('示例经开区')
    expect((await ask(`/v1/units/${park}`, admin)).body.command.dispatches).toEqual({
      kind: 'office',
      region: '4301',
    })
    expect((await ask(`/v1/units/${other}`, admin, 'PUT', { ...STATION, pointId: 'N01' })).status).toBe(409)
    const numbered = { ...STATION, pointId: idNumber(7) }
    expect((await ask(`/v1/units/${other}`, admin, 'PUT', numbered)).status).toBe(400)
  })
})

test('who looks after units of one county binds none to a source of elsewhere, nor reads what another tells of its point', async () => {
  const foreign = await server.createSource({ kinds: ['industry'], region: '4301' })
  const own = await server.createSource({ kinds: ['industry'], region: '430503' })
  await server.send('industry', foreign.key, [report({ pointId: 'elsewhere', headcount: 777 })])
  // Nor when the unit that it belonged to is retired: a point is taken over where it lies.
  const former = await server.createSource({ kinds: ['industry'], region: '4301' })
  await server.send('industry', former.key, [report({ pointId: 'elsewhere', headcount: 778 })])
  const ended = { ...PARK, pointId: 'elsewhere', sourceId: former.id }
  const retired = (await ask('/v1/units', admin, 'POST', ended)).body.id
  await ask(`/v1/units/${retired}/retire`, admin, 'POST', {})
  const clerk = await enterWithPost(server, { role: 'administrator', regions: ['430503'] })
  const unit = { kind: 'park', rank: 'other', name: '本县园区', region: '430503', pointId: 'elsewhere' }
  const bound = { ...unit, sourceId: foreign.id }
  const unknown = { status: 400, detail: expect.stringMatching(/no such source/) }
  expect((await ask('/v1/units', clerk, 'POST', bound)).body).toMatchObject(unknown)
  expect((await ask('/v1/units/import', clerk, 'POST', { units: [bound] })).body).toMatchObject(unknown)
  const { id } = (await ask('/v1/units', clerk, 'POST', { ...unit, sourceId: own.id })).body
  expect((await ask(`/v1/units/${id}`, clerk, 'PUT', bound)).body).toMatchObject(unknown)
  expect((await ask(`/v1/units/${id}/last-period`, clerk)).body).toEqual({ last: null })
  // A source that somebody who sees it has given the unit stays.
  expect((await ask(`/v1/units/${id}`, admin, 'PUT', bound)).status).toBe(200)
  expect((await ask(`/v1/units/${id}`, clerk, 'PUT', bound)).status).toBe(200)
})

describe('a prefecture and its stations outside the province', () => {
  const own = { ...STATION, name: '邵阳驻莞站', region: '4419', ownerRegion: '4305', pointId: 'dongguan' }
  const foreign = { ...own, name: '永州驻莞站', ownerRegion: '4311', pointId: 'others' }
  let keeper: string
  let station: string
  let another: string
  const source = (region: string) => server.createSource({ kinds: ['industry'], region, dueEvery: 'month' })

  beforeAll(async () => {
    keeper = await enterWithPost(server, { role: 'administrator', regions: ['4305'] })
    another = (await ask('/v1/units', admin, 'POST', foreign)).body.id
    station = (await ask('/v1/units', keeper, 'POST', own)).body.id
  })

  test('registers them, sees them with their calendar, and none of another prefecture in the same city', async () => {
    const { body } = await ask('/v1/units?region=4305&area=pearlDelta', keeper)
    const names = body.units.map(({ name }: { name: string }) => name).sort()
    expect(names).toEqual([STATION.name, own.name].sort())
    expect((await ask(`/v1/units/${station}`, keeper)).body).toMatchObject({ name: own.name, reporters: [] })
    const entries = [{ firstDay: '2026-11-23', lastDay: '2026-11-29', name: '值班甲', phone: null }]
    expect((await ask(`/v1/units/${station}/duty`, keeper, 'PUT', { entries })).status).toBe(200)
    expect((await ask(`/v1/units/${station}/duty`, keeper)).body).toEqual({ entries })
    expect((await ask(`/v1/units/${another}`, keeper)).status).toBe(404)
    expect((await ask(`/v1/units/${another}`, keeper, 'PUT', foreign)).status).toBe(404)
  })

  test('changes them, and neither makes, takes nor gives away another’s', async () => {
    const moved = { ...own, region: '4403' }
    expect((await ask(`/v1/units/${station}`, keeper, 'PUT', moved)).status).toBe(200)
    expect((await ask(`/v1/units/${station}`, keeper, 'PUT', own)).status).toBe(200)
    const wrong = { ...own, ownerRegion: '4311', pointId: null }
    expect((await ask('/v1/units', keeper, 'POST', wrong)).status).toBe(403)
    expect((await ask('/v1/units/import', keeper, 'POST', { units: [wrong] })).status).toBe(403)
    expect((await ask(`/v1/units/${station}`, keeper, 'PUT', wrong)).status).toBe(403)
    // Who is over the city where they stand keeps them too, but says of none whose it is.
    const host = await enterWithPost(server, { role: 'administrator', regions: ['4419'] })
    expect((await ask(`/v1/units/${station}`, host, 'PUT', own)).status).toBe(200)
    expect((await ask('/v1/units', host, 'POST', { ...own, pointId: null })).status).toBe(403)
    expect((await ask(`/v1/units/${station}`, host, 'PUT', wrong)).status).toBe(403)
    expect((await ask(`/v1/units/${station}`, keeper)).body).toMatchObject({ name: own.name, region: '4419' })
  })

  test('names its people as their reporters', async () => {
    const { client } = await enterPerson(server, await enterAdmin(server), {
      ...{ username: 'shaoyang.abroad', role: 'reporter', regions: ['4305'] },
    })
    await ask('/v1/people', admin, 'POST', {
      username: 'yongzhou.abroad',
      role: 'reporter',
      regions: ['4311'],
    })
    const name = (username: string) =>
      ask(`/v1/units/${station}/reporters`, keeper, 'PUT', { usernames: [username] })
    expect((await name('yongzhou.abroad')).status).toBe(400)
    expect((await name('shaoyang.abroad')).body.reporters).toEqual(['shaoyang.abroad'])
    expect((await ask(`/v1/units/${station}`, client.cookie)).status).toBe(200)
    const made = await ask('/v1/people', keeper, 'POST', {
      ...{ username: 'made.abroad', role: 'reporter', regions: ['4305'], unit: station },
    })
    expect(made.status).toBe(201)
    const refused = await ask('/v1/people', keeper, 'POST', {
      ...{ username: 'made.elsewhere', role: 'reporter', regions: ['4305'], unit: another },
    })
    expect([refused.status, refused.body.detail]).toEqual([400, 'unit: there is no such unit'])
  })

  test('reads nothing of what another’s retired station told of a point in the same city', async () => {
    const [theirs, ours] = [await source('4419'), await source('4305')]
    const point = { ...foreign, pointId: 'ended', sourceId: theirs.id }
    const { id } = (await ask('/v1/units', admin, 'POST', point)).body
    const told = report({ pointId: 'ended', workRegion: '4419', headcount: 77 })
    expect((await send(admin, told, {}, id)).status).toBe(200)
    await ask(`/v1/units/${id}/retire`, admin, 'POST', {})
    const follows = { ...own, name: '接续', pointId: 'ended', sourceId: ours.id }
    const { body } = await ask('/v1/units', keeper, 'POST', follows)
    expect((await ask(`/v1/units/${body.id}/last-period`, keeper)).body).toEqual({ last: null })
  })
})

describe('who is named as a reporter of a unit', () => {
  let unit: string
  let clerk: string
  const name = (usernames: string[], cookie = clerk) =>
    ask(`/v1/units/${unit}/reporters`, cookie, 'PUT', { usernames })
  const make = (username: string, post: object) =>
    ask('/v1/people', admin, 'POST', { username, role: 'reporter', ...post })

  beforeAll(async () => {
    clerk = await enterWithPost(server, { role: 'administrator', regions: ['430503'] })
    const made = { kind: 'office', rank: 'county', name: '本县农民工办', region: '430503' }
    unit = (await ask('/v1/units', clerk, 'POST', made)).body.id
    await make('of.county', { regions: ['430503'] })
    await make('beside', { regions: ['430502'] })
    await make('of.city', { regions: ['4305'] })
    await make('of.both', { regions: ['430502', '430503'] })
    await make('looks.only', { role: 'leader', regions: ['430503'] })
  })

  test('is somebody of the own regions: others are as unknown', async () => {
    expect((await name(['of.county'])).body.reporters).toEqual(['of.county'])
    const unknown = await name(['nobody.there'])
    expect(unknown).toMatchObject({ status: 400, body: { detail: expect.stringMatching(/^usernames: /) } })
    for (const username of ['beside', 'of.city', 'of.both', 'looks.only', 'admin'])
      expect([username, await name([username])]).toEqual([username, unknown])
    expect((await ask(`/v1/units/${unit}`, clerk)).body.reporters).toEqual(['of.county'])
  })

  test('has a post that reaches the unit, whoever names them', async () => {
    expect((await name(['beside'], admin)).status).toBe(400)
    expect(await make('beside.made', { regions: ['430502'], unit })).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^role, regions: /) },
    })
    expect((await ask('/v1/people?search=beside.made', admin)).body.total).toBe(0)
  })

  test('stays beside others, when somebody who sees them named them', async () => {
    expect((await name(['of.city'], admin)).body.reporters).toEqual(['of.city'])
    expect((await name(['of.city', 'of.county'])).body.reporters).toEqual(['of.city', 'of.county'])
    expect((await name([])).status).toBe(200)
    expect((await name(['of.city'])).status).toBe(400)
  })

  test('and moved to another county reports no more for it', async () => {
    const { client, id } = await enterPerson(server, await enterAdmin(server), {
      ...{ username: 'moves', role: 'reporter', regions: ['430503'], unit },
    })
    expect((await ask(`/v1/units/${unit}`, client.cookie)).status).toBe(200)
    const [post] = (await ask(`/v1/people/${id}/posts`, admin)).body.posts
    await ask(`/v1/people/${id}/posts`, admin, 'POST', { role: 'reporter', regions: ['430502'] })
    const ended = { endsAt: new Date().toISOString() }
    expect((await ask(`/v1/people/${id}/posts/${post.id}`, admin, 'PATCH', ended)).status).toBe(200)
    expect((await ask(`/v1/units/${unit}`, client.cookie)).status).toBe(404)
    expect((await ask('/v1/units', client.cookie)).body.units).toEqual([])
  })
})

test('each unit says what who looks may do for it', async () => {
  const { client, id } = await enterPerson(server, await enterAdmin(server), {
    ...{ username: 'clerk', role: 'reporter', unit: park },
  })
  const beside = (await ask('/v1/units', admin, 'POST', { ...PARK, name: '旁边', pointId: 'N02' })).body.id
  const may = async (unit: string, cookie: string) => {
    const listed = (await ask('/v1/units', cookie)).body.units.find((one: { id: string }) => one.id === unit)
    const opened = (await ask(`/v1/units/${unit}`, cookie)).body
    expect([listed.mayReport, listed.mayPlanDuty]).toEqual([opened.mayReport, opened.mayPlanDuty])
    return [opened.mayReport, opened.mayPlanDuty]
  }
  await ask(`/v1/people/${id}/posts`, admin, 'POST', { role: 'leader', regions: ['4301'] })
  expect(await may(park, client.cookie)).toEqual([true, true])
  expect(await may(beside, client.cookie)).toEqual([false, false])
  expect((await send(client.cookie, report(), {}, beside)).status).toBe(403)
  expect((await ask(`/v1/units/${beside}/duty`, client.cookie, 'PUT', { entries: [] })).status).toBe(403)
  expect(await may(beside, admin)).toEqual([true, true])
})

describe('what a unit reported before it came here', () => {
  const monthsAgo = (back: number) =>
    shanghaiDay(startOf('month', Date.now() - back * 31 * DAY_MS)).slice(0, 7)
  const unit = (earlierReports: unknown) => ({ ...PARK, name: '迁入园区', pointId: 'N77', earlierReports })

  test('is refused by its place where it is not over, not yet come, too early or told twice', async () => {
    const period = monthsAgo(3)
    const receivedAt = `${monthsAgo(2)}-05T09:00:00+08:00`
    const tomorrow = new Date(Date.now() + DAY_MS).toISOString()
    const faults: [unknown, RegExp][] = [
      [[{ period: '2026-13', receivedAt }], /^earlierReports.0.period: must be a day or a month/],
      [[{ period: shanghaiDay(Date.now()), receivedAt: null }], /^earlierReports.0.period: must be over/],
      [[{ period, receivedAt: '5 Oct' }], /^earlierReports.0.receivedAt: must be a time with offset/],
      [[{ period, receivedAt: tomorrow }], /^earlierReports.0.receivedAt: must not lie in the future/],
      [[{ period, receivedAt: '2020-01-01T00:00:00Z' }], /^earlierReports.0.receivedAt: must not lie before/],
      [
        [
          { period, receivedAt },
          { period, receivedAt: null },
        ],
        /^earlierReports: must name each period once/,
      ],
    ]
    for (const [reports, told] of faults) {
      const { status, body } = await ask('/v1/units', admin, 'POST', unit(reports))
      expect([status, body.detail]).toEqual([400, expect.stringMatching(told)])
    }
  })

  test('counts for its punctuality from the first day on, and is mended by itself, never along with the unit', async () => {
    const source = await server.createSource({
      ...{ name: 'taken over', kinds: ['industry'], region: '4301', dueEvery: 'day', graceHours: 0 },
    })
    const day = (back: number) => shanghaiDay(workingDayBefore(Date.now(), back))
    const reports = [
      { period: day(6), receivedAt: `${day(5)}T09:00:00+08:00` },
      { period: day(5), receivedAt: `${day(2)}T09:00:00+08:00` },
      { period: day(4), receivedAt: null },
      { period: day(3), receivedAt: `${day(2)}T09:00:00+08:00` },
    ]
    const taken = { ...unit(reports), sourceId: source.id, dueDays: 1 }
    const { id } = (await ask('/v1/units', admin, 'POST', taken)).body
    // Of the working days 6 to 3 the reports were due by the end of the next; that of day 2, due by the end of the last, is missing.
    const kept = { due: 5, onTime: 2, late: 1, missing: 2, rate: 2 / 5 }
    expect((await ask(`/v1/units/${id}`, admin)).body.punctuality).toEqual(kept)
    const listed = (await ask('/v1/units', admin)).body.units.find((one: { id: string }) => one.id === id)
    expect(listed.punctuality).toEqual(kept)
    const changed = await ask(`/v1/units/${id}`, admin, 'PUT', taken)
    expect([changed.status, changed.body.detail]).toEqual([400, expect.stringContaining('earlierReports')])

    // Entered wrongly, they are replaced as a whole: the report of day 5 was in time, day 3 was never owed there.
    const place = `/v1/units/${id}/earlier-reports`
    const mended = [
      { period: day(6), receivedAt: `${day(5)}T09:00:00.000+08:00` },
      { period: day(5), receivedAt: `${day(4)}T09:00:00.000+08:00` },
      { period: day(4), receivedAt: null },
    ]
    expect((await ask(place, admin, 'PUT', { reports: mended })).status).toBe(200)
    expect((await ask(place, admin)).body).toEqual({ reports: mended })
    const after = { due: 5, onTime: 2, late: 0, missing: 3, rate: 2 / 5 }
    expect((await ask(`/v1/units/${id}`, admin)).body.punctuality).toEqual(after)
    const [entry] = (await ask('/v1/audit?action=unit.earlierReports', admin)).body.entries
    expect(entry).toMatchObject({ whoName: 'admin', subject: id })

    // What fell due since the unit came here is sent here, and cannot be said afterwards.
    const [today] = [shanghaiDay(Date.now())]
    const late = await ask(place, admin, 'PUT', { reports: [{ period: today, receivedAt: null }] })
    expect([late.status, late.body.detail]).toEqual([
      400,
      expect.stringMatching(/^reports.0.period: must be over/),
    ])
    expect((await ask(place, admin)).body).toEqual({ reports: mended })

    // A month is no period of a unit that reports by the day, and would make each of its days missing.
    const wrong = await ask(place, admin, 'PUT', { reports: [{ period: monthsAgo(2), receivedAt: null }] })
    expect([wrong.status, wrong.body.detail]).toEqual([
      400,
      expect.stringMatching(/^reports.0.period: must be a day, 2026-10-31/),
    ])
    expect((await ask(place, admin)).body).toEqual({ reports: mended })
  })

  test('names periods as its source owes them', async () => {
    const source = await server.createSource({ kinds: ['industry'], region: '4301', dueEvery: 'month' })
    const reports = [
      { period: monthsAgo(3), receivedAt: null },
      { period: `${monthsAgo(2)}-15`, receivedAt: null },
    ]
    const wrong = { ...unit(reports), pointId: 'N79', sourceId: source.id }
    const refused = {
      status: 400,
      detail:
        'earlierReports.1.period: must be a month, 2026-10, as the source of 迁入园区 is due by the month',
    }
    expect((await ask('/v1/units', admin, 'POST', wrong)).body).toMatchObject(refused)
    expect((await ask('/v1/units/import', admin, 'POST', { units: [wrong] })).body).toMatchObject(refused)
  })
})
