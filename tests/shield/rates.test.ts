import { Hono } from 'hono'
import { beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '#domain/error.ts'
import { problem } from '../../api/http.ts'
import type { Auth } from '../../api/identity/auth.ts'
import { Buckets } from '../../api/shield/buckets.ts'
import { limitAddresses, limitPeople } from '../../api/shield/rates.ts'

let nowMs: number
let buckets: Buckets
beforeEach(() => {
  nowMs = 1_000_000
  buckets = new Buckets({ perSecond: 0.5, burst: 3 }, () => nowMs)
})
const take = (key: string, times: number) => Array.from({ length: times }, () => buckets.take(key))

describe('a bucket', () => {
  test('gives its burst, then says how long to wait, and keeps its word', () => {
    expect(take('a', 5)).toEqual([null, null, null, 2, 2])
    nowMs += 1_999
    expect(buckets.take('a')).toBe(1)
    nowMs += 1
    expect(take('a', 2)).toEqual([null, 2])
  })

  test('is one a key, and holds no more than its burst however long it rests', () => {
    take('a', 3)
    expect(buckets.take('b')).toBeNull()
    nowMs += 3_600_000
    expect(take('a', 4)).toEqual([null, null, null, 2])
  })

  test('does not empty itself when the clock is set back', () => {
    take('a', 1)
    nowMs -= 60_000
    expect(take('a', 3)).toEqual([null, null, 2])
  })
})

function serve() {
  const app = new Hono()
  app.onError((error, c) => (error instanceof AppError ? problem(c, error) : c.text('defect', 500)))
  app.use(limitAddresses(buckets))
  app.all('*', (c) => c.text('ok', c.req.header('authorization') === 'Bearer wrong' ? 401 : 200))
  return (path: string, init: RequestInit = {}, remoteAddress = '192.0.2.1') =>
    app.request(path, init, { incoming: { socket: { remoteAddress } } })
}
const statuses = async (answers: (Response | Promise<Response>)[]) =>
  (await Promise.all(answers)).map((one) => one.status)

describe('an address', () => {
  test('that asks too often is told when to come back; others are served', async () => {
    const ask = serve()
    expect(await statuses([ask('/'), ask('/'), ask('/')])).toEqual([200, 200, 200])
    const refused = await ask('/')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2'])
    expect(await refused.json()).toMatchObject({ code: 'too_often' })
    expect((await ask('/', {}, '192.0.2.2')).status).toBe(200)
  })

  test('of IPv6 is the whole network of a customer', async () => {
    const ask = serve()
    const from = (address: string) => ask('/', {}, address)
    expect(
      await statuses(['2001:db8::1', '2001:db8:0:0:9::', '2001:db8::ffff:1', '2001:db8::2'].map(from)),
    ).toEqual([200, 200, 200, 429])
    expect((await from('2001:db8:0:1::1')).status).toBe(200)
  })

  test('is not counted for a source with its key, and is for one without', async () => {
    const ask = serve()
    const send = (key: string) =>
      ask('/v1/signals/arrears', { method: 'POST', headers: { authorization: `Bearer ${key}` } })
    for (let i = 0; i < 10; i++) expect((await send('right')).status).toBe(200)
    expect(await statuses([send('wrong'), send('wrong'), send('wrong'), send('wrong')])).toEqual([
      401, 401, 401, 429,
    ])
  })
})

test('a person who asks too often is told when to come back, whatever the address', async () => {
  const auth = limitPeople(
    {
      personFor: async (headers: Headers) => headers.get('x') && { id: headers.get('x') },
    } as unknown as Auth,
    buckets,
  )
  const as = (id: string) => auth.personFor(new Headers({ x: id }))
  for (let i = 0; i < 3; i++) expect(await as('a')).toMatchObject({ id: 'a' })
  await expect(as('a')).rejects.toMatchObject({ code: 'too_often', retryAfterS: 2 })
  expect(await as('b')).toMatchObject({ id: 'b' })
})
