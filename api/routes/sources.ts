import { Hono } from 'hono'
import { z } from 'zod'
import { describeRoute, json } from '#domain/operation.ts'
import { HUNAN } from '#domain/region.ts'
import { holdsRegion, rejectOutside } from '#domain/scope.ts'
import { Kind } from '#domain/signal.ts'
import type { ChangedDue, NewSource, Source } from '#domain/source.ts'
import { keyToRenew, type SourceKey, standingOf } from '#domain/source-key.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { RegionParam, readBody } from '../http.ts'
import type { Gate } from '../identity/gate.ts'
import { noteAct } from '../identity/note-act.ts'
import { readSourceStates } from '../measures/source-states.ts'
import { managerOf, type SourceKeyDeps, SourcePath, shownKey } from './source-keys.ts'

/** The registry of sources as this side needs it; ingestion owns it. */
export type SourceRegistry = {
  create(source: NewSource, by: string): Promise<{ id: string; key: string }>
  /** Changes when data are due of a source. @throws AppError `not_found`, `conflict`. */
  changeDue(sql: Sql, source: string, due: ChangedDue): Promise<void>
  list(): Promise<Source[]>
}

const DueEvery = z.enum(['day', 'month'], 'must be day, month or null').nullable()
const GraceHours = z.int('must be a number of whole hours').min(0).max(8760)
const Made = z.object({
  name: z.string().trim().min(1, 'must not be empty').max(100),
  kinds: z.array(Kind).min(1, 'must name at least one kind'),
  region: RegionParam.default(HUNAN),
  synthetic: z.boolean().default(false),
  dueEvery: DueEvery.default(null),
  graceHours: GraceHours.default(24),
})
const Changed = z.strictObject({ dueEvery: DueEvery.optional(), graceHours: GraceHours.optional() })

const Shown = z
  .object({
    id: z.string(),
    name: z.string(),
    kinds: z.array(Kind),
    region: z.string(),
    isSynthetic: z.boolean(),
    dueEvery: z.enum(['day', 'month']).nullable(),
    graceHours: z.int(),
    createdAt: z.string(),
    lastReceivedAt: z.string().nullable().meta({ zh: '最近一次报送的接收时间', en: 'When it last sent' }),
    newestObservedAt: z.string().nullable().meta({ zh: '最新的观测时间', en: 'Its newest observation' }),
    dueAt: z.string().nullable().meta({ zh: '下次数据应到时间', en: 'When its next data are due' }),
    isSilent: z.boolean().meta({ zh: '超过宽限仍未到', en: 'Past its due time by more than its grace' }),
    last30Days: z
      .object({
        batches: z.int(),
        received: z.int(),
        rejected: z.int(),
        rejectedShare: z.number().nullable(),
      })
      .meta({
        zh: '近 30 天的批次、行数、退回比例',
        en: 'Batches, rows and rejected share of the last 30 days',
      }),
    keys: z.object({ active: z.int(), toRenewAt: z.string().nullable() }).meta({
      zh: '有效密钥数；两周内到期而来源仍在用的密钥的到期时间',
      en: 'Active keys; when the one expires that its sender still uses and that has two weeks left at most',
    }),
  })
  .meta({ id: 'Source' })
const SOURCE = {
  id: 'src_0123456789abcdef',
  name: '示例市治欠办',
  kinds: ['arrears'],
  region: '4305',
  isSynthetic: true,
  dueEvery: 'day',
  graceHours: 24,
  createdAt: '2026-08-01T09:00:00.000+08:00',
  lastReceivedAt: '2026-08-15T09:31:02.114+08:00',
  newestObservedAt: '2026-08-15T09:30:00.000+08:00',
  dueAt: '2026-08-17T00:00:00.000+08:00',
  isSilent: false,
  last30Days: { batches: 15, received: 400, rejected: 8, rejectedShare: 0.02 },
  keys: { active: 1, toRenewAt: null },
}

