import { z } from 'zod'
import { KnownPerson, PasswordLink } from '#domain/account.ts'
import { json, type Operation } from '#domain/operation.ts'
import { PutPost } from './access.ts'

const TIME = '2026-11-24T09:30:00.000+08:00'
const path = z.object({ person: z.string().meta({ zh: '人员编号', en: 'Id of the person', example: 'u2' }) })
const about = {
  chapter: 'administration',
  access: 'person',
  right: 'people.manage',
} as const satisfies Partial<Operation>

const Name = z.string().trim().min(1, 'must not be empty').max(50, 'has at most 50 characters')
const SingleSignOnName = z.string().trim().min(1, 'must not be empty').max(200).nullable()
/** The spelling of user names. */
const Username = z
  .string()
  .regex(/^[A-Za-z0-9_.]{3,30}$/, 'must be 3 to 30 letters, digits, dots or underscores')

/** A new person and the post to begin with. */
export const NewPerson = PutPost.safeExtend({
  username: Username,
  name: Name.optional(),
  singleSignOnName: SingleSignOnName.default(null),
  unit: z.string().min(1).max(100).nullable().default(null),
})

/** What can be changed of a person. */
export const ChangedPerson = z.strictObject({
  name: Name.optional(),
  isDisabled: z.boolean().optional(),
  singleSignOnName: SingleSignOnName.optional(),
})

/** Which people to list. */
export const PeopleQuery = z.object({
  search: z
    .string()
    .max(100)
    .default('')
    .meta({ zh: '姓名或用户名的一部分', en: 'Part of the name or user name', example: '示例' }),
  state: z
    .enum(['active', 'disabled'], 'must be active or disabled')
    .optional()
    .meta({ zh: '在用或停用', en: 'Who may log in, or who is disabled', example: 'active' }),
  page: z.coerce
    .number()
    .int()
    .min(1, 'must be 1 or more')
    .max(10_000)
    .default(1)
    .meta({ zh: '第几页', en: 'Which page', example: 1 }),
})

const PERSON = {
  id: 'u2',
  username: 'wang.wu',
  name: '示例分析员',
  roles: ['analyst'],
  disabledAt: null,
  hasSecondFactor: false,
  singleSignOnName: null,
  isLinked: false,
  sessions: 1,
  lastSignInAt: TIME,
}
const LINK = { token: 'example-token', expiresAt: '2026-12-01T09:30:00.000+08:00' }

/** What the routes of `people.ts` do. */
export const PEOPLE_OPERATIONS = {
  list: {
    ...about,
    right: 'people.read',
    summary: { zh: '人员，按用户名', en: 'The people, by user name' },
    description: {
      zh: '每页 50 人；只列全部任职都在本人权限地区内的人。',
      en: '50 a page; only those all of whose posts lie in the regions of the asker’s right.',
    },
    query: PeopleQuery,
    answers: {
      200: json(z.object({ people: z.array(KnownPerson), total: z.int(), pageSize: z.int() }), {
        people: [PERSON],
        total: 1,
        pageSize: 50,
      }),
    },
  },
  create: {
    ...about,
    summary: {
      zh: '新建人员，得到设置密码的一次性链接',
      en: 'Make a person and get the link for the password',
    },
    description: {
      zh: '链接为 /welcome#令牌，7 天内有效，只显示这一次。unit 为填报员所属单位。',
      en: 'The link is /welcome#token, good for 7 days, and told only here. unit is what a reporter reports for.',
    },
    body: json(NewPerson, {
      username: 'wang.wu',
      name: '示例分析员',
      role: 'analyst',
      regions: ['4305'],
      side: 'both',
    }),
    answers: {
      201: json(z.object({ id: z.string(), username: z.string(), link: PasswordLink }), {
        id: 'u2',
        username: 'wang.wu',
        link: LINK,
      }),
    },
    errors: ['conflict'],
  },
  change: {
    ...about,
    summary: { zh: '修改、停用或启用一个人', en: 'Change, disable or enable a person' },
    description: {
      zh: '停用即刻结束其全部会话。singleSignOnName 是身份提供方的 preferred_username：首次单点登录时据此对应，之后以其 sub 为准；修改它即解除原对应，并结束其全部会话。',
      en: 'Disabling ends every session at once. singleSignOnName is the provider’s preferred_username: the first single sign-on is matched by it, later ones by the subject; changing it undoes the match and ends every session.',
    },
    path,
    body: json(ChangedPerson, { name: '示例分析员' }),
    answers: { 200: json(KnownPerson, PERSON) },
    errors: ['not_found', 'conflict'],
  },
  passwordLink: {
    ...about,
    summary: { zh: '重置密码：得到一次性链接', en: 'Reset the password: get a one-time link' },
    description: {
      zh: '原密码立即失效，全部会话结束。本人的在“我的账号”修改。',
      en: 'The password stops working at once, and all sessions end. Not for the own one, which is changed at /account.',
    },
    path,
    answers: { 200: json(PasswordLink, LINK) },
    errors: ['not_found', 'conflict'],
  },
  secondFactor: {
    ...about,
    summary: { zh: '重置第二因素', en: 'Take away a lost second factor' },
    path,
    answers: { 200: json(z.object({ hasSecondFactor: z.boolean() }), { hasSecondFactor: false }) },
    errors: ['not_found', 'conflict'],
  },
  endSessions: {
    ...about,
    summary: { zh: '结束一个人的全部会话', en: 'End all sessions of a person' },
    path,
    answers: { 200: json(z.object({ ended: z.int() }), { ended: 1 }) },
    errors: ['not_found', 'conflict'],
  },
} as const satisfies Record<string, Operation>
