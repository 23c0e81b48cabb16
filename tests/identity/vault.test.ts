import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import { idNumber, idNumberFor, worker } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'
import { openVault, REASON } from '../support/vault.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
let v: Awaited<ReturnType<typeof openVault>>
let admin: string

beforeAll(async () => {
  stores = await openTestStores()
  v = await openVault(stores)
  admin = await v.logIn('admin', 'administrator')
})
afterAll(async () => {
  await v.vault.close()
  await stores.close()
})

const day = (n: number) => `2026-10-${String(n).padStart(2, '0')}T08:00:00+08:00`
const shown = (n: number) => `2026-10-${String(n).padStart(2, '0')}T08:00:00.000+08:00`
const read = async (id: string) =>
  (await v.ask('/v1/identities/read', admin, { personKey: v.personKey(id), reason: REASON })).body
const search = async (by: object) =>
  (await v.ask('/v1/identities/search', admin, { ...by, reason: REASON })).body.matches

const rowsOf = (where: string) =>
  stores.engine
    .query({
      name: 'rows',
      sql: `SELECT count() AS n FROM identities_v1 WHERE ${where}`,
      row: z.object({ n: z.coerce.number() }),
      unscoped: 'a test',
    })
    .then(([row]) => row?.n)

describe('a record', () => {
  it('is number, name and phone as sent, with source and time, and what was observed of the person', async () => {
    const id = idNumber(101)
    await v.send([worker({ idNumber: id, name: '欧阳测试', phone: '13900000101', observedAt: day(1) })])
    expect(await read(id)).toMatchObject({
      idNumber: { value: id, source: 'src_a', observedAt: shown(1) },
      name: { value: '欧阳测试', source: 'src_a', observedAt: shown(1) },
      phone: { value: '13900000101', source: 'src_a', observedAt: shown(1) },
      history: [
        {
          observedAt: shown(1),
          source: 'src_a',
          status: 'employed',
          homeRegion: '430522',
          workRegion: '4403',
          sector: 'C',
        },
      ],
    })
  })

  it('shows how the person stands as merged from several sources, each field from who said it last', async () => {
    const id = idNumber(104)
    await v.send([
      worker({
        idNumber: id,
        homeRegion: '430522100001',
        employer: '示例厂',
        insured: true,
        observedAt: day(2),
      }),
    ])
    await v.send([worker({ idNumber: id, homeRegion: '430522', sector: 'E', observedAt: day(4) })], 'src_b')
    const { fields, villages } = await read(id)
    expect(fields.homeRegion).toMatchObject({ value: '430522100001', source: 'src_a', observedAt: shown(2) })
    expect(villages).toEqual({ '430522100001': '酿溪社区' })
    expect(fields.employer).toMatchObject({ value: '示例厂', source: 'src_a' })
    expect(fields.sector).toMatchObject({ value: 'E', source: 'src_b', observedAt: shown(4) })
    expect(fields.insured).toMatchObject({ value: true, source: 'src_a' })
  })

  it('is that of the latest observation, in whatever order they arrive', async () => {
    const id = idNumber(102)
    await v.send([worker({ idNumber: id, name: '新名', phone: '13900000112', observedAt: day(5) })], 'src_b')
    await v.send([worker({ idNumber: id, name: '旧名', phone: '13900000102', observedAt: day(2) })])
    const record = await read(id)
    expect(record.name).toEqual({ value: '新名', source: 'src_b', observedAt: shown(5) })
    expect(record.phone.value).toBe('13900000112')
    // The number the person had before finds nobody, whether or not the engine has merged the old row away.
    expect(await search({ phone: '13900000102' })).toEqual([])
    expect(await search({ phone: '13900000112' })).toHaveLength(1)
  })

  it('is that of the later received of two at one instant, also within one request', async () => {
    const id = idNumber(103)
    await v.send([
      worker({ idNumber: id, name: '甲', phone: '13900000103', observedAt: day(3), status: 'employed' }),
      worker({ idNumber: id, name: '乙', phone: '13900000113', observedAt: day(3), status: 'seeking' }),
    ])
    expect((await read(id)).name.value).toBe('乙')
    await v.send([worker({ idNumber: id, name: '丙', observedAt: day(3), status: 'returned' })])
    const record = await read(id)
    expect([record.name.value, record.phone.value]).toEqual(['丙', '13900000113'])
    await v.send([
      worker({ idNumber: id, name: '丁', phone: '13900000123', observedAt: day(4), status: 'employed' }),
      worker({ idNumber: id, name: '戊', observedAt: day(4), status: 'seeking' }),
    ])
    const last = await read(id)
    expect([last.name.value, last.phone.value]).toEqual(['戊', '13900000123'])
  })

  it('takes a corrected name, though nothing that is counted has changed', async () => {
    const id = idNumber(110)
    const row = { idNumber: id, phone: '13900000110', observedAt: day(3) }
    await v.send([worker({ ...row, name: '误写' })])
    expect(await v.send([worker({ ...row, name: '正名' })])).toMatchObject({ accepted: 1, unchanged: 0 })
    expect(await v.send([worker({ ...row, name: '正名' })])).toMatchObject({ accepted: 0, unchanged: 1 })
    expect((await read(id)).name.value).toBe('正名')
  })

  it('keeps the phone when a later observation brings none, in another request or the same', async () => {
    const id = idNumber(104)
    await v.send([worker({ idNumber: id, name: '甲', phone: '13900000104', observedAt: day(4) })])
    await v.send([worker({ idNumber: id, name: '改名', observedAt: day(6) })], 'src_b')
    const record = await read(id)
    expect(record.name).toEqual({ value: '改名', source: 'src_b', observedAt: shown(6) })
    expect(record.phone).toEqual({ value: '13900000104', source: 'src_a', observedAt: shown(4) })
    const other = idNumber(105)
    await v.send([
      worker({ idNumber: other, name: '甲', phone: '13900000105', observedAt: day(4) }),
      worker({ idNumber: other, name: '乙', observedAt: day(7) }),
    ])
    await stores.engine.command('OPTIMIZE TABLE identities_v1 FINAL')
    for (const [one, name, phone] of [
      [id, '改名', '13900000104'],
      [other, '乙', '13900000105'],
    ] as const) {
      const after = await read(one)
      expect([after.name.value, after.phone.value]).toEqual([name, phone])
    }
  })

  it('is not written again for an observation that was seen before', async () => {
    const row = worker({ idNumber: idNumber(106), observedAt: day(1) })
    await v.send([row])
    const key = `personKey = '${v.personKey(idNumber(106))}'`
    expect(await rowsOf(key)).toBe(1)
    expect((await v.send([row, row])).unchanged).toBe(2)
    expect(await rowsOf(key)).toBe(1)
  })
})

