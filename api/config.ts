import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import type { AuthSettings } from './identity/auth-options.ts'
import { passwordRefusal } from './identity/passwords.ts'
import { isInside, parseNetworks } from './shield/address.ts'

const url = (protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    )

const wholeFrom1 = (most: number, otherwise: number) => {
  const rule = `must be a whole number from 1 to ${most}`
  return z.coerce.number(rule).int(rule).min(1, rule).max(most, rule).default(otherwise)
}

const Settings = z.object({
  HOST: z.string().min(1, 'must not be empty').default('127.0.0.1'),
  PORT: z.coerce
    .number('must be a port number')
    .int('must be a port number')
    .min(0, 'must be 0 to 65535')
    .max(65535, 'must be 0 to 65535')
    .default(8080),
  DATA_DIR: z.string().min(1, 'must not be empty').default('./data'),
  CLICKHOUSE_URL: url(['http:', 'https:']).optional(),
  DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  ADMIN_USERNAME: z
    .string()
    .regex(/^[A-Za-z0-9_.]{3,30}$/, 'must be 3 to 30 letters, digits, dots or underscores')
    .optional(),
  ADMIN_PASSWORD: z.string().optional(),
  PUBLIC_URL: url(['http:', 'https:']).optional(),
  OIDC_ISSUER: url(['http:', 'https:']).optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  SESSION_IDLE_MINUTES: wholeFrom1(1440, 30),
  SESSION_HOURS: wholeFrom1(168, 12),
  TRUSTED_PROXIES: z
    .string()
    .transform((text, context) => {
      const networks = parseNetworks(text)
      if (!networks) context.addIssue({ code: 'custom', message: 'must be a list like 10.0.0.0/8,192.0.2.7' })
      return networks ?? z.NEVER
    })
    .optional(),
  ROLES: z
    .string()
    .default('api,ingestion')
    .transform((text) => text.split(',').map((role) => role.trim()))
    .pipe(
      z.array(z.enum(['api', 'ingestion'], 'must be api, ingestion, or both separated by a comma')).min(1),
    ),
})

/** The settings of one process; the only thing that is read from the environment. */
export type Config = {
  host: string
  port: number
  dataDir: string
  clickhouseUrl: string | undefined
  databaseUrl: string | undefined
  secret: string
  admin: { username: string; password: string } | null
  roles: ReadonlySet<'api' | 'ingestion'>
  auth: AuthSettings
  /** Whether an address is that of a proxy whose `X-Forwarded-For` is believed. */
  isTrustedProxy: (address: string) => boolean
  /** Bound to loopback: the wall may be seen without a log-in. */
  isLoopback: boolean
}

/**
 * Reads and checks the settings; makes the data directory and, on first start, the secret. Where stores must be `begun` a
 * directory that holds none is refused before anything is made in it.
 * @throws AppError `bad_setting` with one line that names the setting and what it must be.
 */
export function readConfig(env: Record<string, string | undefined>, stores: 'any' | 'begun' = 'any'): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(
      ([name, value]) => name in Settings.shape && value !== undefined && value !== '',
    ),
  )
  const parsed = Settings.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new AppError('bad_setting', `setting ${String(issue?.path[0])} ${issue?.message}`)
  }
  const s = parsed.data
  if ((s.ADMIN_USERNAME === undefined) !== (s.ADMIN_PASSWORD === undefined))
    throw new AppError(
      'bad_setting',
      `setting ${s.ADMIN_USERNAME === undefined ? 'ADMIN_USERNAME' : 'ADMIN_PASSWORD'} is missing: set both or neither`,
    )
  const refusal = s.ADMIN_PASSWORD && passwordRefusal(s.ADMIN_PASSWORD, s.ADMIN_USERNAME ?? '')
  if (refusal) throw new AppError('bad_setting', `setting ADMIN_PASSWORD ${refusal}`)
  const dataDir = resolve(s.DATA_DIR)
  if (stores === 'begun' && s.DATABASE_URL === undefined && !existsSync(join(dataDir, 'postgres')))
    throw new AppError(
      'bad_setting',
      `setting DATA_DIR: nothing is stored in ${dataDir}; set it as the server has it`,
    )
  writeIn(dataDir, () => mkdirSync(dataDir, { recursive: true, mode: 0o700 }))
  return {
    host: s.HOST,
    port: s.PORT,
    dataDir,
    clickhouseUrl: s.CLICKHOUSE_URL,
    databaseUrl: s.DATABASE_URL,
    secret: s.SECRET ?? keptSecret(dataDir),
    admin:
      s.ADMIN_USERNAME && s.ADMIN_PASSWORD
        ? { username: s.ADMIN_USERNAME, password: s.ADMIN_PASSWORD }
        : null,
    roles: new Set(s.ROLES),
    auth: {
      publicUrl: s.PUBLIC_URL === undefined ? null : new URL(s.PUBLIC_URL).origin,
      singleSignOn: singleSignOnOf(s),
      sessionIdleMinutes: s.SESSION_IDLE_MINUTES,
      sessionHours: s.SESSION_HOURS,
    },
    isTrustedProxy: (address) => s.TRUSTED_PROXIES !== undefined && isInside(s.TRUSTED_PROXIES, address),
    isLoopback: ['127.0.0.1', 'localhost', '::1'].includes(s.HOST),
  }
}

/** The address of a process on its own machine. */
export function localUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function singleSignOnOf(s: z.infer<typeof Settings>): AuthSettings['singleSignOn'] {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = s
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return null
  if (issuer === undefined || clientId === undefined || clientSecret === undefined)
    throw new AppError(
      'bad_setting',
      'settings OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: set all three or none',
    )
  // The provider sends people back to an address that it was told beforehand.
  if (s.PUBLIC_URL === undefined)
    throw new AppError('bad_setting', 'setting PUBLIC_URL is missing: single sign-on (OIDC_*) needs it')
  return { issuer, clientId, clientSecret }
}

function keptSecret(dataDir: string): string {
  const path = join(dataDir, 'secret')
  const secret = writeIn(dataDir, () => {
    if (!existsSync(path)) {
      writeFileSync(path, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
      chmodSync(path, 0o600)
    }
    return readFileSync(path, 'utf8').trim()
  })
  // With a secret that is cut off, every person would get another key and be counted a second time.
  if (secret.length < 32)
    throw new AppError(
      'bad_setting',
      `setting DATA_DIR: ${path} is damaged; restore it from a backup, or remove it where nothing is stored yet`,
    )
  return secret
}

function writeIn<T>(dataDir: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new AppError(
      'bad_setting',
      `setting DATA_DIR: ${dataDir} cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`,
      { cause },
    )
  }
}
