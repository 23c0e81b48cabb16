import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { betterAuth } from 'better-auth'
import { z } from 'zod'
import { AppError, type ErrorCode } from '#domain/error.ts'
import type { Postgres } from '#sql/postgres.ts'
import { openPost } from './access.ts'
import { AUTH_DEFAULTS, type AuthSettings, authOptions, isHttps } from './auth-options.ts'
import { KnownBrowsers } from './known-browsers.ts'
import { Lockout, WrongCredential } from './lockout.ts'
import { rejectPassword } from './passwords.ts'
import { insertPerson } from './people.ts'
import { needsSecondFactor } from './second-factor.ts'

/** A person who is logged in. */
export type Person = { id: string; username: string; name: string; role: string }

/** The same, and when the log-in ends by itself unless it is used meanwhile. */
type LoggedIn = Person & { untilMs: number }

/** A session as far as its own account pages go: it may still lack the second factor that its person needs. */
export type Account = LoggedIn & {
  sessionId: string
  hasSecondFactor: boolean
  /** The person must enrol a second factor before anything else. */
  mustEnrol: boolean
}

/** What a page asks by itself, with nobody at it, says so by this header; it keeps no session alive, nor does a socket. */
const BACKGROUND_HEADER = 'xiangrong-background'
const TOUCH_MS = 60_000

