import { z } from 'zod'
import { BrokenLink, NamedEntry } from '#domain/audit.ts'
import { MergedFields } from '#domain/household.ts'
import { json, type Operation } from '#domain/operation.ts'

const PERSON = 'p7Xk2mQv9sT4uWyZ1aBcDe'
const REASON = '核实欠薪发放对象'
const TIME = '2026-11-24T09:30:00.000+08:00'

const Field = z.object({ value: z.string(), source: z.string(), observedAt: z.string() })
const Masked = z
  .object({ personKey: z.string(), idNumber: z.string(), name: z.string(), phone: z.string().nullable() })
  .loose()
  .meta({ id: 'MaskedIdentity' })
const Opened = z
  .object({
    personKey: z.string(),
    idNumber: Field,
    name: Field,
    phone: Field.nullable(),
    fields: MergedFields,
    villages: z
      .record(z.string(), z.string())
      .meta({ zh: '所涉村社区的名称', en: 'Names of the villages it speaks of' }),
  })
  .loose()
  .meta({ id: 'Identity' })
const KeyState = z.object({ current: z.int(), remaining: z.int() }).meta({ id: 'KeyState' })
const RoleTitles = z
  .record(z.string(), z.object({ zh: z.string(), en: z.string() }))
  .meta({ zh: '理由中所提角色的名称', en: 'What the roles are called that reasons name by their ids' })
const One = z.object({ personKey: z.string(), reason: z.string() })
const ByEither = z.object({
  personKey: z.string().optional(),
  idNumber: z.string().optional(),
  reason: z.string(),
})
const field = (value: string) => ({ value, source: 'src_0123456789abcdef', observedAt: TIME })

const about = {
  chapter: 'administration',
  access: 'person',
} as const satisfies Partial<Operation>

/** What the routes of `identities.ts` and `audit.ts` do. */
export const IDENTITY_OPERATIONS = {
  search: {
    ...about,
    right: 'identity.read',
    summary: { zh: '按身份证号或电话查人（脱敏）', en: 'Find a person by number or phone, masked' },
    description: {
      zh: '号码放在正文中，须写理由；先记入审计日志再答复。一个电话多人使用的，只列前 100 人，total 为全部人数。未入库、仅退回行写有此号码的，onlyRejectedRows 为其行数。',
      en: 'Numbers go into the body, with a reason; the audit log is written before the answer. Of more than 100 persons with one phone the first 100 are named; total counts all. Of whom only rejected rows tell, onlyRejectedRows counts those.',
    },
    body: json(
      z.object({ idNumber: z.string().optional(), phone: z.string().optional(), reason: z.string() }),
      { phone: '14000000000', reason: REASON },
    ),
    answers: {
      200: json(z.object({ matches: z.array(Masked), total: z.int(), onlyRejectedRows: z.int() }), {
        matches: [{ personKey: PERSON, idNumber: '4305***********012', name: '测*', phone: '140****0000' }],
        total: 1,
        onlyRejectedRows: 0,
      }),
    },
  },
  read: {
    ...about,
    right: 'identity.read',
    summary: {
      zh: '查看一个人的身份记录（留痕）',
      en: 'Open the identity record of one person; it is logged',
    },
    body: {
      'application/json': {
        schema: One,
        examples: { nobody: { value: { personKey: PERSON, reason: REASON }, status: 404 } },
      },
    },
    answers: {
      200: json(Opened, {
        personKey: PERSON,
        idNumber: field('430522198503150012'),
        name: field('测试甲'),
        phone: null,
        fields: { status: { ...field('employed'), receivedAt: TIME } },
        history: [],
        villages: { '430522100001': '示例村' },
      }),
    },
    errors: ['not_found'],
  },
  erase: {
    ...about,
    right: 'identity.erase',
    summary: {
      zh: '依法删除一个人的身份记录',
      en: 'Erase the identity record of one person on lawful request',
    },
    description: {
      zh: '一并删除带有其身份证号、已更正为此人，或姓名相同而身份证号有一处笔误或为 15 位旧号的退回行；统计数字不变。未入库的人以身份证号删除；此人不在辖内的，只删辖内来源的退回行。',
      en: 'So are the rejected rows that have the person’s number, were corrected to it, or have the same name and the number mistyped in one place or in its old 15 digits. No figure changes. Who was never taken in is erased by number; of whom is out of reach only rejected rows of sources within it go.',
    },
    body: json(ByEither, { personKey: PERSON, reason: '本人依法申请删除' }),
    answers: {
      200: json(z.object({ records: z.int(), rejectedRows: z.int() }), { records: 1, rejectedRows: 0 }),
    },
  },
  key: {
    ...about,
    right: 'identity.rotate',
    summary: { zh: '封存密钥的版本', en: 'The version of the sealing key' },
    answers: { 200: json(KeyState, { current: 1, remaining: 0 }) },
  },
  rotate: {
    ...about,
    right: 'identity.rotate',
    summary: {
      zh: '更换封存密钥，旧记录在后台重封',
      en: 'Rotate the sealing key; old records are sealed again in the background',
    },
    body: json(z.object({ reason: z.string() }), { reason: '按年度计划更换密钥' }),
    answers: { 202: json(KeyState, { current: 2, remaining: 1200 }) },
  },
  audit: {
    ...about,
    right: 'audit.read',
    summary: { zh: '审计日志，最新在前', en: 'The audit log, newest first' },
    answers: {
      200: json(z.object({ entries: z.array(NamedEntry), roles: RoleTitles }), {
        entries: [
          {
            seq: 1,
            at: TIME,
            whoId: 'u1',
            whoName: '示例管理员',
            action: 'identity.search',
            subject: PERSON,
            subjectName: null,
            reason: REASON,
            address: '127.0.0.1',
          },
        ],
        roles: { analyst: { zh: '分析员', en: 'Analyst' } },
      }),
    },
  },
  verify: {
    ...about,
    right: 'audit.read',
    summary: { zh: '校验审计日志的哈希链', en: 'Follow the hash chain of the audit log' },
    answers: {
      200: json(z.object({ entries: z.int(), broken: BrokenLink.nullable() }), { entries: 1, broken: null }),
    },
  },
} as const satisfies Record<string, Operation>
