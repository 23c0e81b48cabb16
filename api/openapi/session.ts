import { z } from 'zod'
import { type Contents, json, type Operation, type Served } from '#domain/operation.ts'

const Code = z.object({ code: z.string() })
const Password = z.object({ password: z.string() })
const User = z.object({ id: z.string(), username: z.string() }).loose()
const In = json(z.object({ user: User }).loose(), {
  token: 'example-token',
  user: { id: 'example-id', username: 'demo', name: 'demo' },
})
const RecoveryCodes = z.array(z.string())
const RECOVERY_CODES = ['aB3dE-fG7hJ']

/** A body whose example cannot succeed, as nobody's password or code stands in a description. */
const refused = (schema: z.ZodType, value: unknown, status: number): Contents => ({
  'application/json': { schema, examples: { refused: { value, status } } },
})
const post = (path: string, operation: Omit<Operation, 'chapter'>): Served => ({
  method: 'post',
  path: `/v1/auth${path}`,
  operation: { chapter: 'session', ...operation },
})

/** What better-auth answers below `/v1/auth` and callers need. Its faults are those of this API. */
export const SESSION_OPERATIONS: readonly Served[] = [
  post('/sign-in/username', {
    summary: { zh: '登录', en: 'Log in' },
    description: {
      zh: '成功后 Set-Cookie 给出会话 Cookie：30 分钟不用或满 12 小时即失效（可设置）。绑定了第二因素的人得到 {"twoFactorRedirect": true}，还须验证。连续错 5 次，账号锁定 1 分钟，其后逐次加倍至 15 分钟；本人登录过的浏览器另行计数，不受他人试错影响。同一地址每分钟至多错 30 次。',
      en: 'On success Set-Cookie carries the session cookie, good until 30 minutes pass unused, and for 12 hours at most (both are settings). Who has a second factor gets {"twoFactorRedirect": true} and still owes the code. After 5 failures in a row the account is shut for a minute, then for twice as long each time, up to 15; a browser by which that person has logged in is counted by itself, whatever others try. One address has 30 wrong attempts a minute.',
    },
    access: 'open',
    body: json(z.object({ username: z.string(), password: z.string() }), {
      username: 'demo',
      password: 'demo-hunan-2026',
    }),
    answers: {
      200: json(
        z.union([z.object({ user: User }).loose(), z.object({ twoFactorRedirect: z.boolean() }).loose()]),
        { token: 'example-token', user: { id: 'example-id', username: 'demo', name: 'demo' } },
      ),
    },
    errors: ['unauthenticated', 'forbidden', 'unprocessable', 'too_often', 'store_away'],
  }),
  post('/two-factor/verify-totp', {
    summary: { zh: '验证动态码', en: 'Verify a code of the authenticator' },
    description: {
      zh: '登录的第二步；已登录时确认绑定。一个码只能用一次。',
      en: 'The second step of a log-in; with a session, the end of an enrolment. A code is good once.',
    },
    access: 'open',
    body: refused(Code, { code: '000000' }, 401),
    answers: { 200: In },
    errors: ['unauthenticated', 'conflict', 'too_often', 'store_away'],
  }),
  post('/two-factor/verify-backup-code', {
    summary: { zh: '用恢复码登录', en: 'Log in by a recovery code' },
    access: 'open',
    body: refused(Code, { code: 'aB3dE-fG7hJ' }, 409),
    answers: { 200: In },
    errors: ['unauthenticated', 'conflict', 'too_often', 'store_away'],
  }),
  post('/two-factor/enable', {
    summary: { zh: '开始绑定第二因素', en: 'Begin to enrol a second factor' },
    description: {
      zh: '答复给出验证器的密钥（otpauth 地址）与恢复码，只此一次；以动态码确认后生效。',
      en: 'The answer has the key for the authenticator (an otpauth address) and the recovery codes, once. A code makes it hold.',
    },
    access: 'person',
    body: refused(Password, { password: 'not-the-password' }, 400),
    answers: {
      200: json(z.object({ totpURI: z.string(), backupCodes: RecoveryCodes }), {
        totpURI: 'otpauth://totp/…',
        backupCodes: RECOVERY_CODES,
      }),
    },
    errors: ['too_often'],
  }),
  post('/two-factor/disable', {
    summary: { zh: '解除第二因素', en: 'Give up the second factor' },
    access: 'person',
    body: refused(Password, { password: 'not-the-password' }, 400),
    answers: { 200: json(z.object({ status: z.boolean() }), { status: true }) },
    errors: ['too_often'],
  }),
  post('/two-factor/generate-backup-codes', {
    summary: { zh: '换一套恢复码', en: 'New recovery codes in place of the old' },
    access: 'person',
    body: refused(Password, { password: 'not-the-password' }, 400),
    answers: {
      200: json(z.object({ backupCodes: RecoveryCodes }).loose(), {
        status: true,
        backupCodes: RECOVERY_CODES,
      }),
    },
    errors: ['too_often'],
  }),
  post('/change-password', {
    summary: { zh: '修改密码', en: 'Change the password' },
    description: {
      zh: '其他会话随即结束，本会话换新。',
      en: 'All other sessions end; this one gets a new cookie.',
    },
    access: 'person',
    body: refused(
      z.object({ currentPassword: z.string(), newPassword: z.string() }),
      { currentPassword: 'not-the-password', newPassword: 'example-passphrase' },
      400,
    ),
    answers: { 200: json(z.object({ user: User.partial() }).loose(), { user: { id: 'example-id' } }) },
    errors: ['too_often'],
  }),
  post('/sign-in/social', {
    summary: { zh: '开始单点登录', en: 'Begin a single sign-on' },
    description: {
      zh: '答复给出身份提供方的地址，浏览器前往；回来时已登录。未配置时为 404。',
      en: 'The answer has the address of the identity provider, where the browser goes; it comes back logged in. 404 where none is set up.',
    },
    access: 'open',
    body: refused(z.object({}), {}, 404),
    answers: {
      200: json(z.object({ url: z.string() }).loose(), { url: 'https://id.example/auth?…', redirect: true }),
    },
    errors: ['not_found', 'too_often', 'store_away'],
  }),
  post('/sign-out', {
    summary: { zh: '退出登录', en: 'Log out' },
    description: {
      zh: '须带 Origin 请求头，与服务器地址相同；浏览器会自动带上。',
      en: 'Needs an Origin header with the server’s own address; browsers send it by themselves.',
    },
    access: 'person',
    body: json(z.object({}), {}),
    answers: { 200: json(z.object({ success: z.boolean() }), { success: true }) },
    errors: ['forbidden'],
  }),
]
