import { z } from 'zod'
import { json, type Operation } from '#domain/operation.ts'
import { Unit } from '#domain/organisation.ts'

const UNIT = 'unit_0123456789abcdef'
const TIME = '2026-11-24T09:30:00.000+08:00'
const PARK = {
  kind: 'park',
  rank: 'national',
  name: '示例高新区',
  region: '430104',
  sector: 'C',
  contactName: '值班室',
  contactPhone: '0731-0000-0001',
}

const path = z.object({
  unit: z.string().meta({ zh: '单位编号', en: 'Id of the unit', example: UNIT }),
})
const Id = z.object({ id: z.string() })
const Shown = z
  .object({ id: z.string(), kind: z.string(), name: z.string(), region: z.string() })
  .loose()
  .meta({ id: 'UnitStanding' })
const shown = { id: UNIT, kind: 'park', name: PARK.name, region: PARK.region }
const NewUnit = Unit.meta({ id: 'Unit' })
const Duty = z.object({
  entries: z.array(
    z.object({
      firstDay: z.string(),
      lastDay: z.string(),
      name: z.string(),
      phone: z.string().nullable().optional(),
    }),
  ),
})

const Earlier = z.object({
  reports: z.array(z.object({ period: z.string(), receivedAt: z.string().nullable() })),
})