describe('a batch that is taken back', () => {
  it('takes with it who the persons are whom it alone had told of, and nobody else', async () => {
    const [alone, shared, again] = [idNumber(120), idNumber(121), idNumber(122)]
    const row = (id: string, n: number) =>
      worker({ idNumber: id, phone: `1390000${id.slice(-5, -1)}`, observedAt: day(n) })
    await v.send([row(shared, 1)], 'src_b')
    const { batch } = await v.send([alone, shared, again].map((id) => row(id, 2)))
    const records = (id: string) => rowsOf(`personKey = '${v.personKey(id)}'`)
    expect(await Promise.all([alone, shared, again].map(records))).not.toContain(0)
    await v.withdraw(batch)
    expect(await Promise.all([records(alone), records(again)])).toEqual([0, 0])
    expect((await read(shared)).idNumber.value).toBe(shared)
    const gone = { personKey: v.personKey(alone), reason: REASON }
    expect((await v.ask('/v1/identities/read', admin, gone)).status).toBe(404)
    // Told of again, a person is known again, and stays so when the withdrawal is repeated.
    await v.send([row(again, 3)], 'src_b')
    await v.withdraw(batch)
    expect((await read(again)).idNumber.value).toBe(again)
    // With the last batch that told of them, the others go too.
    await v.withdraw((await v.send([row(alone, 4)])).batch)
    expect(await records(alone)).toBe(0)
  })
})