function standingOfKeys(keys: readonly SourceKey[]) {
  const nowMs = Date.now()
  return {
    active: keys.filter((key) => standingOf(key, nowMs) === 'active').length,
    toRenewAt: keyToRenew(keys, nowMs)?.expiresAt ?? null,
  }
}

/** The sources: how each sends, made, and told when data are due of them. */
export function sourceRoutes(deps: {
  engine: Engine
  postgres: Postgres
  gate: Gate
  sources: SourceRegistry
  sourceKeys: Pick<SourceKeyDeps['sourceKeys'], 'listKeys'>
}) {
  return new Hono()
    .get(
      '/sources',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '来源及其报送情况', en: 'The sources and how they send' },
        access: 'person',
        right: 'sources.read',
        answers: { 200: json(z.object({ sources: z.array(Shown) }), { sources: [SOURCE] }) },
      }),
      async (c) => {
        const { scope } = await deps.gate.allow(c.req.raw.headers, 'sources.read')
        const keysOf = Map.groupBy(await deps.sourceKeys.listKeys(deps.postgres, null), (key) => key.source)
        const all = await deps.sources.list()
        const states = await readSourceStates(deps.engine, deps.postgres, Date.now())
        const iso = (ms: number | null) => (ms === null ? null : toShanghaiIso(ms))
        return c.json({
          sources: all
            .filter(({ region }) => holdsRegion(scope, region))
            .flatMap((source) => {
              const state = states.get(source.id)
              if (!state) return []
              const { lastReceivedMs, newestObservedMs, dueMs, isSilent, last30Days } = state
              return {
                ...source,
                createdAt: toShanghaiIso(source.createdAt.getTime()),
                lastReceivedAt: iso(lastReceivedMs),
                newestObservedAt: iso(newestObservedMs),
                dueAt: iso(dueMs),
                isSilent,
                last30Days,
                keys: standingOfKeys((keysOf.get(source.id) ?? []).map(shownKey)),
              }
            }),
        })
      },
    )
    .post(
      '/sources',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '新建来源，得到其密钥', en: 'Make a source and get its key' },
        description: { zh: '密钥只在此显示一次。', en: 'The key is shown here once and never again.' },
        access: 'person',
        right: 'sources.manage',
        body: json(Made, {
          name: SOURCE.name,
          kinds: SOURCE.kinds,
          region: '4305',
          synthetic: true,
          dueEvery: 'day',
        }),
        answers: {
          201: json(z.object({ id: z.string(), key: z.string() }), { id: SOURCE.id, key: 'xr_example-key' }),
        },
      }),
      async (c) => {
        const { person, scope } = await deps.gate.allow(c.req.raw.headers, 'sources.manage')
        const { name, kinds, region, synthetic, dueEvery, graceHours } = await readBody(c, Made)
        rejectOutside(scope, region ?? HUNAN)
        return c.json(
          await deps.sources.create(
            { name, kinds, region: region ?? HUNAN, isSynthetic: synthetic, dueEvery, graceHours },
            person.username,
          ),
          201,
        )
      },
    )
    .patch(
      '/sources/:source',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '修改来源的报送频率和宽限', en: 'Change when data are due of a source' },
        description: {
          zh: '未给出的各项不变。dueEvery 为 null 即不再应报、不会静默：单位换下的来源如此。按时率按新的频率重算。',
          en: 'What is left out stays. With `dueEvery` null it owes nothing and is never silent, as one that its unit let go of. Punctuality is judged anew by what holds now.',
        },
        access: 'person',
        right: 'sources.manage',
        path: SourcePath,
        body: json(Changed, { dueEvery: 'month', graceHours: 48 }),
        answers: { 200: json(z.object({ id: z.string() }), { id: SOURCE.id }) },
        errors: ['not_found', 'conflict'],
      }),
      async (c) => {
        const { source } = c.req.param()
        const person = await managerOf(deps, source, c)
        const due = await readBody(c, Changed)
        await deps.postgres.transaction(async (sql) => {
          await deps.sources.changeDue(sql, source, due)
          await noteAct(sql, c, person, 'source.change', source, JSON.stringify(due))
        })
        return c.json({ id: source })
      },
    )
}
