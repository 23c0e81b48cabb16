import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { keyToRenew } from '#domain/source-key.ts'
import { DAY_MS } from '#domain/time.ts'
import { insideOf } from '../../api/shield/address.ts'
import { RowLimit } from '../../ingestion/row-limit.ts'
import { createKey, listKeys, revokeKey, rotateKey } from '../../ingestion/source-keys.ts'
import { Sources } from '../../ingestion/sources.ts'
import { openTestStores } from '../support/stores.ts'

const WHOLE = { kinds: null, region: null, allowedAddresses: [], rowsPerMinute: null, expiresInDays: null }

describe('a key of a source', () => {
  let stores: Awaited<ReturnType<typeof openTestStores>>
  let source: { id: string; key: string }
  const sources = () => new Sources(stores.postgres, insideOf)
  const isKnown = (key: string, address = '192.0.2.1') =>
    sources()
      .authenticate(`Bearer ${key}`, address)
      .then(
        () => 'yes',
        (error: Error & { code: string }) => `${error.code}: ${error.message}`,
      )
  const make = (terms: object) =>
    createKey(stores.postgres, source.id, { ...WHOLE, ...terms } as typeof WHOLE, 'admin')
  const expire = (id: string, at: string) =>
    stores.postgres.query('UPDATE source_keys SET "expiresAt" = $2 WHERE id = $1', [id, at])
  const kept = async (id: string) => (await listKeys(stores.postgres, source.id)).find((key) => key.id === id)

  beforeAll(async () => {
    stores = await openTestStores()
    const rest = { isSynthetic: false, dueEvery: null, graceHours: 0 }
    source = await sources().create(
      { name: 's', kinds: ['arrears', 'workers'], region: '4305', ...rest },
      'admin',
    )
  })
  afterAll(() => stores.close())

  test('is nowhere in the database but by its hash and how it begins', async () => {
    const rows = await stores.postgres.query('SELECT * FROM source_keys')
    expect(JSON.stringify(rows)).not.toContain(source.key)
    expect(rows).toMatchObject([{ prefix: source.key.slice(0, 8), createdBy: 'admin' }])
  })

  test('opens no door after it expired, also where it is still remembered', async () => {
    const { id, key } = await make({ expiresInDays: 30 })
    const door = sources()
    expect((await door.authenticate(`Bearer ${key}`, '192.0.2.1')).id).toBe(source.id)
    await expire(id, new Date(Date.now() - 1).toISOString())
    expect(await isKnown(key)).toMatch(/^unauthenticated: this source key expired at 20/)
    vi.useFakeTimers({ toFake: ['Date'] })
    await expire(id, new Date(Date.now() + 1_000).toISOString())
    door.forget()
    await door.authenticate(`Bearer ${key}`, '192.0.2.1')
    vi.setSystemTime(Date.now() + 1_001)
    await expect(door.authenticate(`Bearer ${key}`, '192.0.2.1')).rejects.toThrow(/expired at/)
    vi.useRealTimers()
  })

  test('that is replaced goes on for as long as was said, and not beyond its own end', async () => {
    const { id } = await make({ expiresInDays: 10, allowedAddresses: ['192.0.2.0/24'], rowsPerMinute: 7 })
    const next = await stores.postgres.transaction((sql) => rotateKey(sql, source.id, id, 24, 'admin'))
    const [old, fresh] = [await kept(id), await kept(next.id)]
    expect(old?.replacedBy).toBe(next.id)
    expect((old?.expiresAt?.getTime() ?? 0) - (fresh?.createdAt.getTime() ?? 0)).toBe(DAY_MS)
    expect((fresh?.expiresAt?.getTime() ?? 0) - (fresh?.createdAt.getTime() ?? 0)).toBe(10 * DAY_MS)
    expect(fresh).toMatchObject({ allowedAddresses: ['192.0.2.0/24'], rowsPerMinute: 7, replacedBy: null })

    const short = await make({ expiresInDays: 1 })
    const ends = (await kept(short.id))?.expiresAt
    await rotateKey(stores.postgres, source.id, short.id, 720, 'admin')
    expect((await kept(short.id))?.expiresAt).toEqual(ends)
  })

  test('is replaced once: not twice, not after its end, not by the name of another source', async () => {
    const { id, key } = await make({})
    await rotateKey(stores.postgres, source.id, id, 0, 'admin')
    expect(await isKnown(key)).toMatch(/^unauthenticated: .* expired/)
    await expect(rotateKey(stores.postgres, source.id, id, 1, 'admin')).rejects.toThrow(
      /make a new key instead/,
    )
    const revoked = await make({})
    await revokeKey(stores.postgres, source.id, revoked.id, 'admin')
    expect(await isKnown(revoked.key)).toMatch(/^unauthenticated: this source key was revoked at 20/)
    await expect(rotateKey(stores.postgres, source.id, revoked.id, 1, 'admin')).rejects.toThrow(
      /make a new key/,
    )
    await expect(rotateKey(stores.postgres, 'src_0', revoked.id, 1, 'admin')).rejects.toThrow(/no such key/)
    await expect(revokeKey(stores.postgres, 'src_0', revoked.id, 'admin')).rejects.toThrow(/no such key/)
  })

  test.each([
    ['192.0.2.0/24', '192.0.2.200', '192.0.3.1'],
    ['192.0.2.7/32', '::ffff:192.0.2.7', '::ffff:192.0.2.8'],
    ['2001:db8::/32', '2001:db8:1::9', '2001:db9::9'],
    ['10.0.0.0/8', '10.255.0.1', '11.0.0.1'],
  ])('bound to %s is taken from %s and not from %s', async (block, inside, outside) => {
    const { key } = await make({ allowedAddresses: [block] })
    expect(await isKnown(key, inside)).toBe('yes')
    expect(await isKnown(key, outside)).toBe(
      `forbidden: this key may not be used from ${outside}; send from an allowed address, or ask the administrator to allow this one`,
    )
    await expect(sources().authenticate(`Bearer ${key}`, undefined)).rejects.toThrow(/an unknown address/)
  })

  test('narrows its source and never widens it', async () => {
    const { id, key } = await make({ kinds: ['arrears'], region: '430503' })
    const sending = await sources().authenticate(`Bearer ${key}`, '192.0.2.1')
    expect(sending).toMatchObject({ kinds: ['arrears'], region: '430503', key: { id, isNarrowed: true } })
    expect(await sources().find(source.id, id)).toMatchObject({ kinds: ['arrears'], region: '430503' })
    expect(await sources().find(source.id)).toMatchObject({ region: '4305', key: null })
    await expect(make({ kinds: ['industry'] })).rejects.toThrow(/may not send industry/)
    await expect(make({ region: '4301' })).rejects.toThrow(/must lie in the region of the source \(4305\)/)
  })

  test('has its last use noted, once a minute', async () => {
    const { id, key } = await make({})
    const door = sources()
    await door.authenticate(`Bearer ${key}`, '192.0.2.1')
    const first = (await kept(id))?.lastUsedAt
    expect(first).not.toBeNull()
    door.forget()
    await door.authenticate(`Bearer ${key}`, '192.0.2.1')
    expect((await kept(id))?.lastUsedAt).toEqual(first)
    await stores.postgres.query(
      `UPDATE source_keys SET "lastUsedAt" = now() - interval '2 minutes' WHERE id = $1`,
      [id],
    )
    expect(await isKnown(key)).toBe('yes')
    expect((await kept(id))?.lastUsedAt?.getTime()).toBeGreaterThanOrEqual(first?.getTime() ?? Number.NaN)
  })
})

