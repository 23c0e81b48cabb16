import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Client } from '../support/client.ts'
import { enterPerson } from '../support/people.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'
import { totpOf } from '../support/totp.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const signedIn = async (account = ADMIN) => {
  const client = new Client(server)
  expect((await client.signIn(account)).status).toBe(200)
  return client
}
const actions = async (client: Client) =>
  (await client.ask('/v1/audit?limit=20')).body.entries.map((entry: any) => entry.action)

describe('a second factor', () => {
  it('holds from its first code on; then the password alone is no session, and a code is good once', async () => {
    const admin = await signedIn()
    expect((await admin.ask('/v1/auth/two-factor/enable', { password: 'not-the-password' })).status).toBe(400)
    const { body } = await admin.ask('/v1/auth/two-factor/enable', { password: ADMIN.password })
    expect(body.totpURI).toContain(`:${ADMIN.username}?`)
    expect(body.backupCodes).toHaveLength(10)
    expect((await admin.ask('/v1/account')).body).toMatchObject({ hasSecondFactor: false, mustEnrol: false })
    expect((await new Client(server).signIn(ADMIN)).body).not.toHaveProperty('twoFactorRedirect')
    const wrong = await admin.ask('/v1/auth/two-factor/verify-totp', { code: '12345' })
    expect(wrong.status).toBe(401)
    const before = admin.cookie
    const code = totpOf(body.totpURI)
    expect((await admin.ask('/v1/auth/two-factor/verify-totp', { code })).status).toBe(200)
    expect(admin.cookie).not.toBe(before)
    expect((await admin.ask('/v1/account')).body).toMatchObject({
      hasSecondFactor: true,
      recoveryCodesLeft: 10,
    })

    const next = new Client(server)
    expect((await next.signIn(ADMIN)).body).toMatchObject({ twoFactorRedirect: true })
    expect((await next.ask('/v1/account')).status).toBe(401)
    expect((await next.ask('/v1/sources')).status).toBe(401)
    // The code of the enrolment was used.
    const again = await next.ask('/v1/auth/two-factor/verify-totp', { code })
    expect([again.status, again.body.detail]).toEqual([401, 'this code was used; wait for the next one'])
    const later = totpOf(body.totpURI, Date.now() + 30_000)
    expect(
      (await next.ask('/v1/auth/two-factor/verify-totp', { code: `${later.slice(0, 3)} ${later.slice(3)}` }))
        .status,
    ).toBe(200)
    expect((await next.ask('/v1/sources')).status).toBe(200)

    const lost = new Client(server)
    await lost.signIn(ADMIN)
    const [recovery] = body.backupCodes
    expect((await lost.ask('/v1/auth/two-factor/verify-backup-code', { code: recovery })).status).toBe(200)
    expect((await lost.ask('/v1/account')).body.recoveryCodesLeft).toBe(9)
    const reuse = new Client(server)
    await reuse.signIn(ADMIN)
    expect((await reuse.ask('/v1/auth/two-factor/verify-backup-code', { code: recovery })).status).toBe(401)
    expect(
      (await new Client(server).ask('/v1/auth/two-factor/verify-backup-code', { code: recovery })).status,
    ).toBe(409)

    expect((await lost.ask('/v1/auth/two-factor/disable', { password: ADMIN.password })).status).toBe(200)
    expect((await new Client(server).signIn(ADMIN)).body).not.toHaveProperty('twoFactorRedirect')
    expect(await actions(lost)).toEqual(
      expect.arrayContaining([
        'secondFactor.enable',
        'secondFactor.disable',
        'signIn.success',
        'signIn.failure',
      ]),
    )
  })
})