describe('a search', () => {
  it('finds by number or phone however they are written, and shows the person masked', async () => {
    const id = '43052219850315107X'
    const valid = idNumber(107)
    await v.send([
      worker({ idNumber: valid, name: '张三丰', phone: '+8613900000107', observedAt: day(1) }),
      worker({ idNumber: idNumber(108), name: '李四', phone: '13900000107', observedAt: day(1) }),
    ])
    const masked = {
      personKey: v.personKey(valid),
      idNumber: `4305***********${valid.slice(-3)}`,
      name: '张**',
      source: 'src_a',
      observedAt: shown(1),
    }
    expect(await search({ idNumber: ` ${valid.slice(0, 6)} ${valid.slice(6)} ` })).toMatchObject([masked])
    const grouped = `${valid.slice(0, 6)}-${valid.slice(6, 14)}–${valid.slice(14)}`
    expect(await search({ idNumber: grouped })).toMatchObject([masked])
    const both = await search({ phone: '139 0000 0107' })
    expect(both.map((match: any) => match.name).sort()).toEqual(['张**', '李*'].sort())
    for (const phone of [
      '（+86）139–0000–0107',
      '0086-139 0000 0107',
      '86１３９０００００１０７',
      '139\u200b00000107',
    ])
      expect(await search({ phone })).toEqual(both)
    const text = JSON.stringify(both)
    expect(text).not.toContain('13900000107')
    expect(text).not.toContain(valid)
    expect(await search({ idNumber: idNumber(999) })).toEqual([])
    expect((await v.ask('/v1/identities/search', admin, { idNumber: id, reason: REASON })).status).toBe(400)
  })

  it('finds those of the own region among any number of persons of elsewhere with one phone', async () => {
    const ids = Array.from({ length: 120 }, (_, n) => idNumberFor(5_000 + n))
    const last = ids.reduce((a, b) => (v.personKey(a) > v.personKey(b) ? a : b))
    const phone = '13900000120'
    const homeOf = (id: string) => (id === last ? '430121' : '430522')
    await v.send(
      ids.map((id) =>
        worker({ idNumber: id, phone, homeRegion: homeOf(id), workRegion: '44', observedAt: day(1) }),
      ),
    )
    const officer = await v.logIn('changshaxian', 'administrator')
    await stores.postgres.query(
      `UPDATE posts SET regions = '{430121}', side = 'home' WHERE "personId" = (SELECT id FROM "user" WHERE username = 'changshaxian')`,
    )
    const { matches, total } = (await v.ask('/v1/identities/search', officer, { phone, reason: REASON })).body
    expect(matches.map((match: any) => match.personKey)).toEqual([v.personKey(last)])
    expect(total).toBe(1)
    const { body } = await v.ask('/v1/identities/search', admin, { phone, reason: REASON })
    expect([body.matches.length, body.total]).toEqual([100, 120])
  })
})

