import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { Client } from '../support/client.ts'
import { startOidcProvider } from '../support/oidc.ts'
import { ADMIN, freePort, startServer, type TestServer } from '../support/server.ts'

const CLIENT = { id: 'xiangrong', secret: 'a secret between the two of them' }
let provider: Awaited<ReturnType<typeof startOidcProvider>>
let server: TestServer
let admin: Client
let person: string

beforeAll(async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  provider = await startOidcProvider({ ...CLIENT, redirectUri: `${url}/v1/auth/callback/oidc` })
  server = await startServer({
    PORT: String(port),
    PUBLIC_URL: url,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
  })
  admin = new Client(server)
  await admin.signIn({ username: 'admin', password: 'correct-horse-1' })
  const made = await admin.ask('/v1/people', { username: 'wang', name: '王示例', role: 'analyst' })
  person = made.body.id
})
afterAll(async () => {
  await server.stop()
  provider.close()
})

/**
 * Goes to the provider and back as a browser would; where it ends and with what session. `changed` are parts of the way there
 * that somebody put in the place of ours, `other` who comes back with the answer where that is another browser. `meanwhile` is
 * what happens before.
 */
async function signOn(
  subject: string,
  changed: Record<string, string> = {},
  other?: Client,
  meanwhile = async () => {},
) {
  provider.become(subject)
  const client = new Client(server)
  const way = new URL((await client.ask('/v1/auth/sign-in/social', {})).body.url)
  for (const [name, value] of Object.entries(changed)) way.searchParams.set(name, value)
  let url = way.href
  const there = new Client({ url: provider.issuer })
  for (let hops = 0; hops < 10 && !url.startsWith(server.url); hops++)
    url = new URL((await there.ask(url)).headers.get('location') ?? '', url).href
  await meanwhile()
  const back = await (other ?? client).ask(url)
  return { client: other ?? client, location: back.headers.get('location') ?? '', callback: url, way }
}
const nobodyMade = async () => expect((await admin.ask('/v1/people')).body.total).toBe(2)

describe('a single sign-on', () => {
  it('is offered', async () => {
    expect((await new Client(server).ask('/v1/sign-in')).body).toEqual({ password: true, singleSignOn: true })
  })

  it('makes nobody: who is not allowed, or is allowed by another name, stays outside', async () => {
    provider.people.set('s-1', { preferred_username: 'wang' })
    for (const subject of ['s-1', 's-2']) {
      const { client, location } = await signOn(subject)
      expect(location).toMatch(/\/login\?failed=sso/)
      expect((await client.ask('/v1/account')).status).toBe(401)
    }
    await nobodyMade()
  })

  it('is matched by the name an administrator entered, then by the subject, whatever it calls itself', async () => {
    await admin.ask(`/v1/people/${person}`, { singleSignOnName: 'wang' }, { method: 'PATCH' })
    const { client, location, callback } = await signOn('s-1')
    expect(new URL(location, server.url).pathname).toBe('/login')
    expect((await client.ask('/v1/account')).body).toMatchObject({ username: 'wang', mustEnrol: false })
    // The answer of the provider is good once.
    const thief = new Client(server)
    await thief.ask(callback)
    expect((await thief.ask('/v1/account')).status).toBe(401)

    provider.people.set('s-1', { preferred_username: 'renamed' })
    expect((await (await signOn('s-1')).client.ask('/v1/account')).body.username).toBe('wang')
    // Another subject under the name that was used up is somebody else.
    provider.people.set('s-3', { preferred_username: 'wang' })
    expect((await signOn('s-3')).location).toMatch(/failed=sso/)
    await nobodyMade()
    const { entries } = (await admin.ask('/v1/audit?action=signIn.success')).body
    expect(entries[0]).toMatchObject({ whoName: 'wang', reason: 'single sign-on' })
  })

  it('is good only for the browser, the question and the answer that belong together', async () => {
    const { way, client } = await signOn('s-1')
    expect((await client.ask('/v1/account')).status).toBe(200)
    const asked = Object.fromEntries(way.searchParams)
    expect(asked).toMatchObject({ response_type: 'code', code_challenge_method: 'S256' })
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[name]?.length).toBeGreaterThan(30)
    const challenge = createHash('sha256').update('of somebody else').digest('base64url')
    const outside = [
      await signOn('s-1', { state: `${asked.state}` }),
      await signOn('s-1', { state: 'x'.repeat(32) }),
      await signOn('s-1', { nonce: 'y'.repeat(32) }),
      await signOn('s-1', { code_challenge: challenge }),
      // An answer that was begun elsewhere, handed to somebody by a link.
      await signOn('s-1', {}, new Client(server)),
    ]
    for (const { client, location } of outside) {
      expect(location).toMatch(/failed=sso/)
      expect((await client.ask('/v1/account')).status).toBe(401)
    }
  })

  it('is a button on the log-in page, which leads back to where one wanted to go', async () => {
    provider.become('s-1')
    const browser = await openBrowser()
    try {
      const page = await browser.newPage()
      await page.goto(`${server.url}/login?next=/account`)
      await page.getByRole('button', { name: '统一身份认证登录' }).click()
      await page.waitForURL(`${server.url}/account`)
      await page.getByText('王示例（wang）').waitFor()
    } finally {
      await browser.close()
    }
  })

  it('ends where the name that it came by was the wrong one', async () => {
    const { client } = await signOn('s-1')
    expect((await client.ask('/v1/account')).status).toBe(200)
    await admin.ask(`/v1/people/${person}`, { singleSignOnName: 'wang.right' }, { method: 'PATCH' })
    expect((await client.ask('/v1/account')).status).toBe(401)
    expect((await signOn('s-1')).location).toMatch(/failed=sso/)
    provider.people.set('s-1', { preferred_username: 'wang.right' })
    expect((await (await signOn('s-1')).client.ask('/v1/account')).status).toBe(200)
  })

  it('comes back to a process that was started meanwhile, or to another one', async () => {
    const { client } = await signOn('s-1', {}, undefined, () => server.killAndRestart())
    expect((await client.ask('/v1/account')).status).toBe(200)
  })

  it('does not let in who is disabled', async () => {
    await admin.ask(`/v1/people/${person}`, { isDisabled: true }, { method: 'PATCH' })
    const { client, location } = await signOn('s-1')
    expect(location).toMatch(/failed=sso/)
    expect((await client.ask('/v1/account')).status).toBe(401)
  })
})

