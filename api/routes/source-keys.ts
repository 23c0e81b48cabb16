import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { ActReason } from '#domain/audit.ts'
import { AppError } from '#domain/error.ts'
import { describeRoute, json } from '#domain/operation.ts'
import { holdsRegion } from '#domain/scope.ts'
import { Kind } from '#domain/signal.ts'
import { SourceKey } from '#domain/source-key.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { RegionParam, readBody } from '../http.ts'
import type { Gate } from '../identity/gate.ts'
import { noteAct } from '../identity/note-act.ts'
import { canonicalNetwork } from '../shield/address.ts'

type Times = 'createdAt' | 'expiresAt' | 'revokedAt' | 'lastUsedAt'
type KeptKey = Omit<SourceKey, Times> & {
  createdAt: Date
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
}
type Made = { id: string; key: string }

/** The keys of sources as this side needs them; ingestion owns them. */
export type SourceKeyDeps = {
  postgres: Postgres
  gate: Gate
  sourceKeys: {
    listKeys(sql: Sql, source: string | null): Promise<(KeptKey & { source: string })[]>
    createKey(sql: Sql, source: string, terms: z.infer<typeof NewKey>, by: string): Promise<Made>
    changeKey(sql: Sql, source: string, id: string, terms: z.infer<typeof ChangedKey>): Promise<KeptKey>
    rotateKey(sql: Sql, source: string, id: string, overlapHours: number, by: string): Promise<Made>
    revokeKey(sql: Sql, source: string, id: string, by: string): Promise<KeptKey>
  }
}

/** An address or a CIDR block; one address becomes a block of its own. */
const Block = z.string().transform((text, context) => {
  const network = canonicalNetwork(text)
  if (network === null)
    context.addIssue({ code: 'custom', message: 'must be an address like 203.0.113.7 or 203.0.113.0/24' })
  return network ?? z.NEVER
})
const TERMS = {
  kinds: z.array(Kind).min(1, 'must name at least one kind, or be null').nullable().meta({
    zh: '只可报送这些种类；null 为来源的全部',
    en: 'May send these kinds only; null: all of the source',
  }),
  region: RegionParam.nullable().meta({
    zh: '只可报送此地区；null 为来源的整个地区',
    en: 'May send of this region only; null: of all of the source’s',
  }),
  expiresInDays: z
    .int()
    .min(1)
    .max(3650)
    .nullable()
    .meta({ zh: '自今起有效天数；null 为不过期', en: 'Days from now until it expires; null: never' }),
  allowedAddresses: z.array(Block).max(50).meta({
    zh: '允许的地址或网段；空为不限',
    en: 'Addresses or blocks it may be used from; none: anywhere',
  }),
  rowsPerMinute: z
    .int()
    .min(1)
    .max(10_000_000)
    .nullable()
    .meta({ zh: '每分钟至多行数（每个进程各计）', en: 'Rows a minute at most (counted by each process)' }),
}
const NewKey = z.strictObject({
  kinds: TERMS.kinds.default(null),
  region: TERMS.region.default(null),
  expiresInDays: TERMS.expiresInDays.default(null),
  allowedAddresses: TERMS.allowedAddresses.default([]),
  rowsPerMinute: TERMS.rowsPerMinute.default(null),
})
const ChangedKey = z.strictObject(TERMS).partial()
const Rotate = z.strictObject({
  overlapHours: z
    .int()
    .min(0)
    .max(720)
    .default(72)
    .meta({ zh: '旧密钥再用几小时', en: 'Hours for which the old key goes on' }),
})
const Revoke = z.strictObject({ reason: ActReason })

export const SourcePath = z.object({
  source: z.string().meta({ zh: '来源编号', en: 'Id of the source', example: 'src_0123456789abcdef' }),
})
const KeyPath = SourcePath.extend({
  keyId: z.string().meta({ zh: '密钥编号', en: 'Id of the key', example: 'key_0123456789abcdef' }),
})
const Made = z.object({ id: z.string(), key: z.string() })
const MADE = { id: 'key_0123456789abcdef', key: 'xr_example-key' }
const KEY = {
  id: MADE.id,
  prefix: 'xr_Jk3fa',
  kinds: null,
  region: null,
  allowedAddresses: ['203.0.113.0/24'],
  rowsPerMinute: 60_000,
  createdAt: '2026-08-01T09:00:00.000+08:00',
  createdBy: 'demo',
  expiresAt: '2027-08-01T09:00:00.000+08:00',
  replacedBy: null,
  revokedAt: null,
  revokedBy: null,
  lastUsedAt: '2026-08-15T09:31:02.114+08:00',
}
const ONCE = { zh: '密钥只在此显示一次。', en: 'The key is shown here once and never again.' }

/** Who manages a source, as the log names them. @throws AppError `not_found` also for a source of elsewhere. */
export async function managerOf(
  { postgres, gate }: Pick<SourceKeyDeps, 'postgres' | 'gate'>,
  source: string,
  c: Context,
) {
  const { person, scope } = await gate.allow(c.req.raw.headers, 'sources.manage')
  const [of] = await postgres.query<{ region: string }>('SELECT region FROM sources WHERE id = $1', [source])
  if (!of || !holdsRegion(scope, of.region)) throw new AppError('not_found', 'there is no such source')
  return person
}