describe('nobody sees a person', () => {
  const asks: [string, object][] = [
    ['/v1/identities/search', { idNumber: idNumber(101), reason: REASON }],
    ['/v1/identities/read', { personKey: 'a'.repeat(22), reason: REASON }],
    ['/v1/identities/erase', { personKey: 'a'.repeat(22), reason: REASON }],
    ['/v1/identities/key/rotate', { reason: REASON }],
  ]

  it('without logging in', async () => {
    for (const [path, body] of asks) expect([path, (await v.ask(path, '', body)).status]).toEqual([path, 401])
    expect((await v.ask('/v1/audit', '')).status).toBe(401)
  })

  it('without the right; the attempt is written down', async () => {
    const analyst = await v.logIn('analyst', 'analyst')
    for (const [path, body] of asks)
      expect([path, (await v.ask(path, analyst, body)).status]).toEqual([path, 403])
    expect((await v.ask('/v1/audit', analyst)).status).toBe(403)
    const refused = async () =>
      (await v.ask('/v1/audit?action=identity.refused', admin)).body.entries
        .map(({ whoName, subject, reason }: any) => [whoName, subject, reason])
        .reverse()
    const first = [
      ['analyst', 'identity.read', 'POST /v1/identities/search'],
      ['analyst', 'identity.erase', 'POST /v1/identities/erase'],
      ['analyst', 'identity.rotate', 'POST /v1/identities/key/rotate'],
    ]
    expect(await refused()).toEqual(first)
    // The second of one right within a minute is counted, and written when the minute is over.
    await v.refusals.close()
    expect(await refused()).toEqual([...first, ['analyst', 'identity.read', 'POST /v1/identities/search +1']])
  })

  it('without a reason', async () => {
    for (const [path, body] of asks)
      for (const reason of [undefined, '', '     ', '  五个字啊呀 '])
        expect([path, (await v.ask(path, admin, { ...body, reason })).status]).toEqual([path, 400])
  })

  it('without a trace: the entry is there even when the answer then fails', async () => {
    const broken = {
      ...stores.engine,
      query: () => Promise.reject(new AppError('store_away', 'the disk is gone')),
    }
    const failing = await openVault(stores, broken)
    const personKey = v.personKey(idNumber(101))
    const reason = '故障时的查询，核实工资'
    expect((await failing.ask('/v1/identities/read', admin, { personKey, reason })).status).toBe(503)
    expect((await v.ask('/v1/identities/read', admin, { personKey: 'z'.repeat(22), reason })).status).toBe(
      404,
    )
    const { entries } = (await v.ask('/v1/audit?action=identity.read', admin)).body
    expect(entries.slice(0, 2)).toMatchObject([
      { whoName: 'admin', subject: 'z'.repeat(22), reason, address: '192.0.2.1' },
      { whoName: 'admin', subject: personKey, reason, address: '192.0.2.1' },
    ])
  })

  it('in the audit log: neither a number nor a name, also when the reason repeats the number', async () => {
    const id = idNumber(109)
    await v.send([worker({ idNumber: id, name: '独孤标记', phone: '13900000109', observedAt: day(1) })])
    await search({ idNumber: id })
    await search({ phone: '13900000109' })
    await v.ask('/v1/identities/read', admin, { personKey: v.personKey(id), reason: `核实 ${id} 的工资` })
    const log = JSON.stringify(await stores.postgres.query('SELECT * FROM audit_log'))
    expect(log).toContain(v.personKey(id))
    for (const marker of [id, '独孤标记', '13900000109']) expect(log).not.toContain(marker)
  })
})

test('what is looked for in the audit log may hold no number of a person: it stands in the address', async () => {
  for (const filter of [`text=${idNumber(1)}`, 'who=138 0013 8000', `subject=phone:+8613800138000`])
    expect([filter, (await v.ask(`/v1/audit?${encodeURI(filter)}`, admin)).status]).toEqual([filter, 400])
  expect((await v.ask(`/v1/audit?text=2026-11-24&subject=${v.personKey(idNumber(1))}`, admin)).status).toBe(
    200,
  )
})

describe('rotating the key', () => {
  it('seals every record again while signals keep coming, and loses and changes none', async () => {
    const before = (await v.vault.state()).current
    const people = Array.from({ length: 3_000 }, (_, n) => ({
      idNumber: idNumberFor(n),
      name: `人${n}`,
      phone: `137${String(n).padStart(8, '0')}`,
      observedAt: day(1),
    }))
    await v.send(people.map(worker))
    expect(await v.ask('/v1/identities/key/rotate', admin, { reason: REASON })).toMatchObject({
      status: 202,
      body: { current: before + 1 },
    })
    for (let i = 0; i < 5; i++)
      await v.send(
        people
          .slice(i * 100, i * 100 + 100)
          .map((person) => worker({ ...person, name: `改${i}`, observedAt: day(2 + i) })),
      )
    await v.ask('/v1/identities/key/rotate', admin, { reason: REASON })
    await expect.poll(() => v.vault.state()).toEqual({ current: before + 2, remaining: 0 })
    await expect.poll(() => rowsOf(`keyVersion < ${before + 2}`)).toBe(0)
    expect(v.faults).toEqual([])
    for (const n of [0, 99, 100, 499, 500, 2_999]) {
      const record = await read(idNumberFor(n))
      expect([record.idNumber.value, record.name.value, record.phone.value]).toEqual([
        idNumberFor(n),
        n < 500 ? `改${Math.floor(n / 100)}` : `人${n}`,
        `137${String(n).padStart(8, '0')}`,
      ])
    }
  })

  it('goes on when it is rotated again while the last records were being taken off the disk', async () => {
    const finishing = Promise.withResolvers<void>()
    const rotatedAgain = Promise.withResolvers<void>()
    const slow: typeof stores.engine = {
      ...stores.engine,
      command: async (sql) => {
        if (sql.startsWith('OPTIMIZE')) {
          finishing.resolve()
          await rotatedAgain.promise
        }
        await stores.engine.command(sql)
      },
    }
    const { vault, send } = await openVault({ ...stores, engine: slow })
    await send([worker({ idNumber: idNumber(113), observedAt: day(1) })])
    await vault.rotate()
    await finishing.promise
    const { current } = await vault.rotate()
    rotatedAgain.resolve()
    await expect.poll(() => vault.state()).toEqual({ current, remaining: 0 })
    await vault.close()
  })

  it('is known to another process on the same stores, also one that starts later', async () => {
    const later = await openVault(stores)
    const { current } = await v.vault.rotate()
    await later.send([worker({ idNumber: idNumber(110), observedAt: day(1) })])
    await expect.poll(() => later.vault.state()).toEqual({ current, remaining: 0 })
    expect((await (await openVault(stores)).vault.state()).current).toBe(current)
  })
})

