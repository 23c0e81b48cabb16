import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { AuditAction } from '#domain/audit.ts'
import { AppError } from '#domain/error.ts'
import { describeMount } from '#domain/operation.ts'
import type { Postgres } from '#sql/postgres.ts'
import { addressOf, readBody } from '../http.ts'
import { announceAccess } from '../identity/access.ts'
import { type Auth, isPending } from '../identity/auth.ts'
import { type Verdict, WrongCredential } from '../identity/lockout.ts'
import { noteAct } from '../identity/note-act.ts'
import { rejectPassword } from '../identity/passwords.ts'
import { needsSecondFactor, once } from '../identity/second-factor.ts'
import { endSession, endSessions } from '../identity/sessions.ts'
import { SINGLE_SIGN_ON } from '../identity/single-sign-on.ts'
import { SESSION_OPERATIONS } from '../openapi/session.ts'
import { Buckets } from '../shield/buckets.ts'
import { networkOf, RATES, rejectWhenEmpty } from '../shield/rates.ts'

const text = z.string('is missing').max(512)
const Code = z.strictObject({ code: text.transform((typed) => typed.replace(/\s/g, '')) })
const Password = z.strictObject({ password: text })
/** What better-auth is sent, of what it would read: no longer sessions, trusted devices or addresses to go on to. */
const BODIES = {
  '/sign-in/username': z.object({ username: text, password: text }),
  '/sign-in/social': z.strictObject({}).transform(() => ({
    provider: SINGLE_SIGN_ON,
    callbackURL: '/login?sso',
    errorCallbackURL: '/login?failed=sso',
  })),
  '/sign-out': z.object({}),
  '/change-password': z
    .strictObject({ currentPassword: text, newPassword: text })
    .transform((body) => ({ ...body, revokeOtherSessions: true })),
  '/two-factor/enable': Password,
  '/two-factor/disable': Password,
  '/two-factor/generate-backup-codes': Password,
  '/two-factor/verify-totp': Code,
  '/two-factor/verify-backup-code': Code,
} as const
type Path = keyof typeof BODIES
const isPath = (path: string): path is Path => path in BODIES

/** What an act by a person who is logged in is called in the audit log. */
const ACTIONS: Partial<Record<Path, AuditAction>> = {
  '/sign-out': 'signOut',
  '/change-password': 'password.change',
  '/two-factor/disable': 'secondFactor.disable',
  '/two-factor/generate-backup-codes': 'secondFactor.newCodes',
  '/two-factor/verify-totp': 'secondFactor.enable',
}
/** The acts after which the sessions that were open before are gone. */
const ENDING: ReadonlySet<string> = new Set(['/sign-out', '/change-password', '/two-factor/disable'])

type Who = { id: string; username: string }