describe('a provider that is away when the server starts', () => {
  const redirectUri = (url: string) => `${url}/v1/auth/callback/oidc`
  /** A server whose provider stands at this port of the machine, or does not. */
  async function serverFor(providerPort: number) {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    return await startServer({
      PORT: String(port),
      PUBLIC_URL: url,
      OIDC_ISSUER: `http://127.0.0.1:${providerPort}`,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
    })
  }

  it('is told apart from an address that is wrong, and is used once it is back', async () => {
    const providerPort = await freePort()
    const late = await serverFor(providerPort)
    try {
      const begin = () =>
        new Client(late).ask('/v1/auth/sign-in/social', {}, { headers: { 'accept-language': 'zh-CN' } })
      const { status, body } = await begin()
      expect([status, body.code, body.detail]).toEqual([
        503,
        'store_away',
        expect.stringMatching(/统一身份认证平台/),
      ])
      expect(late.output()).not.toContain('unexpected error')
      const browser = await openBrowser()
      try {
        const page = await browser.newPage()
        await page.goto(`${late.url}/login`)
        await page.getByRole('button', { name: '统一身份认证登录' }).click()
        await page.getByRole('alert').filter({ hasText: '统一身份认证平台没有应答，请用密码登录' }).waitFor()
      } finally {
        await browser.close()
      }
      const back = await startOidcProvider({ ...CLIENT, redirectUri: redirectUri(late.url) }, providerPort)
      expect((await begin()).body.url).toContain(back.issuer)
      back.close()
    } finally {
      await late.stop()
    }
  })

  it('keeps nobody from logging in by password where it takes connections and never answers', async () => {
    const open = new Set<Socket>()
    const silent = createServer((socket) => void open.add(socket)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const late = await serverFor((silent.address() as AddressInfo).port)
    try {
      const client = new Client(late)
      const fromMs = Date.now()
      expect((await client.signIn(ADMIN)).status).toBe(200)
      expect((await client.ask('/v1/me')).status).toBe(200)
      expect(Date.now() - fromMs).toBeLessThan(5_000)
    } finally {
      await late.stop()
      for (const socket of open) socket.destroy()
      silent.close()
    }
  })
})
