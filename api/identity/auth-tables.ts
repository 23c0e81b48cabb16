import { boolean, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

const time = (name: string) => timestamp(name, { withTimezone: true })
const stamps = { createdAt: time('createdAt').notNull(), updatedAt: time('updatedAt').notNull() }

/** The tables of `sql/postgres/0001_accounts.sql` and `0015_sign_in.sql` as better-auth's adapter wants them described. */
export const AUTH_TABLES = {
  user: pgTable('user', {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    emailVerified: boolean('emailVerified').notNull(),
    image: text('image'),
    username: text('username'),
    displayUsername: text('displayUsername'),
    role: text('role').notNull(),
    twoFactorEnabled: boolean('twoFactorEnabled').notNull().default(false),
    disabledAt: time('disabledAt'),
    ...stamps,
  }),
  session: pgTable('session', {
    id: text('id').primaryKey(),
    userId: text('userId').notNull(),
    token: text('token').notNull(),
    expiresAt: time('expiresAt').notNull(),
    ipAddress: text('ipAddress'),
    userAgent: text('userAgent'),
    lastUsedAt: time('lastUsedAt').notNull().defaultNow(),
    isSingleSignOn: boolean('isSingleSignOn').notNull().default(false),
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
  twoFactor: pgTable('twoFactor', {
    id: text('id').primaryKey(),
    userId: text('userId').notNull(),
    secret: text('secret').notNull(),
    backupCodes: text('backupCodes').notNull(),
    verified: boolean('verified').notNull().default(false),
    failedVerificationCount: integer('failedVerificationCount').notNull().default(0),
    lockedUntil: time('lockedUntil'),
  }),
}