describe('a second factor that is begun', () => {
  const enrolled = async (username: string) => {
    const person = await enterPerson(server, await signedIn(), { username, role: 'analyst' })
    const elsewhere = new Client(server)
    await elsewhere.signIn({ username, password: person.password })
    const { body } = await person.client.ask('/v1/auth/two-factor/enable', { password: person.password })
    await person.client.ask('/v1/auth/two-factor/verify-totp', { code: totpOf(body.totpURI) })
    return { ...person, ...body, elsewhere }
  }

  it('ends the log-ins elsewhere, which were by the password alone', async () => {
    const { client, elsewhere } = await enrolled('enrols')
    expect((await client.ask('/v1/account')).body).toMatchObject({ hasSecondFactor: true })
    expect((await elsewhere.ask('/v1/account')).status).toBe(401)
  })

  it('takes no code of somebody else whose session comes with it', async () => {
    const [own, other] = [await enrolled('own'), await enrolled('other')]
    const guess = new Client(server)
    await guess.signIn({ username: 'other', password: other.password })
    const { status } = await guess.ask(
      '/v1/auth/two-factor/verify-totp',
      { code: totpOf(own.totpURI, Date.now() + 30_000) },
      { headers: { cookie: `${own.client.cookie}; ${guess.cookie}` } },
    )
    expect(status).toBe(401)
    const { entries } = (await (await signedIn()).ask(`/v1/audit?subject=${other.id}`)).body
    expect(entries[0]).toMatchObject({ action: 'signIn.failure', whoName: 'other' })
  })

  it('takes a recovery code once, also of several that send it at once', async () => {
    const { backupCodes, password } = await enrolled('recovers')
    const many = Array.from({ length: 3 }, () => new Client(server))
    for (const one of many) await one.signIn({ username: 'recovers', password })
    const answers = await Promise.all(
      many.map((one) => one.ask('/v1/auth/two-factor/verify-backup-code', { code: backupCodes[0] })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})

describe('a password', () => {
  it('is changed with the old one only, by rules one can live with; all sessions but this end, which is renewed', async () => {
    const [one, other] = [await signedIn(), await signedIn()]
    const change = (currentPassword: string, newPassword: string) =>
      one.ask('/v1/auth/change-password', { currentPassword, newPassword })
    const refused = async (password: string) => (await change(ADMIN.password, password)).body.detail
    expect(await refused('short')).toBe('password: must have at least 10 characters')
    expect(await refused('Admin-2026')).toMatch(/user name/)
    expect(await refused('Woaini1314520')).toMatch(/most common/)
    expect(await refused('1qaz2WSX3edc')).toMatch(/most common/)
    expect((await change('not-the-password', '湘江北去，橘子洲头。')).status).toBe(400)
    const before = one.cookie
    expect((await change(ADMIN.password, '湘江北去，橘子洲头。')).status).toBe(200)
    expect(one.cookie).not.toBe(before)
    expect((await one.ask('/v1/account')).status).toBe(200)
    expect((await other.ask('/v1/account')).status).toBe(401)
    expect((await new Client(server).signIn(ADMIN)).status).toBe(401)
    const back = await signedIn({ ...ADMIN, password: '湘江北去，橘子洲头。' })
    expect(
      (
        await back.ask('/v1/auth/change-password', {
          currentPassword: '湘江北去，橘子洲头。',
          newPassword: ADMIN.password,
        })
      ).status,
    ).toBe(200)
  })
})

describe('sessions', () => {
  it('are listed and ended, one or all others, and nobody ends those of another', async () => {
    const [one, second, third] = [await signedIn(), await signedIn(), await signedIn()]
    const listed = async () => (await one.ask('/v1/account/sessions')).body.sessions
    const mine = (await listed()).filter((session: any) => session.isCurrent)
    expect(mine).toHaveLength(1)
    expect(mine[0]).toMatchObject({ device: 'node', address: expect.stringMatching(/127\.0\.0\.1/) })
    const [{ id }] = (await second.ask('/v1/account/sessions')).body.sessions.filter((s: any) => s.isCurrent)
    expect((await one.ask(`/v1/account/sessions/${id}/end`, {})).status).toBe(200)
    expect((await second.ask('/v1/account')).status).toBe(401)
    expect((await one.ask(`/v1/account/sessions/${id}/end`, {})).status).toBe(404)
    expect((await one.ask('/v1/account/sessions/end-others', {})).body.ended).toBeGreaterThan(0)
    expect((await third.ask('/v1/account')).status).toBe(401)
    expect(await listed()).toHaveLength(1)
  })
})

it('a log-in ends the session that the browser had before', async () => {
  const client = await signedIn()
  const before = client.cookie
  await client.signIn(ADMIN)
  expect((await client.ask('/v1/account')).status).toBe(200)
  const thief = await fetch(`${server.url}/v1/account`, { headers: { cookie: before } })
  expect(thief.status).toBe(401)
})

describe('behind a proxy that ends TLS', () => {
  it('the cookie goes over TLS alone, and pages of the public address are the own ones', async () => {
    const behind = await startServer({ PUBLIC_URL: 'https://xiangrong.example' })
    try {
      const client = new Client(behind)
      const own = { headers: { origin: 'https://xiangrong.example' } }
      const { status, headers } = await client.ask('/v1/auth/sign-in/username', ADMIN, own)
      expect(status).toBe(200)
      expect(headers.getSetCookie()[0]).toMatch(
        /^__Host-xiangrong\.session_token=.*; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/i,
      )
      expect((await client.ask('/v1/account')).status).toBe(200)
      const from = (origin: string) => client.ask('/v1/auth/sign-out', {}, { headers: { origin } })
      expect((await from('https://evil.example')).status).toBe(403)
      expect((await from('https://xiangrong.example')).status).toBe(200)
    } finally {
      await behind.stop()
    }
  })
})

describe('nobody comes in by the side', () => {
  it('through what else better-auth could serve, with or without a session', async () => {
    const admin = await signedIn()
    for (const [method, path] of [
      ['POST', '/sign-up/email'],
      ['POST', '/sign-in/email'],
      ['GET', '/list-sessions'],
      ['GET', '/get-session'],
      ['POST', '/update-user'],
      ['POST', '/delete-user'],
      ['POST', '/change-email'],
      ['POST', '/link-social'],
      ['POST', '/is-username-available'],
      ['POST', '/two-factor/get-totp-uri'],
      ['GET', '/callback/other'],
    ])
      for (const client of [new Client(server), admin]) {
        const { status } = await client.ask(`/v1/auth${path}`, method === 'POST' ? {} : undefined)
        expect([path, status]).toEqual([path, 404])
      }
  })

  it('a log-in cannot ask for a longer session or for an address to go on to', async () => {
    const client = new Client(server)
    const more = { ...ADMIN, rememberMe: false, callbackURL: 'https://evil.example' }
    const { status, headers } = await client.ask('/v1/auth/sign-in/username', more)
    expect([status, headers.get('location')]).toEqual([200, null])
    expect(headers.getSetCookie().join()).not.toContain('dont_remember')
  })
})

describe('the lock-out', () => {
  it('cannot be turned on a person by whoever guesses elsewhere: a browser they used and their sessions stay open', async () => {
    const { client, password } = await enterPerson(server, await signedIn(), {
      username: 'target',
      role: 'analyst',
    })
    for (let i = 0; i < 6; i++)
      await new Client(server).signIn({ username: 'target', password: 'not-the-password' })
    expect((await new Client(server).signIn({ username: 'target', password })).status).toBe(429)
    const changed = await client.ask('/v1/auth/change-password', {
      currentPassword: password,
      newPassword: 'another passphrase',
    })
    expect(changed.status).toBe(200)
    await client.ask('/v1/auth/sign-out', {})
    const again = (guess: string) => client.signIn({ username: 'target', password: guess })
    expect((await again('another passphrase')).status).toBe(200)
    // The browser itself is shut like any other, and is known for nobody else.
    const statuses = []
    for (let i = 0; i < 6; i++) statuses.push((await again('not-the-password')).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    for (let i = 0; i < 5; i++) await client.signIn({ username: 'made.up', password: 'not-the-password' })
    expect((await new Client(server).signIn({ username: 'made.up', password: 'x' })).status).toBe(429)
  })

  it('takes a made-up or changed proof of a known browser for none', async () => {
    const { client } = await enterPerson(server, await signedIn(), {
      username: 'proven',
      role: 'analyst',
    })
    const proof = /xiangrong\.known=([^;]+)/.exec(client.cookie)?.[1] ?? ''
    expect(proof).not.toBe('')
    for (let i = 0; i < 5; i++)
      await new Client(server).signIn({ username: 'proven', password: 'not-the-password' })
    const ask = (cookie: string) =>
      new Client(server).ask(
        '/v1/auth/sign-in/username',
        { username: 'proven', password: 'not-the-password' },
        { headers: { cookie: `xiangrong.known=${cookie}` } },
      )
    const other = `${proof.startsWith('A') ? 'B' : 'A'}${proof.slice(1)}`
    for (const cookie of [other, '', '.', '~~', proof.slice(0, -1), `${'x~'.repeat(8)}${proof}`])
      expect((await ask(cookie)).status).toBe(429)
    expect((await ask(`x~${proof}`)).status).toBe(401)
  })

  it('shuts a name after five failures, whether or not anybody has it, over a restart', async () => {
    const guess = (username: string) => new Client(server).signIn({ username, password: 'not-the-password' })
    const retry: number[][] = []
    for (const name of [ADMIN.username, 'nobody']) {
      const statuses: number[] = []
      for (let i = 0; i < 6; i++) {
        const { status, headers, body } = await guess(name)
        statuses.push(status)
        if (status === 429) {
          retry.push([Number(headers.get('retry-after'))])
          expect(body).toMatchObject({ code: 'too_often' })
        }
      }
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    }
    for (const [seconds] of retry) expect(seconds).toSatisfy((s: number) => s > 0 && s <= 60)
    await server.killAndRestart()
    expect((await new Client(server).signIn(ADMIN)).status).toBe(429)
  })
})