/** The keys of a source: seen, made, changed, handed over to a new one, ended. Each act is in the audit log with it. */
export function sourceKeyRoutes(deps: SourceKeyDeps) {
  const { postgres, sourceKeys } = deps
  return new Hono()
    .get(
      '/sources/:source/keys',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '来源的密钥', en: 'The keys of a source' },
        access: 'person',
        right: 'sources.manage',
        path: SourcePath,
        answers: { 200: json(z.object({ keys: z.array(SourceKey) }), { keys: [KEY] }) },
      }),
      async (c) => {
        const source = c.req.param('source')
        await managerOf(deps, source, c)
        return c.json({ keys: (await sourceKeys.listKeys(postgres, source)).map(shownKey) })
      },
    )
    .post(
      '/sources/:source/keys',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '新建密钥', en: 'Make a key' },
        description: ONCE,
        access: 'person',
        right: 'sources.manage',
        path: SourcePath,
        body: json(NewKey, {
          expiresInDays: 365,
          allowedAddresses: ['203.0.113.0/24'],
          rowsPerMinute: 60_000,
        }),
        answers: { 201: json(Made, MADE) },
      }),
      async (c) => {
        const source = c.req.param('source')
        const who = await managerOf(deps, source, c)
        const terms = await readBody(c, NewKey)
        const made = await postgres.transaction(async (sql) => {
          const key = await sourceKeys.createKey(sql, source, terms, who.username)
          await noteAct(sql, c, who, 'key.create', `${source} ${key.id}`, JSON.stringify(terms))
          return key
        })
        return c.json(made, 201)
      },
    )
    .patch(
      '/sources/:source/keys/:keyId',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '修改密钥条件', en: 'Change what a key may do' },
        description: {
          zh: '未给出的各项不变；两秒内在各处生效。密钥本身不变。',
          en: 'What is left out stays; it holds everywhere within two seconds. The key itself stays the same.',
        },
        access: 'person',
        right: 'sources.manage',
        path: KeyPath,
        body: json(ChangedKey, { allowedAddresses: ['203.0.113.0/24'], rowsPerMinute: 60_000 }),
        answers: { 200: json(SourceKey, KEY) },
        errors: ['conflict'],
      }),
      async (c) => {
        const { source, keyId } = c.req.param()
        const who = await managerOf(deps, source, c)
        const terms = await readBody(c, ChangedKey)
        const changed = await postgres.transaction(async (sql) => {
          const key = await sourceKeys.changeKey(sql, source, keyId, terms)
          await noteAct(sql, c, who, 'key.change', `${source} ${keyId}`, JSON.stringify(terms))
          return key
        })
        return c.json(shownKey(changed))
      },
    )
    .post(
      '/sources/:source/keys/:keyId/rotate',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '更换密钥', en: 'Replace a key' },
        description: {
          zh: `新密钥权限相同、有效期等长；旧密钥在 overlapHours 小时后失效。${ONCE.zh}`,
          en: `The new key may do the same, for as long again; the old one ends after overlapHours. ${ONCE.en}`,
        },
        access: 'person',
        right: 'sources.manage',
        path: KeyPath,
        body: json(Rotate, { overlapHours: 72 }),
        answers: { 201: json(Made, MADE) },
        errors: ['conflict'],
      }),
      async (c) => {
        const { source, keyId } = c.req.param()
        const who = await managerOf(deps, source, c)
        const { overlapHours } = await readBody(c, Rotate)
        const made = await postgres.transaction(async (sql) => {
          const key = await sourceKeys.rotateKey(sql, source, keyId, overlapHours, who.username)
          const subject = `${source} ${keyId} ${key.id}`
          await noteAct(sql, c, who, 'key.rotate', subject, `${overlapHours} h`)
          return key
        })
        return c.json(made, 201)
      },
    )
    .post(
      '/sources/:source/keys/:keyId/revoke',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '吊销密钥', en: 'Revoke a key' },
        description: { zh: '两秒内在各处失效。', en: 'It ends everywhere within two seconds.' },
        access: 'person',
        right: 'sources.manage',
        path: KeyPath,
        body: json(Revoke, { reason: '邮件误发' }),
        answers: {
          200: json(SourceKey, { ...KEY, revokedAt: '2026-08-16T09:00:00.000+08:00', revokedBy: 'demo' }),
        },
      }),
      async (c) => {
        const { source, keyId } = c.req.param()
        const who = await managerOf(deps, source, c)
        const { reason } = await readBody(c, Revoke)
        const revoked = await postgres.transaction(async (sql) => {
          const key = await sourceKeys.revokeKey(sql, source, keyId, who.username)
          await noteAct(sql, c, who, 'key.revoke', `${source} ${keyId}`, reason)
          return key
        })
        return c.json(shownKey(revoked))
      },
    )
}

/** A key as it is answered: times in that of China, nothing of the source. */
export function shownKey(key: KeptKey): SourceKey {
  const iso = (at: Date | null) => at && toShanghaiIso(at.getTime())
  return SourceKey.parse({
    ...key,
    createdAt: iso(key.createdAt),
    expiresAt: iso(key.expiresAt),
    revokedAt: iso(key.revokedAt),
    lastUsedAt: iso(key.lastUsedAt),
  })
}
