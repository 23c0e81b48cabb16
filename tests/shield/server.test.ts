import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '#domain/error.ts'
import { problem } from '../../api/http.ts'
import { limitBodies, limitConnections } from '../../api/shield/limits.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let cookie: string
beforeAll(async () => {
  server = await startServer({ PUBLIC_URL: 'https://xr.example', TRUSTED_PROXIES: '127.0.0.1' })
  cookie = await server.signIn()
})
afterAll(() => server.stop())

const post = (path: string, headers: Record<string, string>, body = '{}') =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })

describe('every answer', () => {
  test.each(['/', '/wall', '/v1/measures', '/v1/nothing', '/favicon.svg', '/_app/nothing.js'])(
    '%s keeps a browser from misusing it',
    async (path) => {
      const { headers } = await fetch(`${server.url}${path}`)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe-inline')
      expect(policy).not.toContain('unsafe-eval')
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('geolocation=()'),
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
      })
      expect(headers.get('x-powered-by')).toBeNull()
      if (path.startsWith('/v1/')) {
        expect(policy).toContain("default-src 'none'")
        expect(headers.get('cache-control')).toBe('no-store')
      }
    },
  )
})

describe('a page of another site', () => {
  const NEW = JSON.stringify({ name: '别处', kinds: ['workers'] })
  test.each<Record<string, string>>([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'https://xr.example.evil.example' },
    { origin: 'http://xr.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'https://xr.example' },
    { origin: 'https://evil.example', 'content-type': 'text/plain' },
  ])('changes nothing in a person’s name: %o', async (headers) => {
    const refused = await post('/v1/sources', { cookie, ...headers }, NEW)
    expect([refused.status, (await refused.json()) as object]).toMatchObject([403, { code: 'forbidden' }])
    expect((await post('/v1/auth/sign-in/username', headers)).status).toBe(403)
    expect((await server.get('/v1/sources', cookie)).sources.map((one: any) => one.name)).not.toContain(
      '别处',
    )
  })

  test('is not what our own pages are, nor a client that is no browser', async () => {
    const own: Record<string, string>[] = [
      {},
      { origin: server.url, 'sec-fetch-site': 'same-origin' },
      { origin: 'https://xr.example', 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
    ]
    for (const headers of own)
      expect((await post('/v1/sources', { cookie, ...headers }, '{}')).status).toBe(400)
  })

  test('may have a key, which no browser adds by itself', async () => {
    const { key } = await server.createSource()
    const sent = await post('/v1/signals/workers', {
      authorization: `Bearer ${key}`,
      origin: 'https://partner.example',
    })
    expect(sent.status).not.toBe(403)
  })
})

test('behind a trusted proxy the audit log has the address of who asked', async () => {
  await post(
    '/v1/auth/sign-in/username',
    { 'x-forwarded-for': '192.0.2.66, 203.0.113.9' },
    '{"username":"admin","password":"no"}',
  )
  const { entries } = await server.get('/v1/audit?action=signIn.failure', cookie)
  expect(entries[0].address).toBe('203.0.113.9')
})

/** Writes the parts one after another; everything the server says until it closes the connection. */
async function converse(port: number, parts: string[], pauseMs = 0): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let said = ''
  // A connection that is cut off may end in an error: what was said until then is what counts.
  socket.on('data', (chunk) => (said += chunk)).on('error', () => undefined)
  const closed = new Promise((resolve) => socket.on('close', resolve))
  for (const part of parts) {
    if (socket.destroyed) break
    socket.write(part)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  await closed
  return said
}

describe('what is too much', () => {
  test('headers beyond 16 KiB', async () => {
    const text = await converse(server.port, [
      `GET /v1/measures HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(17_000)}\r\n\r\n`,
    ])
    expect(text).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('a body beyond 8 MiB where no file is taken, said or unsaid', async () => {
    const big = new Uint8Array(8 * 1024 * 1024 + 1).fill(32)
    const said = await fetch(`${server.url}/v1/units`, { method: 'POST', headers: { cookie }, body: big })
    expect(said.status).toBe(413)
    const unsaid = await fetch(`${server.url}/v1/units`, {
      method: 'POST',
      headers: { cookie },
      body: new Blob([big]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect([unsaid.status, await unsaid.json()]).toMatchObject([413, { code: 'too_large' }])
  })

  test('a body of who is nobody: none is read through beyond what a name and a password take', async () => {
    const { paths } = (await (await fetch(`${server.url}/v1/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { requestBody?: object }>>
    }
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([method, { requestBody }]) => method !== 'get' && requestBody !== undefined)
        .map(([method]) => ({
          method: method.toUpperCase(),
          path: path.replace('{kind}', 'workers').replace(/\{\w+\}/g, 'x'),
        })),
    )
    expect(routes.length).toBeGreaterThan(40)
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.7' }
    const body = 'no JSON'.repeat(3_000)
    const read: string[] = []
    for (const { method, path } of routes) {
      const { status } = await fetch(`${server.url}${path}`, { method, headers, body })
      if (![401, 413].includes(status)) read.push(`${method} ${path} ${status}`)
    }
    expect(read).toEqual([])
  })

  test('headers that come drop by drop', async () => {
    const drops = Array.from({ length: 200 }, (_, i) => `x-${i}: y\r\n`)
    const text = await converse(server.port, ['GET / HTTP/1.1\r\nhost: x\r\n', ...drops], 500)
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('connections from one address, unless many are behind it', async () => {
    for (const isShared of [false, true]) {
      const own = createServer((_, response) => response.end('served'))
      limitConnections(own, () => isShared)
      await once(own.listen(0, '127.0.0.1'), 'listening')
      const { port } = own.address() as AddressInfo
      const held = Array.from({ length: 512 }, () => connect(port, '127.0.0.1'))
      await Promise.all(held.map((socket) => once(socket, 'connect')))
      const ask = () => fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } })
      if (isShared) expect((await ask()).status).toBe(200)
      else await expect(ask()).rejects.toThrow()
      const closed = once(held[0] as Socket, 'close')
      held[0]?.destroy()
      await closed
      await expect
        .poll(() =>
          ask().then(
            (answer) => answer.status,
            () => 0,
          ),
        )
        .toBe(200)
      for (const socket of held) socket.destroy()
      own.close()
    }
  })

  test('a body that comes drop by drop', async () => {
    const app = new Hono()
      .use(limitBodies(300))
      .post('*', async (c) => c.text(`${(await c.req.text()).length}`))
      .onError((error, c) => (error instanceof AppError ? problem(c, error) : c.text('cut off', 400)))
    const own = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
    await once(own, 'listening')
    const { port } = own.address() as AddressInfo
    const head = 'POST /v1/units HTTP/1.1\r\nhost: x\r\ncontent-length: 10000\r\n\r\n'
    const text = await converse(port, [head, ...Array(600).fill('x')], 20)
    expect(text).not.toContain('200')
    const whole = await fetch(`http://127.0.0.1:${port}/v1/units`, { method: 'POST', body: 'four' })
    expect(await whole.text()).toBe('4')
    own.close()
  })
})