test('a limit of 60 rows a minute: what went beyond it is waited for, and no more than a minute is saved up', () => {
  const limit = new RowLimit(60, 0)
  expect(limit.waitS(0)).toBe(0)
  limit.spend(90, 0) // 30 beyond; a row a second: after 31 s there is one.
  expect(limit.waitS(0)).toBe(31)
  expect(limit.waitS(30_500)).toBe(1)
  expect(limit.waitS(31_000)).toBe(0)
  limit.spend(60, 10_000_000) // A long pause saved up 60.
  expect(limit.waitS(10_000_000)).toBe(1)
})

describe('the key that is to be renewed', () => {
  const nowMs = Date.parse('2026-11-24T00:00:00Z')
  const day = (n: number | null) => (n === null ? null : new Date(nowMs + n * DAY_MS).toISOString())
  const key = (id: string, expires: number | null, used: number | null, revoked: number | null = null) => ({
    id,
    expiresAt: day(expires),
    lastUsedAt: day(used),
    revokedAt: day(revoked),
  })
  test.each([
    ['none while it lasts longer than two weeks', [key('a', 15, -1), key('b', null, -1)], null],
    ['the only one, used or not', [key('a', 14, null)], 'a'],
    ['not one that ended', [key('a', -1, -2), key('b', 3, -1, -1)], null],
    ['one that is used while its successor never was', [key('a', 2, -1), key('b', 300, null)], 'a'],
    ['one that was used hours ago, whatever its successor', [key('a', 2, -0.5), key('b', 300, 0)], 'a'],
    ['not one whose sender moved a day ago', [key('a', 2, -3), key('b', 300, -1)], null],
    ['not one never used beside another', [key('a', 2, null), key('b', 300, null)], null],
    ['the soonest', [key('a', 9, -1), key('b', 3, -1)], 'b'],
  ])('%s', (_, keys, expected) => {
    expect(keyToRenew(keys, nowMs)?.id ?? null).toBe(expected)
  })
})
