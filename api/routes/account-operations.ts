import { z } from 'zod'
import { Account, Session } from '#domain/account.ts'
import { json, type Operation } from '#domain/operation.ts'

const TIME = '2026-11-24T09:30:00.000+08:00'
const path = z.object({ session: z.string().meta({ zh: '会话编号', en: 'Id of the session' }) })
const Ended = z.object({ ended: z.int() })
/** What the routes of `account.ts` do. */
export const ACCOUNT_OPERATIONS = {
  ways: {
    chapter: 'session',
    access: 'open',
    summary: { zh: '可用的登录方式', en: 'How one may log in' },
    answers: {
      200: json(z.object({ password: z.boolean(), singleSignOn: z.boolean() }), {
        password: true,
        singleSignOn: false,
      }),
    },
  },
  account: {
    chapter: 'session',
    access: 'person',
    summary: { zh: '我的账号', en: 'My account' },
    description: {
      zh: '角色要求第二因素而尚未绑定时，会话只能用于本账号的操作。',
      en: 'While a second factor that the role needs is missing, the session is good for the own account only.',
    },
    answers: {
      200: json(Account, {
        id: 'u1',
        username: 'demo',
        name: '示例管理员',
        hasSecondFactor: true,
        mustEnrol: false,
        recoveryCodesLeft: 9,
        sessionIdleMinutes: 30,
        sessionHours: 12,
      }),
    },
  },
  sessions: {
    chapter: 'session',
    access: 'person',
    summary: { zh: '我的会话', en: 'My sessions' },
    answers: {
      200: json(z.object({ sessions: z.array(Session) }), {
        sessions: [
          { id: 's1', address: '127.0.0.1', device: '', createdAt: TIME, lastUsedAt: TIME, isCurrent: true },
        ],
      }),
    },
  },
  endSession: {
    chapter: 'session',
    access: 'person',
    summary: { zh: '结束一个会话', en: 'End one session' },
    path,
    answers: { 200: json(Ended, { ended: 1 }) },
    errors: ['not_found'],
  },
  endOthers: {
    chapter: 'session',
    access: 'person',
    summary: { zh: '结束其他会话', en: 'End all other sessions' },
    answers: { 200: json(Ended, { ended: 2 }) },
  },
  useLink: {
    chapter: 'session',
    access: 'open',
    summary: { zh: '凭一次性链接设置密码', en: 'Set a password by the one-time link' },
    description: {
      zh: '密码至少 10 个字符，不能是用户名或最常见的密码；此前的会话全部结束。',
      en: 'At least 10 characters, neither the user name nor one of the most common passwords. All sessions end.',
    },
    body: {
      'application/json': {
        schema: z.object({ token: z.string(), password: z.string() }),
        examples: {
          spent: {
            title: { zh: '链接已用过', en: 'A link that was used' },
            value: { token: 'example-token', password: 'example-passphrase' },
            status: 403,
          },
        },
      },
    },
    answers: { 200: json(z.object({ username: z.string() }), { username: 'demo' }) },
    errors: ['forbidden', 'store_away'],
  },
} as const satisfies Record<string, Operation>
