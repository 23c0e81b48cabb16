import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '#domain/error.ts'
import { createAuth } from '../../api/identity/auth.ts'
import { Lockout } from '../../api/identity/lockout.ts'
import { sweepSessions } from '../../api/identity/sessions.ts'
import { openTestStores } from '../support/stores.ts'

const SECRET = 'a secret of the lock-out tests, long enough'
let stores: Awaited<ReturnType<typeof openTestStores>>
let lockout: Lockout

beforeAll(async () => {
  stores = await openTestStores()
  lockout = new Lockout(stores.postgres, SECRET)
})
afterAll(() => stores.close())
beforeEach(() => stores.postgres.query('DELETE FROM sign_in_attempts'))

const fail = async (name = 'someone') => await (await lockout.attempt(name))('wrong')
/** Seconds that the account is still shut; 0 when an attempt is let through, which is then taken back. */
async function shutS(name = 'someone'): Promise<number> {
  try {
    await (await lockout.attempt(name))('void')
    return 0
  } catch (error) {
    if (error instanceof AppError && error.code === 'too_often') return error.retryAfterS ?? -1
    throw error
  }
}
/** Moves all that was written down into the past. */
const pass = (time: string) =>
  stores.postgres.query(
    `UPDATE sign_in_attempts SET "lockedUntil" = "lockedUntil" - $1::interval, "lastAt" = "lastAt" - $1::interval`,
    [time],
  )

describe('the lock-out', () => {
  it('lets four failures go, then shuts for 1, 2, 4, 8 and always 15 minutes', async () => {
    for (let i = 0; i < 4; i++) expect(await fail()).toEqual({ isLocked: false })
    for (const minutes of [1, 2, 4, 8, 15, 15, 15]) {
      expect(await fail()).toEqual({ isLocked: true })
      const seconds = await shutS()
      expect(seconds).toBeGreaterThan(minutes * 60 - 30)
      expect(seconds).toBeLessThanOrEqual(minutes * 60)
      await pass(`${minutes} minutes`)
    }
  })

  it('is per name, whatever its case, and does not keep the name', async () => {
    for (let i = 0; i < 5; i++) await fail('Someone')
    expect(await shutS('sOMEONE')).toBeGreaterThan(0)
    expect(await shutS('another')).toBe(0)
    expect(JSON.stringify(await stores.postgres.query('SELECT * FROM sign_in_attempts'))).not.toMatch(
      /someone/i,
    )
  })

  it('begins anew after the right password, and after a day of quiet', async () => {
    for (let i = 0; i < 4; i++) await fail()
    await (await lockout.attempt('someone'))('right')
    for (let i = 0; i < 4; i++) await fail()
    expect(await shutS()).toBe(0)
    await fail()
    expect(await shutS()).toBeGreaterThan(0)
    await pass('25 hours')
    for (let i = 0; i < 4; i++) await fail()
    expect(await shutS()).toBe(0)
  })

  it('is not lifted by an attempt that began before and was never judged', async () => {
    for (let i = 0; i < 3; i++) await fail()
    const early = await lockout.attempt('someone')
    await fail()
    expect(await shutS()).toBeGreaterThan(0)
    await early('void')
    expect(await shutS()).toBeGreaterThan(0)
  })

  it('judges no more than five of many that come at once', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockout.attempt('someone')))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  })
})

describe('a session', () => {
  const signIn = async (auth: ReturnType<typeof createAuth>) => {
    const response = await auth.handler(
      new Request('http://localhost/v1/auth/sign-in/username', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'idler', password: 'correct-horse-1' }),
      }),
    )
    return new Headers({ cookie: (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '' })
  }
  const age = (column: string, time: string) =>
    stores.postgres.query(`UPDATE "session" SET "${column}" = "${column}" - $1::interval`, [time])

  it('ends after half an hour without a request, which a page alone does not prolong, and after twelve hours', async () => {
    const auth = createAuth(stores.postgres, SECRET, () => undefined)
    const id = await auth.createPerson('idler', 'correct-horse-1', 'analyst')
    const headers = await signIn(auth)
    await age('lastUsedAt', '29 minutes')
    const alone = new Headers(headers)
    alone.set('xiangrong-background', '1')
    expect(await auth.personFor(alone)).toMatchObject({ id })
    await age('lastUsedAt', '2 minutes')
    expect(await auth.personFor(headers)).toBeNull()
    const other = await signIn(auth)
    for (let minutes = 29; minutes < 12 * 60; minutes += 29) {
      await age('lastUsedAt', '29 minutes')
      await age('expiresAt', '29 minutes')
      expect(await auth.personFor(other)).toMatchObject({ id })
    }
    await age('expiresAt', '29 minutes')
    expect(await auth.personFor(other)).toBeNull()
    await sweepSessions(stores.postgres, 30)
    expect(await stores.postgres.query('SELECT 1 FROM "session"')).toEqual([])
  })

  it('ends at once for a person who is disabled, and none begins', async () => {
    const auth = createAuth(stores.postgres, SECRET, () => undefined)
    const headers = await signIn(auth)
    await stores.postgres.query(`UPDATE "user" SET "disabledAt" = now() WHERE username = 'idler'`)
    expect(await auth.personFor(headers)).toBeNull()
    await expect(signIn(auth)).rejects.toMatchObject({ code: 'forbidden' })
  })
})
