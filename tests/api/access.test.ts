import { request } from 'node:http'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN, startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears } from '../support/signals.ts'

let server: TestServer
let cookie: string
let alertId: string

beforeAll(async () => {
  server = await startServer()
  cookie = await server.signIn()
  const { key } = await server.createSource()
  await server.send('arrears', key, [arrears({ owed: '60000.00', note: '证据在此' })])
  await waitFor(async () => (await server.get('/v1/alerts')).alerts.length === 1)
  alertId = (await server.get('/v1/alerts')).alerts[0].id
})
afterAll(() => server.stop())

type Asked = { method?: string; headers?: Record<string, string>; body?: object }
const ask = (path: string, { method = 'GET', headers = {}, body }: Asked = {}) =>
  fetch(`${server.url}${path}`, {
    method,
    headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
const signIn = (account: object, headers: Record<string, string> = {}) =>
  ask('/v1/auth/sign-in/username', { method: 'POST', body: account, headers })

const OPEN = [
  '/v1/me',
  '/v1/status',
  '/v1/measures',
  '/v1/distribution?measure=arrears.owed',
  '/v1/distribution?measure=arrears.owed&format=csv',
  '/v1/series?measure=arrears.owed',
  '/v1/flows?measure=workers.count',
  '/v1/alerts',
  '/v1/alerts/log',
  '/v1/rules',
]
const NEW_SOURCE = { name: '新来源', kinds: ['workers'] }

describe('nobody gets past the door', () => {
  const closed = (): [string, Asked][] => [
    ['/v1/sources', {}],
    ['/v1/sources', { method: 'POST', body: NEW_SOURCE }],
    [`/v1/alerts/${alertId}/evidence`, {}],
    [`/v1/alerts/${alertId}/actions`, { method: 'POST', body: { action: 'acknowledge' } }],
  ]

  test('what only people may do is refused without a session, with a made-up one, and changes nothing', async () => {
    for (const headers of [{}, { cookie: 'xiangrong.session_token=made.up' }] as Record<string, string>[])
      for (const [path, asked] of closed()) {
        const response = await ask(path, { ...asked, headers })
        expect([path, response.status]).toEqual([path, 401])
        expect(response.headers.get('content-type')).toBe('application/problem+json')
        expect(await response.json()).toMatchObject({ status: 401, code: 'unauthenticated' })
      }
    expect((await server.get('/v1/sources', cookie)).sources).toHaveLength(1)
    expect((await server.get(`/v1/alerts/${alertId}`)).state).toBe('open')
  })

  test('the key of a source is no session', async () => {
    const { key } = await server.createSource({ name: 'other' })
    const response = await ask('/v1/sources', { headers: { authorization: `Bearer ${key}` } })
    expect(response.status).toBe(401)
  })

  test('a session does what it may', async () => {
    expect((await ask('/v1/sources', { headers: { cookie } })).status).toBe(200)
    const evidence = await (await ask(`/v1/alerts/${alertId}/evidence`, { headers: { cookie } })).json()
    expect(evidence).toMatchObject({ alert: alertId, rows: [{ note: '证据在此', owed: '60000.00' }] })
    const acknowledge = { method: 'POST', body: { action: 'acknowledge' }, headers: { cookie } }
    const first = await ask(`/v1/alerts/${alertId}/actions`, acknowledge)
    expect(await first.json()).toMatchObject({ state: 'acknowledged', acknowledgedBy: ADMIN.username })
    expect((await ask(`/v1/alerts/${alertId}/actions`, acknowledge)).status).toBe(409)
  })

  test('no page of another site may read anything: no CORS header is ever sent', async () => {
    for (const path of OPEN) {
      const response = await ask(path, { headers: { origin: 'https://evil.example' } })
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
    }
  })
})

describe('the wall in the room', () => {
  test('sees the analytics without a log-in on loopback', async () => {
    for (const path of OPEN) expect([path, (await ask(path)).status]).toEqual([path, 200])
    expect(await server.get('/v1/me')).toMatchObject({
      viewer: 'wall',
      user: null,
      rights: ['figures.read', 'figures.export', 'alerts.read'],
    })
  })

  test.each<Record<string, string>>([{ 'x-forwarded-for': '192.0.2.7' }, { forwarded: 'for=192.0.2.7' }])(
    'is not whoever came through a proxy: %o',
    async (headers) => {
      for (const path of OPEN) expect([path, (await ask(path, { headers })).status]).toEqual([path, 401])
      expect((await ask('/v1/alerts', { headers: { ...headers, cookie } })).status).toBe(200)
    },
  )

  test('is not a page whose name was made to point here', async () => {
    const statusFor = (host: string) =>
      new Promise((resolve, reject) => {
        const asked = request({ host: '127.0.0.1', port: server.port, path: '/v1/alerts', headers: { host } })
        asked
          .on('response', (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end()
      })
    expect(await statusFor('evil.example')).toBe(401)
    expect(await statusFor('localhost.evil.example:8080')).toBe(401)
    expect(await statusFor(`localhost:${server.port}`)).toBe(200)
  })
})

describe('signing in and out', () => {
  test('a wrong password and an unknown name get the same 401 and no cookie', async () => {
    const wrong = await signIn({ ...ADMIN, password: 'not-the-password' })
    const unknown = await signIn({ username: 'nobody', password: 'not-the-password' })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    expect(await wrong.text()).toBe(await unknown.text())
    expect([...wrong.headers.getSetCookie(), ...unknown.headers.getSetCookie()]).toEqual([])
  })

  test('the cookie cannot be read by a script nor sent by another site; it ends with the session', async () => {
    const response = await signIn(ADMIN)
    expect(response.status).toBe(200)
    const set = response.headers.getSetCookie()[0] ?? ''
    expect(set).toMatch(/HttpOnly/)
    expect(set).toMatch(/SameSite=Lax/)
    const own = set.split(';')[0] ?? ''
    expect(await server.get('/v1/me', own)).toMatchObject({
      viewer: 'user',
      user: { username: ADMIN.username, role: 'administrator' },
    })
    const out = await ask('/v1/auth/sign-out', {
      method: 'POST',
      body: {},
      headers: { cookie: own, origin: server.url },
    })
    expect(out.status).toBe(200)
    expect(await server.get('/v1/me', own)).toMatchObject({ viewer: 'wall', user: null })
    expect((await ask('/v1/sources', { headers: { cookie: own } })).status).toBe(401)
  })

  test('another site cannot sign a person out', async () => {
    const out = await ask('/v1/auth/sign-out', {
      method: 'POST',
      body: {},
      headers: { cookie, origin: 'https://evil.example' },
    })
    expect(out.status).toBe(403)
    expect((await server.get('/v1/me', cookie)).viewer).toBe('user')
  })

  test('nobody can make an account', async () => {
    const account = { email: 'a@b.cn', name: 'a', username: 'newcomer', password: 'long-enough-1' }
    const response = await ask('/v1/auth/sign-up/email', {
      method: 'POST',
      body: account,
      headers: { origin: server.url },
    })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect((await signIn(account)).status).toBe(401)
  })

  test('refusals of the log-in are problem+json like all others', async () => {
    const from = { origin: server.url }
    const refusals: [Response, number, string, RegExp][] = [
      [await signIn({ username: ADMIN.username, password: 'wrong' }), 401, 'unauthenticated', /password/],
      [await signIn({}), 400, 'bad_request', /username/],
      [await signIn({ username: 'a b', password: 'wrong-wrong' }), 422, 'unprocessable', /Username/],
      [await ask('/v1/auth/nothing', { headers: from }), 404, 'not_found', /nothing at this address/],
    ]
    for (const [response, status, code, says] of refusals) {
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(response.status).toBe(status)
      const body = (await response.json()) as { detail: string }
      expect(body).toMatchObject({ type: 'about:blank', status, code })
      expect(body.detail).toMatch(says)
    }
  })

  test('the password and the cookie are never printed', () => {
    expect(server.output()).not.toContain(ADMIN.password)
    expect(server.output()).not.toContain(cookie.split('=')[1])
  })
})

describe('the socket', () => {
  const sockets: Socket[] = []
  afterAll(() => {
    for (const socket of sockets) socket.close()
  })

  /** How a connection with these headers ends. */
  function connect(extraHeaders: Record<string, string>): Promise<'connected' | string> {
    const socket = io(server.url, {
      path: '/live',
      transports: ['websocket'],
      reconnection: false,
      extraHeaders,
    })
    sockets.push(socket)
    return new Promise((resolve) => {
      socket.on('connect', () => resolve('connected'))
      socket.on('connect_error', (error) => resolve(error.message))
    })
  }

  test('is open to the wall and to pages of this server', async () => {
    expect(await connect({})).toBe('connected')
    expect(await connect({ origin: server.url })).toBe('connected')
  })

  test('is refused to a page of another site, even with a session', async () => {
    expect(await connect({ origin: 'https://evil.example' })).not.toBe('connected')
    expect(await connect({ origin: 'https://evil.example', cookie })).not.toBe('connected')
    expect(await connect({ origin: 'null' })).not.toBe('connected')
  })

  test('is refused through a proxy without a session, and open with one', async () => {
    expect(await connect({ 'x-forwarded-for': '192.0.2.7' })).toBe('unauthenticated')
    expect(await connect({ 'x-forwarded-for': '192.0.2.7', cookie })).toBe('connected')
  })
})

test('guessing passwords is slowed down, whatever address the guesser claims and whomever it is about', async () => {
  const before = (await signIn(ADMIN)).headers.getSetCookie()
  const known = before.find((set) => set.startsWith('xiangrong.known='))?.split(';')[0] ?? ''
  const guess = (i: number) =>
    signIn(
      { username: `guessed${i}`, password: 'not-the-password' },
      { 'x-client-address': `192.0.2.${i}`, 'x-forwarded-for': `198.51.100.${i}` },
    )
  const statuses: number[] = []
  for (let i = 0; i < 40 && !statuses.includes(429); i++) statuses.push((await guess(i)).status)
  expect(statuses.at(-1)).toBe(429)
  expect(statuses.length).toBeGreaterThan(10)
  // Who works at the same address, and has logged in there before, goes on.
  expect((await signIn(ADMIN)).status).toBe(429)
  expect((await signIn(ADMIN, { cookie: known, origin: server.url })).status).toBe(200)
})