describe('a rotation that was cut off', () => {
  it('between the last record and the merge is finished by the next start', async () => {
    const broken: typeof stores.engine = {
      ...stores.engine,
      command: (sql) =>
        sql.startsWith('OPTIMIZE') ? Promise.reject(new Error('killed')) : stores.engine.command(sql),
    }
    await stores.engine.command('SYSTEM STOP MERGES identities_v1')
    await v.vault.close()
    const first = await openVault({ ...stores, engine: broken })
    const { current } = await first.vault.rotate()
    await expect.poll(() => first.faults.length).toBe(1)
    await first.vault.close()
    expect(await first.vault.state()).toEqual({ current, remaining: 0 })
    expect(await rowsOf(`keyVersion < ${current}`)).toBeGreaterThan(0)
    await stores.engine.command('SYSTEM START MERGES identities_v1')
    const commands: string[] = []
    const heard: typeof stores.engine = {
      ...stores.engine,
      command: (sql) => {
        commands.push(sql)
        return stores.engine.command(sql)
      },
    }
    const next = await openVault({ ...stores, engine: heard })
    await expect.poll(() => commands).toEqual(['OPTIMIZE TABLE identities_v1 FINAL'])
    await next.vault.close()
    expect(await rowsOf(`keyVersion < ${current}`)).toBe(0)
  })

  it('by a record that does not open seals all others, says so once, and leaves that one', async () => {
    const id = idNumber(116)
    await v.send([worker({ idNumber: id, observedAt: day(1) })])
    const key = `personKey = '${v.personKey(id)}'`
    await stores.engine.command(
      `ALTER TABLE identities_v1 UPDATE sealed = 'altered' WHERE ${key} SETTINGS mutations_sync = 2`,
    )
    const one = await openVault(stores)
    const { current } = await one.vault.rotate()
    await expect.poll(() => one.vault.state()).toEqual({ current, remaining: 1 })
    await expect.poll(() => rowsOf(`keyVersion < ${current}`)).toBe(1)
    await expect.poll(() => one.faults.length).toBe(1)
    expect(String(one.faults[0])).toContain('1 identity records do not open')
    expect(String(one.faults[0])).not.toContain(v.personKey(id))
    await one.vault.close()
    await v.ask('/v1/identities/erase', admin, { personKey: v.personKey(id), reason: '本人书面申请删除' })
    expect((await v.vault.state()).remaining).toBe(0)
  })
})

