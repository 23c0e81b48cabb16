import { z } from 'zod'
import type { Bilingual } from './text.ts'

/**
 * Everything that can be allowed: one right is one thing. A role is a set of them, a post gives a role to a person for
 * some regions and a time, and the gate asks for exactly one by its name. In the order of the roles page.
 */
export const RIGHTS = {
  'figures.read': { zh: '查看指标', en: 'See figures' },
  'figures.export': { zh: '导出指标', en: 'Take figures away as a file' },
  'individuals.read': {
    zh: '查看个案明细与小数',
    en: 'See single cases and persons without names, and small counts',
  },
  'households.read': { zh: '查看村与户的计数', en: 'See counts of villages and households' },
  'alerts.read': { zh: '查看预警', en: 'See alerts' },
  'alerts.act': { zh: '处置预警', en: 'Act on alerts' },
  'rules.manage': { zh: '管理预警规则', en: 'Change the rules of alerts' },
  'units.read': { zh: '查看监测网络', en: 'See the network' },
  'units.manage': { zh: '管理监测网络', en: 'Change the network' },
  'reports.send': { zh: '为所属单位填报', en: 'Report for one’s own unit' },
  'sources.read': { zh: '查看来源与批次', en: 'See sources and their batches' },
  'sources.manage': { zh: '管理来源与密钥', en: 'Make sources and their keys' },
  'batches.send': { zh: '以来源名义报送', en: 'Send in the name of a source' },
  'batches.withdraw': { zh: '撤回批次', en: 'Withdraw batches' },
  'quarantine.manage': { zh: '处理退回行', en: 'See and mend rejected rows' },
  'intake.manage': { zh: '管理封账与代码对照', en: 'Close periods, keep tables of codes' },
  'identity.read': { zh: '查看身份信息', en: 'Find and open identity records' },
  'identity.erase': { zh: '删除身份信息', en: 'Erase identity records' },
  'identity.rotate': { zh: '更换身份密钥', en: 'Change the key of identity records' },
  'audit.read': { zh: '查看审计日志', en: 'Read the audit log' },
  'audit.export': { zh: '导出审计日志', en: 'Take the audit log away as a file' },
  'people.read': { zh: '查看人员与权限', en: 'See people and what they may do' },
  'people.manage': { zh: '管理人员与任职', en: 'Manage people and their posts' },
  'roles.manage': { zh: '管理角色', en: 'Change what roles may do' },
  'walls.manage': { zh: '管理大屏', en: 'Manage wall screens' },
} as const satisfies Record<string, Bilingual>

export type Right = keyof typeof RIGHTS
export const Right = z.enum(Object.keys(RIGHTS) as [Right, ...Right[]], 'is no right; see GET /v1/roles')

/** Which side of a signal a post sees by: people registered in its regions, who work there, or either. */
export const Side = z.enum(['home', 'work', 'both'], 'must be home, work or both')
export type Side = z.infer<typeof Side>

/** A role: a named set of rights. One that is built in can be changed, never removed; one that is retired is as it was. */
export const Role = z
  .object({
    id: z.string(),
    title: z.object({ zh: z.string(), en: z.string() }),
    rights: z.array(Right),
    needsSecondFactor: z.boolean(),
    isBuiltIn: z.boolean(),
    isUnused: z.boolean().meta({ zh: '从未有人任此职', en: 'Nobody has or ever had a post of it' }),
    retiredAt: z.string().nullable().meta({
      zh: '自何时起停用；停用后不再任用',
      en: 'Since when it is retired and given to nobody any more',
    }),
  })
  .meta({ id: 'Role' })
export type Role = z.infer<typeof Role>

/** A role as those see who may see people. `people` have a post of it, now or to come, and are not disabled. */
export const KnownRole = Role.extend({
  people: z.int().meta({
    zh: '现任或将任此职、未停用且在本人权限之内的人数',
    en: 'How many have a post of it now or to come, of the people not disabled whom who asks may see',
  }),
}).meta({ id: 'KnownRole' })
export type KnownRole = z.infer<typeof KnownRole>

/** A post of a role, present or past, and whose it is. */
export const RoleHolder = z
  .object({
    person: z.object({ id: z.string(), username: z.string(), name: z.string() }),
    startsAt: z.string(),
    endsAt: z.string().nullable(),
  })
  .meta({ id: 'RoleHolder' })
export type RoleHolder = z.infer<typeof RoleHolder>

const Title = z.string().trim().min(1, 'must not be empty').max(50)
/** What a role is called, as it is entered. */
export const RoleTitle = z.strictObject({ zh: Title, en: Title })

/** What is to become of a role; what is absent stays. */
export const RoleChange = z.strictObject({
  role: z.string().max(50),
  title: RoleTitle.optional(),
  grant: z.array(Right).default([]),
  revoke: z.array(Right).default([]),
  needsSecondFactor: z.boolean().optional(),
})
export type RoleChange = z.infer<typeof RoleChange>

/**
 * A role that a person has for some regions (none: everywhere) and sectors (none: all), from `startsAt` until before
 * `endsAt` (`null`: until further notice). Instants are ISO 8601.
 */
export const Post = z
  .object({
    id: z.string(),
    role: z.string(),
    regions: z.array(z.string()),
    side: Side,
    sectors: z.array(z.string()),
    startsAt: z.string(),
    endsAt: z.string().nullable(),
  })
  .meta({ id: 'Post' })
export type Post = z.infer<typeof Post>