/** Log-ins, sessions and the first administrator, kept by better-auth in our Postgres. */
export function createAuth(
  postgres: Postgres,
  secret: string,
  failed: (error: unknown) => void,
  settings: AuthSettings = AUTH_DEFAULTS,
) {
  const auth = betterAuth(authOptions(postgres, secret, failed, settings))
  const idleMs = settings.sessionIdleMinutes * 60_000

  return {
    settings,
    lockout: new Lockout(postgres, secret),
    knownBrowsers: new KnownBrowsers(secret, isHttps(settings)),
    /** Answers everything under `/v1/auth`. @throws AppError for every refusal, in the words of this API. */
    async handler(request: Request): Promise<Response> {
      const response = await auth.handler(request)
      if (response.status < 400) return response
      if (response.status >= 500) await rejectWhenAway(postgres)
      throw await refusalOf(response, settings.singleSignOn !== null)
    },

    /** Whose session a request's cookie names, whether or not a second factor is still missing; `null` for nobody. */
    async accountFor(headers: Headers): Promise<Account | null> {
      if (!headers.has('cookie')) return null
      const found = await auth.api.getSession({ headers }).catch(async (error: unknown) => {
        await rejectWhenAway(postgres)
        throw error
      })
      if (!found) return null
      const { session, user } = found
      const idleSinceMs = new Date(session.lastUsedAt ?? session.createdAt).getTime()
      const untilMs = Math.min(idleSinceMs + idleMs, new Date(session.expiresAt).getTime())
      if (user.disabledAt || Date.now() >= untilMs) return null
      const isByHand = !headers.has(BACKGROUND_HEADER) && !headers.has('upgrade')
      if (isByHand && Date.now() - idleSinceMs > TOUCH_MS)
        await postgres.query('UPDATE "session" SET "lastUsedAt" = now() WHERE id = $1', [session.id])
      const hasSecondFactor = user.twoFactorEnabled ?? false
      return {
        id: user.id,
        username: user.username ?? '',
        name: user.name,
        role: user.role,
        untilMs,
        sessionId: session.id,
        hasSecondFactor,
        mustEnrol:
          !hasSecondFactor && !session.isSingleSignOn && (await needsSecondFactor(postgres, user.id)),
      }
    },

    /**
     * The person of a request's session cookie, or `null`.
     * @throws AppError `second_factor_missing` when the role asks for one and there is none: that is no full session.
     */
    async personFor(headers: Headers): Promise<LoggedIn | null> {
      const account = await this.accountFor(headers)
      if (account === null) return null
      if (account.mustEnrol)
        throw new AppError('second_factor_missing', 'your role needs a second factor; enrol one at /account')
      const { id, username, name, role, untilMs } = account
      return { id, username, name, role, untilMs }
    },

    /** Who has given a right password and still owes the second step, by the cookie of the first, which is answered too; `null` for nobody. */
    async pendingFor(
      headers: Headers,
    ): Promise<{ id: string; username: string; name: string; cookie: string } | null> {
      const [, cookie = '', value = ''] =
        /(?:^|;\s*)((?:__Host-)?xiangrong\.two_factor=([^;]+))/.exec(headers.get('cookie') ?? '') ?? []
      if (cookie === '') return null
      const identifier = decodeURIComponent(value).replace(/\.[^.]*$/, '')
      const [person] = await postgres.query<{ id: string; username: string; name: string }>(
        `SELECT u.id, u.username, u.name FROM verification v JOIN "user" u ON u.id = v.value
         WHERE v.identifier = $1 AND v.identifier LIKE '2fa-%' AND v."expiresAt" > now()`,
        [identifier],
      )
      return person ? { ...person, cookie } : null
    },

    /** Whose session an answer begins, `null` when it begins none. */
    async personIn(answer: Response): Promise<Account | null> {
      const cookie = answer.headers
        .getSetCookie()
        .map((set) => set.split(';')[0])
        .join('; ')
      return await this.accountFor(new Headers({ cookie }))
    },

    /** How many recovery codes a person has left. */
    async recoveryCodesOf(userId: string): Promise<number> {
      const { backupCodes } = await auth.api.viewBackupCodes({ body: { userId } })
      return backupCodes.length
    },

    /** Makes a person who can log in and holds a role everywhere; answers the id. @throws AppError `conflict`. */
    async createPerson(username: string, password: string, role: string): Promise<string> {
      const passwordHash = await this.passwordHash(password)
      return await postgres.transaction(async (sql) => {
        const id = await insertPerson(sql, {
          username,
          name: username,
          role,
          passwordHash,
          singleSignOnName: null,
        })
        await openPost(sql, id, role)
        return id
      })
    },

    /** The hash of a password that nobody knows: it takes as long to refuse a guess at it as at any other. */
    async unknownPasswordHash(): Promise<string> {
      return await this.passwordHash(randomBytes(24).toString('base64url'))
    },

    /** The hash of a password, as it is kept. */
    async passwordHash(password: string): Promise<string> {
      return await (await auth.$context).password.hash(password)
    },

    /** Whether anybody can log in yet. */
    async hasPeople(): Promise<boolean> {
      const [row] = await postgres.query<{ n: number | string }>('SELECT count(*) AS n FROM "user"')
      return Number(row?.n ?? 0) > 0
    },

    /** A new one-time token for `/setup`; any earlier one stops working. Only its hash is kept. */
    async issueSetupToken(): Promise<string> {
      const token = randomBytes(24).toString('base64url')
      await postgres.query(
        `INSERT INTO facts (name, value) VALUES ('setup-token', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
        [hash('sha256', token)],
      )
      return token
    },

    /** Makes the first administrator with the one-time token. @throws AppError `forbidden` when it is wrong or used. */
    async setUp(token: string, name: string, password: string): Promise<void> {
      rejectPassword(password, name)
      await postgres.withLock('setup', async () => {
        const [fact] = await postgres.query<{ value: string }>(
          `SELECT value FROM facts WHERE name = 'setup-token'`,
        )
        const given = Buffer.from(hash('sha256', token))
        const isRight = fact !== undefined && timingSafeEqual(given, Buffer.from(fact.value))
        if (!isRight || (await this.hasPeople()))
          throw new AppError(
            'forbidden',
            'this set-up link is wrong or was used; restart the server for a new one',
          )
        await this.createPerson(name, password, 'administrator')
        await postgres.query(`DELETE FROM facts WHERE name = 'setup-token'`)
      })
    },
  }
}

export type Auth = ReturnType<typeof createAuth>

/** Whether an answer begins no session yet, as the second step is owed. */
export function isPending(answer: Response): boolean {
  return answer.headers.getSetCookie().some((set) => /xiangrong\.two_factor=[^;]/.test(set))
}

/** better-auth answers 500 whatever failed below it: whether it was the database, the database says. */
async function rejectWhenAway(postgres: Postgres): Promise<void> {
  await postgres.query('SELECT 1')
}

const WRONG = new Set([
  'INVALID_USERNAME_OR_PASSWORD',
  'INVALID_PASSWORD',
  'INVALID_CODE',
  'INVALID_BACKUP_CODE',
])
/** The first step is forgotten: too long ago, or too many codes were tried. */
const GONE = new Set(['INVALID_TWO_FACTOR_COOKIE', 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE'])

const CODES: Record<number, ErrorCode> = {
  400: 'bad_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  422: 'unprocessable',
  429: 'too_often',
}

/** A refusal of better-auth as one of ours. Its messages name fields and rules and repeat no value. */
async function refusalOf(response: Response, hasProvider: boolean): Promise<Error> {
  const code = CODES[response.status]
  if (code === undefined) return new Error(`better-auth answered ${response.status}`)
  const { message, code: said } = Said.catch({}).parse(await response.json().catch(() => null))
  if (said !== undefined && WRONG.has(said)) return new WrongCredential(code, message ?? 'this is wrong')
  if (said !== undefined && GONE.has(said))
    return new AppError('conflict', 'this log-in has expired; begin again with the password')
  // There is no other one: that of the settings has not said yet how it is to be asked.
  if (said === 'PROVIDER_NOT_FOUND' && hasProvider)
    return new AppError(
      'store_away',
      'the provider of single sign-on does not answer; log in by password or try again',
      { retryAfterS: 10, zh: '统一身份认证平台没有应答，请用密码登录或稍后再试' },
    )
  const retryAfterS = Number(response.headers.get('x-retry-after'))
  return new AppError(
    code,
    message ?? 'there is nothing at this address',
    retryAfterS > 0 ? { retryAfterS } : {},
  )
}

const Said = z.object({ message: z.string().optional(), code: z.string().optional() })