describe('erasure', () => {
  const counts = async () => {
    const sums = [
      'workers_changes_v1',
      'workers_rollup_v1 FINAL',
      'workers_observations_v1',
      'source_receipts_v1',
    ]
    const engine = await Promise.all(
      sums.map((table) =>
        stores.engine.query({
          name: 'sums',
          sql: `SELECT count() AS n, sum(cityHash64(*)) AS s FROM ${table}`,
          row: z.any(),
          unscoped: 'a test',
        }),
      ),
    )
    return [
      engine,
      await stores.postgres.query(
        'SELECT id, received, accepted, unchanged, rejected FROM batches ORDER BY id',
      ),
    ]
  }

  it('takes the record off the disk, merged or not, and its rejected rows, and changes no count', async () => {
    const id = idNumber(111)
    await stores.engine.command('SYSTEM STOP MERGES identities_v1')
    await v.send([worker({ idNumber: id, name: '甲', phone: '13900000111', observedAt: day(1) })])
    await v.send([worker({ idNumber: id, name: '乙', observedAt: day(2) })])
    const { batch } = await v.send([
      worker({ idNumber: id, status: 'nonsense' }),
      worker({ idNumber: idNumber(112), status: 'nonsense' }),
    ])
    await stores.engine.command('SYSTEM START MERGES identities_v1')
    const before = await counts()
    const personKey = v.personKey(id)
    const erased = await v.ask('/v1/identities/erase', admin, { personKey, reason: '本人书面申请删除' })
    expect(erased).toMatchObject({ status: 200, body: { records: 1, rejectedRows: 1 } })
    expect(await rowsOf(`personKey = '${personKey}'`)).toBe(0)
    expect(await stores.postgres.query('SELECT row FROM rejected_rows WHERE batch = $1', [batch])).toEqual([
      { row: 2 },
    ])
    expect(await counts()).toEqual(before)
    expect((await v.ask('/v1/identities/read', admin, { personKey, reason: REASON })).status).toBe(404)
    expect(await search({ phone: '13900000111' })).toEqual([])
    const { entries } = (await v.ask(`/v1/audit?subject=${personKey}&action=identity.erase`, admin)).body
    expect(entries).toMatchObject([{ whoName: 'admin', reason: '本人书面申请删除' }])
    // Of rows that could not be read into fields, those with the number anywhere go, whoever else is in them.
    const unread = [`{"name":\t${id}, `, ['甲', ` ${id.slice(0, 6)} ${id.slice(6)}`], ['乙', '7']]
    const faults = [{ path: '', code: 'wrong_columns' as const }]
    const lines = unread.map((value, row) => ({ row: row + 10, value, faults }))
    await v.reject(batch, lines)
    expect(
      (await v.ask('/v1/identities/erase', admin, { personKey, reason: '再次确认已经删除' })).body,
    ).toEqual({ records: 0, rejectedRows: 2 })
    // Asked again it has nothing to do; a later signal is a new record.
    expect(
      (await v.ask('/v1/identities/erase', admin, { personKey, reason: '再次确认已经删除' })).body,
    ).toEqual({ records: 0, rejectedRows: 0 })
    await v.send([worker({ idNumber: id, name: '丁', observedAt: day(8) })])
    expect((await read(id)).name.value).toBe('丁')
  })

  it('holds against what was received before it and is taken later, and against nothing that comes afterwards', async () => {
    const id = idNumber(170)
    const personKey = v.personKey(id)
    await v.send([worker({ idNumber: id, name: '甲', observedAt: day(1) })])
    const beforeMs = Date.now()
    await setTimeout(2)
    await v.ask('/v1/identities/erase', admin, { personKey, reason: '本人书面申请删除' })
    // A file that waited, or a request under way: its rows count as if they had been taken before.
    const late = [
      worker({ idNumber: id, name: '乙', observedAt: day(2) }),
      worker({ idNumber: idNumber(171), observedAt: day(2) }),
      worker({ idNumber: id, name: '乙', status: 'nonsense' }),
      worker({ idNumber: idNumber(171), status: 'nonsense' }),
    ]
    const { batch, ...came } = await v.send(late, 'src_a', beforeMs)
    expect(came).toEqual({ received: 4, accepted: 2, unchanged: 0, rejected: 2 })
    expect(await rowsOf(`personKey = '${personKey}'`)).toBe(0)
    expect(await rowsOf(`personKey = '${v.personKey(idNumber(171))}'`)).toBe(1)
    expect(await stores.postgres.query('SELECT row FROM rejected_rows WHERE batch = $1', [batch])).toEqual([
      { row: 4 },
    ])
    await setTimeout(2)
    const anew = await v.send([
      worker({ idNumber: id, name: '丙', observedAt: day(3) }),
      worker({ idNumber: id, status: 'nonsense' }),
    ])
    expect((await read(id)).name.value).toBe('丙')
    expect(
      await stores.postgres.query('SELECT row FROM rejected_rows WHERE batch = $1', [anew.batch]),
    ).toEqual([{ row: 2 }])
  })

  it('holds against commits that are under way beside it, whichever is first', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => idNumber(180 + n))
    for (const [n, id] of ids.entries()) {
      const beforeMs = Date.now()
      await setTimeout(2)
      const send = async () => {
        await setTimeout(n)
        await v.send(
          [worker({ idNumber: id, observedAt: day(1) }), worker({ idNumber: id, status: 'nonsense' })],
          'src_a',
          beforeMs,
        )
      }
      const erase = v.ask('/v1/identities/erase', admin, {
        personKey: v.personKey(id),
        reason: '本人书面申请删除',
      })
      await Promise.all([send(), erase])
    }
    const keys = ids.map(v.personKey)
    expect(await rowsOf(`personKey IN (${keys.map((key) => `'${key}'`).join()})`)).toBe(0)
    expect(
      await stores.postgres.query('SELECT row FROM rejected_rows WHERE "personKey" = ANY($1)', [keys]),
    ).toEqual([])
  })

  it('of some sources alone holds against what these had sent', async () => {
    const id = idNumber(172)
    await stores.postgres.query(
      `INSERT INTO sources (id, name, kinds, region) VALUES ('src_mine', 'm', '{workers}', '430121'), ('src_other', 'o', '{workers}', '4305')`,
    )
    const officer = await v.logIn('wangcheng2', 'administrator')
    await stores.postgres.query(
      `UPDATE posts SET regions = '{4301}', side = 'home' WHERE "personId" = (SELECT id FROM "user" WHERE username = 'wangcheng2')`,
    )
    const bad = worker({ idNumber: id, status: 'nonsense' })
    for (const source of ['src_mine', 'src_other']) await v.send([bad], source)
    const beforeMs = Date.now()
    await setTimeout(2)
    const { body } = await v.ask('/v1/identities/erase', officer, {
      idNumber: id,
      reason: '本人书面申请删除',
    })
    expect(body).toEqual({ records: 0, rejectedRows: 1 })
    const mine = await v.send([bad], 'src_mine', beforeMs)
    const other = await v.send([bad], 'src_other', beforeMs)
    const left = 'SELECT batch FROM rejected_rows WHERE batch = ANY($1)'
    expect(await stores.postgres.query(left, [[mine.batch, other.batch]])).toEqual([{ batch: other.batch }])
    await v.send([worker({ idNumber: id, observedAt: day(1) })], 'src_mine', beforeMs)
    expect(await rowsOf(`personKey = '${v.personKey(id)}'`)).toBe(0)
    await v.send([worker({ idNumber: id, observedAt: day(2) })], 'src_other', beforeMs)
    expect(await rowsOf(`personKey = '${v.personKey(id)}'`)).toBe(1)
  })

  it('takes the rejected rows with it that have the number mistyped under the same name, and those alone', async () => {
    const [id, name] = [idNumber(113), '测试 误写']
    const wrong = (at: number) => `${id.slice(0, at)}${(Number(id[at]) + 1) % 10}${id.slice(at + 1)}`
    await v.send([worker({ idNumber: id, name, observedAt: day(1) })])
    const { batch } = await v.send([
      worker({ idNumber: wrong(9), name: '测试误写' }),
      worker({ idNumber: Number(`${id.slice(0, 15)}000`), name }),
      worker({ idNumber: wrong(9), name: '另一人' }),
      worker({ idNumber: wrong(9).replace(/^./, '5'), name }),
      worker({ idNumber: undefined, name }),
    ])
    const personKey = v.personKey(id)
    expect(
      (await v.ask('/v1/identities/erase', admin, { personKey, reason: '本人书面申请删除' })).body,
    ).toEqual({
      records: 1,
      rejectedRows: 2,
    })
    expect(
      await stores.postgres.query('SELECT row FROM rejected_rows WHERE batch = $1 ORDER BY row', [batch]),
    ).toEqual([{ row: 3 }, { row: 4 }, { row: 5 }])
  })

  it('takes the rejected rows with it that have the number behind a line break or a tab, or in its 15 digits', async () => {
    const [id, name] = [idNumber(115), '测试旧号']
    await v.send([worker({ idNumber: id, name, observedAt: day(1) })])
    const { batch } = await v.send([
      { 姓名及身份证号: `${name}\n${id}`, status: 'employed' },
      worker({ idNumber: `${id.slice(0, 6)}${id.slice(8, 17)}`, name }),
      worker({ idNumber: `${id.slice(0, 6)}${id.slice(8, 17)}`, name: '另一人' }),
    ])
    const cells = [
      [name, `\t${id}`],
      [name, `${id.slice(0, 6)}\n${id.slice(6)}`],
      [name, `x${id}`],
    ]
    const faults = [{ path: '', code: 'wrong_columns' as const }]
    const rejected = cells.map((value, i) => ({ row: i + 10, value, faults }))
    await v.reject(batch, rejected)
    // As a row was kept whose number was not seen when it came.
    await stores.postgres.query(`UPDATE rejected_rows SET "personKey" = '' WHERE batch = $1 AND row = 12`, [
      batch,
    ])
    const personKey = v.personKey(id)
    expect(
      (await v.ask('/v1/identities/erase', admin, { personKey, reason: '本人书面申请删除' })).body,
    ).toEqual({ records: 1, rejectedRows: 5 })
    expect(await stores.postgres.query('SELECT row FROM rejected_rows WHERE batch = $1', [batch])).toEqual([
      { row: 3 },
    ])
  })

  it('takes the rejected rows of somebody who was never taken in, by number, within the regions of who asks', async () => {
    await stores.postgres.query(
      `INSERT INTO sources (id, name, kinds, region) VALUES ('src_here', 'h', '{workers}', '430121'), ('src_there', 't', '{workers}', '4305')`,
    )
    const [id, held] = [idNumber(117), idNumber(118)]
    const officer = await v.logIn('wangcheng', 'administrator')
    await stores.postgres.query(
      `UPDATE posts SET regions = '{4301}', side = 'home' WHERE "personId" = (SELECT id FROM "user" WHERE username = 'wangcheng')`,
    )
    const row = worker({ idNumber: id, status: 'nonsense' })
    await v.send([row, worker({ idNumber: held, status: 'nonsense' })], 'src_here')
    const there = await v.send([row], 'src_there')
    await v.send([worker({ idNumber: held, observedAt: day(1) })], 'src_there')
    const only = async (who: string, idNumber: string) =>
      (await v.ask('/v1/identities/search', who, { idNumber, reason: REASON })).body
    const erase = async (who: string, by: object) => {
      const { status, body } = await v.ask('/v1/identities/erase', who, { ...by, reason: '本人书面申请删除' })
      return status === 200 ? body : status
    }
    expect(await only(admin, id)).toEqual({ matches: [], total: 0, onlyRejectedRows: 2 })
    expect(await only(officer, id)).toEqual({ matches: [], total: 0, onlyRejectedRows: 1 })
    expect((await only(admin, held)).onlyRejectedRows).toBe(0)
    expect(await erase(officer, { idNumber: idNumber(119) })).toBe(404)
    expect(await erase(officer, { idNumber: id })).toEqual({ records: 0, rejectedRows: 1 })
    expect(await erase(officer, { idNumber: id })).toBe(404)
    const left = 'SELECT batch FROM rejected_rows WHERE strpos("personKey", $1) > 0'
    expect(await stores.postgres.query(left, [v.personKey(id)])).toEqual([{ batch: there.batch }])
    // Of somebody whose record is out of reach the rows within it go, and the record stays.
    expect(await erase(officer, { idNumber: held })).toEqual({ records: 0, rejectedRows: 1 })
    expect((await read(held)).idNumber.value).toBe(held)
    expect(await erase(admin, { idNumber: `${id.slice(0, 6)} ${id.slice(6)}` })).toEqual({
      records: 0,
      rejectedRows: 1,
    })
    const { text } = await v.ask(`/v1/audit?subject=${v.personKey(id)}&action=identity.erase`, admin)
    expect(text).toContain('本人书面申请删除')
    expect(text).not.toContain(id)
  })

  it('erases a record that was altered and cannot be opened', async () => {
    const id = idNumber(114)
    await v.send([worker({ idNumber: id, observedAt: day(1) })])
    const personKey = v.personKey(id)
    await stores.engine.command(
      `ALTER TABLE identities_v1 UPDATE sealed = 'altered' WHERE personKey = '${personKey}' SETTINGS mutations_sync = 2`,
    )
    const erased = await v.ask('/v1/identities/erase', admin, { personKey, reason: '本人书面申请删除' })
    expect(erased.body).toEqual({ records: 1, rejectedRows: 0 })
  })
})
