import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { isAPIError } from 'better-auth/api'
import { username } from 'better-auth/plugins'
import { boolean, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { AppError, type ErrorCode } from '#domain/error.ts'
import type { Postgres } from '#sql/postgres.ts'
import { openPost } from './access.ts'

const time = (name: string) => timestamp(name, { withTimezone: true })
const stamps = { createdAt: time('createdAt').notNull(), updatedAt: time('updatedAt').notNull() }

/** The tables of `sql/postgres/0001_accounts.sql` as better-auth's adapter wants them described. */
const schema = {
  user: pgTable('user', {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    emailVerified: boolean('emailVerified').notNull(),
    image: text('image'),
    username: text('username'),
    displayUsername: text('displayUsername'),
    role: text('role').notNull(),
    ...stamps,
  }),
  session: pgTable('session', {
    id: text('id').primaryKey(),
    userId: text('userId').notNull(),
    token: text('token').notNull(),
    expiresAt: time('expiresAt').notNull(),
    ipAddress: text('ipAddress'),
    userAgent: text('userAgent'),
    ...stamps,
  }),
  account: pgTable('account', {
    id: text('id').primaryKey(),
    accountId: text('accountId').notNull(),
    providerId: text('providerId').notNull(),
    userId: text('userId').notNull(),
    accessToken: text('accessToken'),
    refreshToken: text('refreshToken'),
    idToken: text('idToken'),
    accessTokenExpiresAt: time('accessTokenExpiresAt'),
    refreshTokenExpiresAt: time('refreshTokenExpiresAt'),
    scope: text('scope'),
    password: text('password'),
    ...stamps,
  }),
  verification: pgTable('verification', {
    id: text('id').primaryKey(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: time('expiresAt').notNull(),
    ...stamps,
  }),
}

/** A person who is logged in. */
export type Person = { id: string; username: string; name: string; role: string }

const options = (postgres: Postgres, secret: string, failed: (error: unknown) => void) => ({
  database: drizzleAdapter(postgres.drizzle as Record<string, unknown>, { provider: 'pg', schema }),
  basePath: '/v1/auth',
  secret: hash('sha256', `auth ${secret}`),
  telemetry: { enabled: false },
  logger: { disabled: true },
  onAPIError: {
    onError: (error: unknown) => {
      if (!isAPIError(error) || error.statusCode >= 500) failed(error)
    },
  },
  // There is no public sign-up: people are made by an administrator, the first one by the settings or the one-time link.
  emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 8, maxPasswordLength: 128 },
  session: { expiresIn: 12 * 3600, updateAge: 600 },
  rateLimit: {
    enabled: true,
    window: 60,
    max: 600,
    customRules: { '/sign-in/username': { window: 60, max: 30 } },
  },
  advanced: { cookiePrefix: 'xiangrong', ipAddress: { ipAddressHeaders: ['x-client-address'] } },
  user: {
    additionalFields: {
      role: { type: 'string' as const, required: true, input: false, defaultValue: 'analyst' },
    },
  },
  plugins: [username()],
})

/** Log-ins, sessions and the first administrator, kept by better-auth in our Postgres. */
export function createAuth(postgres: Postgres, secret: string, failed: (error: unknown) => void) {
  const auth = betterAuth(options(postgres, secret, failed))
  return {
    /** Answers everything under `/v1/auth`. @throws AppError for every refusal, in the words of this API. */
    async handler(request: Request): Promise<Response> {
      const response = await auth.handler(request)
      if (response.status < 400) return response
      if (response.status >= 500) await rejectWhenAway(postgres)
      throw await refusalOf(response)
    },

    /** The person of a request's session cookie, or `null`. */
    async personFor(headers: Headers): Promise<Person | null> {
      if (!headers.has('cookie')) return null
      const session = await auth.api.getSession({ headers }).catch(async (error: unknown) => {
        await rejectWhenAway(postgres)
        throw error
      })
      if (!session) return null
      const {
        id,
        username: name,
        name: fullName,
        role,
      } = session.user as { id: string; username?: string | null; name: string; role?: string }
      return { id, username: name ?? '', name: fullName, role: role ?? 'analyst' }
    },

    /** Makes a person who can log in; answers the id. @throws AppError `conflict` when the name is taken. */
    async createPerson(name: string, password: string, role: 'administrator' | 'reporter'): Promise<string> {
      const context = await auth.$context
      const lower = name.toLowerCase()
      const [taken] = await postgres.query('SELECT 1 FROM "user" WHERE username = $1', [lower])
      if (taken) throw new AppError('conflict', 'this user name is taken')
      const user = await context.internalAdapter.createUser(
        {
          name,
          email: `${lower}@local.invalid`,
          emailVerified: false,
          username: lower,
          displayUsername: name,
          role,
        },
        { method: 'email-password' },
      )
      await context.internalAdapter.linkAccount({
        userId: user.id,
        providerId: 'credential',
        accountId: user.id,
        password: await context.password.hash(password),
      })
      await openPost(postgres, user.id, role)
      return user.id
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

/** better-auth answers 500 whatever failed below it: whether it was the database, the database says. */
async function rejectWhenAway(postgres: Postgres): Promise<void> {
  await postgres.query('SELECT 1')
}

const CODES: Record<number, ErrorCode> = {
  400: 'bad_request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  422: 'unprocessable',
  429: 'too_often',
}

/** A refusal of better-auth as one of ours. Its messages name fields and rules and repeat no value. */
async function refusalOf(response: Response): Promise<Error> {
  const code = CODES[response.status]
  if (code === undefined) return new Error(`better-auth answered ${response.status}`)
  const { message } = Said.catch({}).parse(await response.json().catch(() => null))
  const retryAfterS = Number(response.headers.get('x-retry-after'))
  return new AppError(
    code,
    message ?? 'there is nothing at this address',
    retryAfterS > 0 ? { retryAfterS } : {},
  )
}

const Said = z.object({ message: z.string().optional() })