/** The batches of refused reports that one takes the place of. @throws in words that name what is taken. */
export const Corrects = z
  .string()
  .regex(/^bat_\w{1,40}(,bat_\w{1,40}){0,19}$/, 'must be 1 to 20 ids of batches with commas between')
  .optional()
  .transform((ids) => ids?.split(',') ?? [])
  .meta({
    zh: '本报告所改正的被退回报告的批次号，逗号分隔',
    en: 'The batches of refused reports that this one corrects, with commas between',
    example: 'bat_0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  })

const about = { chapter: 'network', access: 'person' } as const satisfies Partial<Operation>
const administered = {
  chapter: 'network',
  access: 'person',
  right: 'units.manage',
} as const satisfies Partial<Operation>

/** What the routes of `units.ts` do. */
export const UNIT_OPERATIONS = {
  list: {
    ...about,
    summary: { zh: '监测点、服务站和机构一览', en: 'The points, stations and offices of the network' },
    description: {
      zh: '每个单位附最新数据时间、近 90 天按时率（没有应报的无按时率）、静默起始、即时报告数，以及您可否为其填报（mayReport）、排班（mayPlanDuty）。',
      en: 'With each: newest data, share of reports on time in 90 days (none where nothing was due), silence, instant reports, and whether you may report for it (`mayReport`) and plan its duty (`mayPlanDuty`).',
    },
    answers: {
      200: json(z.object({ units: z.array(Shown), asOf: z.string() }), { units: [shown], asOf: TIME }),
    },
  },
  create: {
    ...administered,
    summary: { zh: '登记一个单位', en: 'Register a unit' },
    body: json(NewUnit, PARK),
    answers: { 201: json(Id, { id: UNIT }) },
    errors: ['conflict'],
  },
  importMany: {
    ...administered,
    summary: { zh: '批量登记单位', en: 'Register many units' },
    description: {
      zh: '单位可带 duty（值班表）和 earlierReports（从旧系统迁入的应报记录：period 及收到时间，未报为 null）。自其中最早的一期起计按时率。',
      en: 'A unit may bring its `duty`, and as `earlierReports` what the system before knows of reports that were due: the `period`, and when it was received, `null` for never. Punctuality counts from the first of them.',
    },
    body: json(z.object({ units: z.array(z.unknown()).min(1) }), {
      units: [{ ...PARK, earlierReports: [{ period: '2026-10', receivedAt: '2026-11-05T09:00:00+08:00' }] }],
    }),
    answers: { 201: json(z.object({ ids: z.array(z.string()) }), { ids: [UNIT] }) },
    errors: ['conflict'],
  },
  one: {
    ...about,
    summary: {
      zh: '一个单位：指挥关系、值班、近期报告',
      en: 'One unit: who commands it, duty, recent reports',
    },
    path,
    answers: { 200: json(Shown, shown) },
    errors: ['not_found'],
  },
  update: {
    ...administered,
    summary: { zh: '修改一个单位', en: 'Change a unit' },
    path,
    body: json(NewUnit, PARK),
    answers: { 200: json(Id, { id: UNIT }) },
    errors: ['not_found', 'conflict'],
  },
  retire: {
    ...administered,
    summary: { zh: '撤销一个单位，历史保留', en: 'Retire a unit; its history stays' },
    description: {
      zh: '其来源留在本单位名下，不再应报、不会静默；密钥仍可用，不再使用时请吊销。接续单位沿用 pointId，另建来源。',
      en: 'Its source stays with it, owes nothing and is never silent; its keys still open it: revoke those that are no longer used. A unit that follows has the same pointId and a source of its own.',
    },
    path,
    answers: { 200: json(Id, { id: UNIT }) },
    errors: ['not_found'],
  },
  calendar: {
    ...about,
    summary: { zh: '全部值班安排', en: 'The whole duty calendar' },
    path,
    answers: { 200: json(Duty, { entries: [] }) },
    errors: ['not_found'],
  },
  duty: {
    ...about,
    summary: { zh: '换上新的值班表', en: 'Replace the duty calendar' },
    path,
    body: json(Duty, { entries: [{ firstDay: '2026-11-23', lastDay: '2026-11-29', name: '示例值班员' }] }),
    answers: { 200: json(Id, { id: UNIT }) },
    errors: ['forbidden', 'not_found'],
  },
  earlierReports: {
    ...administered,
    summary: {
      zh: '单位来此之前的报送记录',
      en: 'How a unit kept its reports before it came here',
    },
    path,
    answers: { 200: json(Earlier, { reports: [{ period: '2026-10', receivedAt: TIME }] }) },
    errors: ['not_found'],
  },
  putEarlierReports: {
    ...administered,
    summary: {
      zh: '换上来此之前的报送记录',
      en: 'Replace what is known of a unit’s reports before it came here',
    },
    description: {
      zh: '期次须在单位登记之前结束；receivedAt 为 null 表示未报。自其中最早的一期起计按时率。',
      en: 'Each `period` was over when the unit was registered; `receivedAt` is `null` for never. Punctuality counts from the first of them.',
    },
    path,
    body: json(Earlier, { reports: [{ period: '2025-10', receivedAt: '2025-11-05T09:00:00+08:00' }] }),
    answers: { 200: json(Id, { id: UNIT }) },
    errors: ['not_found'],
  },
  reporters: {
    ...administered,
    summary: { zh: '谁可以替该单位填报', en: 'Who may report for the unit' },
    path,
    body: json(z.object({ usernames: z.array(z.string()) }), { usernames: [] }),
    answers: {
      200: json(z.object({ id: z.string(), reporters: z.array(z.unknown()) }), { id: UNIT, reporters: [] }),
    },
    errors: ['not_found'],
  },
  lastPeriod: {
    ...about,
    summary: { zh: '上一期填报的数', en: 'The figures of the period reported last' },
    description: {
      zh: '接续已撤销单位的监测点的，含前一单位所报。',
      en: 'Of a unit that took the point of a retired one over, also what that one reported.',
    },
    path,
    query: z.object({
      project: z.string().optional().meta({ zh: '项目', en: 'Project', example: '示例安置房' }),
    }),
    answers: { 200: json(z.object({ last: z.looseObject({}).nullable() }), { last: null }) },
    errors: ['forbidden', 'not_found', 'conflict'],
  },
  report: {
    ...about,
    summary: { zh: '替单位填报一期或即时报告', en: 'Send a period’s or an instant report for the unit' },
    description: {
      zh: '正文为一条 industry 信号；答复同 POST /v1/signals/industry。一经收下，corrects 所列批次中仍待处理的行即以填报人之名放弃，限本单位经会话报送的单条报告。请求头 Xiangrong-Person 写明填报人编号时，登录的是别人则答 401。',
      en: 'The body is one industry signal; the answer is that of POST /v1/signals/industry. Once it is taken, the rows that still wait of the batches in `corrects` are dismissed in the name of who reports: only single reports of this unit that a session sent. Where the header `Xiangrong-Person` names a person by id, the answer is 401 while somebody else is logged in.',
    },
    path,
    body: {
      'application/json': {
        schema: z.object({ pointId: z.string() }).loose(),
        examples: {
          foreign: {
            title: { zh: '别的监测点', en: 'Another point’s' },
            value: { pointId: 'N99', period: '2026-10', observedAt: TIME, workRegion: '430104', sector: 'C' },
            status: 403,
          },
        },
      },
    },
    answers: {
      200: json(z.looseObject({ batch: z.string(), accepted: z.int() }), {
        batch: 'bat_0f1e2d3c4b5a69788796a5b4c3d2e1f0',
        received: 1,
        accepted: 1,
        unchanged: 0,
        rejected: 0,
        errors: [],
      }),
    },
    errors: ['forbidden', 'not_found', 'conflict', 'too_large', 'unprocessable'],
  },
} as const satisfies Record<string, Operation>
