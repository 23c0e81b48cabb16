import { z } from 'zod'
import { Account, Session } from '#domain/account.ts'
import { post, read } from './api.ts'

const Enrolment = z.object({ totpURI: z.string(), backupCodes: z.array(z.string()) })
export type Enrolment = z.infer<typeof Enrolment>

const Ended = z.object({ ended: z.int() })
const Anything = z.unknown()

/** The own account: how one logs in, and where one is logged in. */
export const accountApi = {
  ways: () => read('/v1/sign-in', {}, z.object({ password: z.boolean(), singleSignOn: z.boolean() })),
  /** Answers whether the second step is owed. */
  signIn: (username: string, password: string) =>
    post(
      '/v1/auth/sign-in/username',
      { username, password },
      z
        .object({ twoFactorRedirect: z.boolean().default(false) })
        .transform(({ twoFactorRedirect }) => twoFactorRedirect),
    ),
  singleSignOn: () => post('/v1/auth/sign-in/social', {}, z.object({ url: z.string() })),
  verify: (code: string) => post('/v1/auth/two-factor/verify-totp', { code }, Anything),
  recover: (code: string) => post('/v1/auth/two-factor/verify-backup-code', { code }, Anything),
  account: () => read('/v1/account', {}, Account),
  enrol: (password: string) => post('/v1/auth/two-factor/enable', { password }, Enrolment),
  disable: (password: string) => post('/v1/auth/two-factor/disable', { password }, Anything),
  newCodes: (password: string) =>
    post('/v1/auth/two-factor/generate-backup-codes', { password }, Enrolment.pick({ backupCodes: true })),
  changePassword: (currentPassword: string, newPassword: string) =>
    post('/v1/auth/change-password', { currentPassword, newPassword }, Anything),
  useLink: (token: string, password: string) =>
    post('/v1/password-links/use', { token, password }, z.object({ username: z.string() })),
  sessions: () => read('/v1/account/sessions', {}, z.object({ sessions: z.array(Session) })),
  endSession: (id: string) => post(`/v1/account/sessions/${encodeURIComponent(id)}/end`, {}, Ended),
  endOthers: () => post('/v1/account/sessions/end-others', {}, Ended),
}
