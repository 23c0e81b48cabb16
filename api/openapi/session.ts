import { z } from 'zod'
import { json, type Served } from '#domain/operation.ts'

/** What better-auth answers below `/v1/auth` and callers need. Its faults are those of this API. */
export const SESSION_OPERATIONS: readonly Served[] = [
  {
    method: 'post',
    path: '/v1/auth/sign-in/username',
    operation: {
      chapter: 'session',
      summary: { zh: '登录', en: 'Log in' },
      description: {
        zh: '成功后 Set-Cookie 给出会话 Cookie，有效 12 小时。同一地址每分钟至多 30 次。',
        en: 'On success Set-Cookie carries the session cookie, good for 12 hours. At most 30 attempts a minute from one address.',
      },
      access: 'open',
      body: json(z.object({ username: z.string(), password: z.string() }), {
        username: 'demo',
        password: 'demo-hunan-2026',
      }),
      answers: {
        200: json(z.object({ user: z.object({ id: z.string(), username: z.string() }).loose() }).loose(), {
          token: 'example-token',
          user: { id: 'example-id', username: 'demo', name: 'demo' },
        }),
      },
      errors: ['unauthenticated', 'unprocessable', 'too_often', 'store_away'],
    },
  },
  {
    method: 'post',
    path: '/v1/auth/sign-out',
    operation: {
      chapter: 'session',
      summary: { zh: '退出登录', en: 'Log out' },
      description: {
        zh: '须带 Origin 请求头，与服务器地址相同；浏览器会自动带上。',
        en: 'Needs an Origin header with the server’s own address; browsers send it by themselves.',
      },
      access: 'person',
      body: json(z.object({}), {}),
      answers: {
        200: json(z.object({ success: z.boolean() }), { success: true }),
      },
      errors: ['forbidden'],
    },
  },
]
