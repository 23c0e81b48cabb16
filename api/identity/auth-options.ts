import { hash } from 'node:crypto'
import type { BetterAuthOptions } from 'better-auth'
import { APIError, isAPIError } from 'better-auth/api'
import { twoFactor, username } from 'better-auth/plugins'
import { PostgresDialect } from 'kysely'
import { PASSWORD_LENGTH_MAX } from '#domain/password.ts'
import type { Postgres } from '#sql/postgres.ts'
import { HOST_PREFIX } from './cookie.ts'
import { SINGLE_SIGN_ON, type SingleSignOn, singleSignOn } from './single-sign-on.ts'

/** What an installation decides about log-ins; the defaults are those of the settings. */
export type AuthSettings = {
  /** Where people reach the system, as `https://host`; `null`: whatever address they ask. */
  publicUrl: string | null
  singleSignOn: SingleSignOn | null
  /** Minutes without a request after which a session ends, and hours after which it ends in any case. */
  sessionIdleMinutes: number
  sessionHours: number
}

export const AUTH_DEFAULTS: AuthSettings = {
  publicUrl: null,
  singleSignOn: null,
  sessionIdleMinutes: 30,
  sessionHours: 12,
}

const own = { required: false, input: false } as const
/** Instead of better-auth's few in 10 s from one address: guesses are counted in `routes/session.ts`, and only wrong ones. */
const REQUESTS = { window: 60, max: 600 }

/** Whether people reach the system over TLS. */
export const isHttps = ({ publicUrl }: AuthSettings) => publicUrl?.startsWith('https:') ?? false

/** better-auth as this system uses it. */
export const authOptions = (
  postgres: Postgres,
  secret: string,
  failed: (error: unknown) => void,
  settings: AuthSettings,
) =>
  ({
    ...(settings.publicUrl !== null && { baseURL: settings.publicUrl }),
    appName: '湘融',
    basePath: '/v1/auth',
    database: { dialect: new PostgresDialect({ pool: postgres.pool }), type: 'postgres' },
    secret: hash('sha256', `auth ${secret}`),
    telemetry: { enabled: false },
    logger: { disabled: true },
    onAPIError: {
      errorURL: '/login?failed=sso',
      onError: (error: unknown) => {
        if (!isAPIError(error) || error.statusCode >= 500) failed(error)
      },
    },
    // There is no public sign-up: people are made by an administrator, the first one by the settings or the one-time link.
    // Which passwords are good enough is decided in domain/password.ts, which counts characters as people do.
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 1,
      maxPasswordLength: 4 * PASSWORD_LENGTH_MAX,
    },
    // The cookie and the row live for the absolute time; the idle time is kept beside it, by `lastUsedAt`.
    session: {
      expiresIn: settings.sessionHours * 3600,
      disableSessionRefresh: true,
      additionalFields: {
        lastUsedAt: { type: 'date', ...own, defaultValue: () => new Date() },
        isSingleSignOn: { type: 'boolean', ...own, defaultValue: false },
      },
    },
    rateLimit: {
      enabled: true,
      ...REQUESTS,
      customRules: {
        '/sign-in/*': REQUESTS,
        '/two-factor/*': REQUESTS,
        '/change-password': REQUESTS,
      },
    },
    advanced: {
      // Its own prefix for TLS (`__Secure-`) would let other sites of the domain set the cookie: the stricter one instead.
      useSecureCookies: false,
      cookiePrefix: isHttps(settings) ? `${HOST_PREFIX}xiangrong` : 'xiangrong',
      defaultCookieAttributes: { secure: isHttps(settings) },
      ipAddress: { ipAddressHeaders: ['x-client-address'] },
    },
    account: {
      updateAccountOnSignIn: false,
      accountLinking: { trustedProviders: [SINGLE_SIGN_ON], requireLocalEmailVerified: false },
    },
    user: {
      additionalFields: {
        role: { type: 'string', required: true, input: false, defaultValue: 'analyst' },
        disabledAt: { type: 'date', ...own },
      },
    },
    databaseHooks: {
      session: {
        create: {
          async before(session, context) {
            const [who] = await postgres.query<{ disabledAt: Date | null }>(
              'SELECT "disabledAt" FROM "user" WHERE id = $1',
              [session.userId],
            )
            if (!who || who.disabledAt !== null)
              throw new APIError('FORBIDDEN', {
                code: 'disabled',
                message: 'this account is disabled; ask an administrator',
              })
            return {
              data: { ...session, isSingleSignOn: context?.path?.startsWith('/callback/') ?? false },
            }
          },
        },
      },
      account: {
        create: {
          // The provider's tokens carry who a person is, and nothing here asks the provider again.
          before: async (account) => ({
            data: { ...account, accessToken: null, refreshToken: null, idToken: null },
          }),
        },
      },
    },
    plugins: [
      username(),
      // Wrong codes are counted by the same lock-out as wrong passwords, see lockout.ts.
      twoFactor({ issuer: '湘融', accountLockout: { enabled: false } }),
      ...(settings.singleSignOn ? [singleSignOn(postgres, settings.singleSignOn)] : []),
    ],
  }) satisfies BetterAuthOptions
