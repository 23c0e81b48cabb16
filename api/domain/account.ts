import { z } from 'zod'

/** The own account, and what it is held to: idle minutes and hours after which a session ends. */
export const Account = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  hasSecondFactor: z.boolean(),
  mustEnrol: z.boolean(),
  recoveryCodesLeft: z.int(),
  sessionIdleMinutes: z.int(),
  sessionHours: z.int(),
})
export type Account = z.infer<typeof Account>

/** Where a person is logged in. Instants are ISO 8601. */
export const Session = z
  .object({
    id: z.string(),
    address: z.string().meta({ zh: '登录时的地址', en: 'Where it signed in from' }),
    device: z.string().meta({ zh: '浏览器的自称', en: 'What the browser calls itself' }),
    createdAt: z.string(),
    lastUsedAt: z.string().meta({ zh: '最近一次使用，精确到分', en: 'Its last use, to the minute' }),
    isCurrent: z.boolean(),
  })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof Session>

/** A person as those see who manage people. */
export const KnownPerson = z
  .object({
    id: z.string(),
    username: z.string(),
    name: z.string(),
    roles: z.array(z.string()).meta({ zh: '现任角色', en: 'Roles of the posts in force' }),
    disabledAt: z.string().nullable(),
    hasSecondFactor: z.boolean(),
    singleSignOnName: z.string().nullable(),
    isLinked: z.boolean().meta({ zh: '已用单点登录登录过', en: 'Has signed in by single sign-on' }),
    sessions: z.int(),
    lastSignInAt: z.string().nullable(),
  })
  .meta({ id: 'Person' })
export type KnownPerson = z.infer<typeof KnownPerson>

/** The secret of a link by which a person sets a password, once. */
export const PasswordLink = z
  .object({ token: z.string(), expiresAt: z.string() })
  .meta({ id: 'PasswordLink' })
export type PasswordLink = z.infer<typeof PasswordLink>

/** What became of a sheet of people: its rows, what is wrong in them, and a link for each who was entered. */
export const ImportedPeople = z.object({
  rows: z.int(),
  faults: z.array(
    z.object({ row: z.int(), column: z.string(), message: z.object({ zh: z.string(), en: z.string() }) }),
  ),
  links: z.array(
    z.object({
      row: z.int(),
      username: z.string(),
      name: z.string(),
      token: z.string(),
      expiresAt: z.string(),
    }),
  ),
})
export type ImportedPeople = z.infer<typeof ImportedPeople>