/** Logging in and out, the second step, and what a person changes about either: better-auth behind a lock-out and the audit log. */
export function sessionRoutes({ auth, postgres }: { auth: Auth; postgres: Postgres }) {
  const note = (c: Context, who: Who | null, action: AuditAction, reason = '') =>
    postgres.transaction((sql) => noteAct(sql, c, who, action, who?.id ?? '', reason))

  const guesses = new Buckets(RATES.guesses)

  /** Judges a guess at somebody's password or code, `from` a browser they are known by, a session, or from anywhere (''). */
  async function judged(
    c: Context,
    username: string,
    from: string,
    who: Who | null,
    work: () => Promise<Response>,
  ) {
    const guesser = from === '' ? networkOf(addressOf(c)) : `${username} ${from}`
    rejectWhenEmpty(guesses, guesser, 'this address')
    const end = await auth.lockout.attempt(username, from).catch((error: unknown) => {
      guesses.giveBack(guesser)
      throw error
    })
    let verdict: Verdict = 'void'
    try {
      const answer = await work()
      // A right password alone forgives nothing while the second step is owed.
      verdict = isPending(answer) ? 'void' : 'right'
      return answer
    } catch (error) {
      if (error instanceof WrongCredential) {
        verdict = 'wrong'
        await note(c, who, 'signIn.failure')
      }
      throw error
    } finally {
      if (verdict !== 'wrong') guesses.giveBack(guesser)
      if ((await end(verdict)).isLocked) await note(c, who, 'signIn.locked')
    }
  }

  /** Judges a step of logging in; after the last one the browser is known. */
  async function step(
    c: Context,
    username: string,
    who: Who | null,
    work: () => Promise<Response>,
  ): Promise<Response> {
    const { headers } = c.req.raw
    const answer = await judged(c, username, auth.knownBrowsers.idOf(headers, username), who, work)
    if (!isPending(answer))
      answer.headers.append('set-cookie', auth.knownBrowsers.remember(headers, username))
    return answer
  }

  /** A log-in ends the session that the browser had: its cookie is overwritten, and must be good for nobody else. */
  async function inPlaceOf(headers: Headers, logIn: () => Promise<Response>): Promise<Response> {
    const before = await auth.accountFor(headers)
    const answer = await logIn()
    if (before) await endSession(postgres, before.id, before.sessionId)
    return answer
  }

  async function signIn(c: Context, asked: Request, username: string) {
    const [who] = await postgres.query<Who>('SELECT id, username FROM "user" WHERE username = $1', [
      username.toLowerCase(),
    ])
    const answer = await step(c, username, who ?? null, () => auth.handler(asked))
    if (who && !isPending(answer)) await note(c, who, 'signIn.success')
    return answer
  }

  async function secondStep(c: Context, path: Path, asked: Request, who: Who, code: string) {
    const answer = await step(c, who.username, who, () =>
      path === '/two-factor/verify-totp'
        ? once(postgres, who.id, code, () => auth.handler(asked))
        : auth.handler(asked),
    )
    await note(c, who, 'signIn.success', path === '/two-factor/verify-totp' ? 'totp' : 'recovery code')
    return answer
  }

  async function act(
    c: Context,
    path: Path,
    asked: Request,
    body: Record<string, unknown>,
  ): Promise<Response> {
    const account = await auth.accountFor(asked.headers)
    if (account === null) throw new AppError('unauthenticated', 'log in first')
    if (path === '/change-password') rejectPassword(String(body.newPassword), account.username)
    if (path === '/two-factor/disable' && (await needsSecondFactor(postgres, account.id)))
      throw new AppError('forbidden', 'your role needs a second factor; it cannot be given up')
    const work =
      path === '/two-factor/verify-totp'
        ? () => once(postgres, account.id, String(body.code), () => auth.handler(asked))
        : () => auth.handler(asked)
    const answer =
      path === '/sign-out' ? await work() : await judged(c, account.username, 'session', account, work)
    const action = ACTIONS[path]
    if (action) await note(c, account, action)
    if (path === '/two-factor/verify-totp') {
      // A log-in elsewhere was by the password alone, and would be a full one from now on.
      const renewed = await auth.personIn(answer)
      await endSessions(postgres, account.id, renewed?.sessionId ?? account.sessionId)
    } else if (ENDING.has(path)) await announceAccess(postgres)
    return path === '/two-factor/enable' ? await labelled(answer, account.username) : answer
  }

  return new Hono().on(['GET', 'POST'], '/auth/*', describeMount(SESSION_OPERATIONS), async (c) => {
    // Guesses are limited by address, and never by one that the guesser writes.
    const headers = new Headers(c.req.raw.headers)
    headers.set('x-client-address', addressOf(c))
    const path = c.req.path.slice('/v1/auth'.length)
    if (c.req.method === 'GET' && path === `/callback/${SINGLE_SIGN_ON}`) {
      return await inPlaceOf(headers, async () => {
        const answer = await auth.handler(new Request(c.req.raw, { headers }))
        const person = await auth.personIn(answer)
        if (person) await note(c, person, 'signIn.success', 'single sign-on')
        return answer
      })
    }
    if (c.req.method !== 'POST' || !isPath(path))
      throw new AppError('not_found', 'there is nothing at this address')
    const body = await readBody(c, BODIES[path])
    headers.delete('content-length')
    headers.set('content-type', 'application/json')
    const asked = new Request(c.req.url, { method: 'POST', headers, body: JSON.stringify(body) })
    if (path === '/sign-in/social') return await auth.handler(asked)
    if ('username' in body) return await inPlaceOf(headers, () => signIn(c, asked, String(body.username)))
    if ('code' in body) {
      const pending = await auth.pendingFor(headers)
      if (pending) {
        // With a session beside it the code would be judged as one of that session's person.
        asked.headers.set('cookie', pending.cookie)
        return await secondStep(c, path, asked, pending, String(body.code))
      }
      if (path === '/two-factor/verify-backup-code')
        throw new AppError('conflict', 'this log-in has expired; begin again with the password')
    }
    return await act(c, path, asked, body)
  })
}

/** The key for the authenticator app under the person's user name: better-auth labels it by the made-up mail address. */
async function labelled(answer: Response, username: string): Promise<Response> {
  const { totpURI, backupCodes } = Enrolment.parse(await answer.json())
  const uri = totpURI.replace(/^(otpauth:\/\/totp\/[^:?]+:)[^?]+/, `$1${encodeURIComponent(username)}`)
  return Response.json({ totpURI: uri, backupCodes }, { headers: { 'cache-control': 'no-store' } })
}
const Enrolment = z.object({ totpURI: z.string(), backupCodes: z.array(z.string()) })
