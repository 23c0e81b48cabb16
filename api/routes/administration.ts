import { Hono } from 'hono'
import { z } from 'zod'
import { Me, Status } from '#domain/installation.ts'
import { describeRoute, json } from '#domain/operation.ts'
import { HUNAN } from '#domain/region.ts'
import { holdsRegion, rejectOutside } from '#domain/scope.ts'
import { Kind } from '#domain/signal.ts'
import { keyToRenew, type SourceKey, standingOf } from '#domain/source-key.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { NEWEST_RECEIPTS } from '#sql/queries/newest-receipts.ts'
import { RegionParam, readBody } from '../http.ts'
import { rightsOf, scopeFor } from '../identity/access.ts'
import type { Auth } from '../identity/auth.ts'
import { accessTagOf, type Gate } from '../identity/gate.ts'
import { readSilent } from '../measures/silent.ts'
import { readSourceStates } from '../measures/source-states.ts'
import { type SourceKeyDeps, shownKey } from './source-keys.ts'

/** The registry of sources as this side needs it; ingestion owns it. */
export type SourceRegistry = {
  create(
    source: {
      name: string
      kinds: Kind[]
      region: string
      isSynthetic: boolean
      dueEvery: 'day' | 'month' | null
      graceHours: number
    },
    by: string,
  ): Promise<{ id: string; key: string }>
  list(): Promise<
    {
      id: string
      name: string
      kinds: Kind[]
      region: string
      isSynthetic: boolean
      dueEvery: 'day' | 'month' | null
      graceHours: number
      createdAt: Date
    }[]
  >
}

const NewSource = z.object({
  name: z.string().trim().min(1, 'must not be empty').max(100),
  kinds: z.array(Kind).min(1, 'must name at least one kind'),
  region: RegionParam.default(HUNAN),
  synthetic: z.boolean().default(false),
  dueEvery: z.enum(['day', 'month']).nullable().default(null),
  graceHours: z.int().min(0).max(8760).default(24),
})

const Credentials = z.object({
  username: z.string().regex(/^[A-Za-z0-9_.]{3,30}$/, 'must be 3 to 30 letters, digits, dots or underscores'),
  password: z.string().max(512),
})
const SetUp = Credentials.extend({ token: z.string().min(1).max(200) })

const WALL_POST = {
  role: 'wall',
  rights: ['figures.read', 'alerts.read'],
  regions: [],
  side: 'both',
  sectors: [],
}
const Source = z
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

/** Log-in state, first set-up, sources, and the state of the installation. */
export function administrationRoutes(deps: {
  engine: Engine
  postgres: Postgres
  auth: Auth
  gate: Gate
  sources: SourceRegistry
  sourceKeys: Pick<SourceKeyDeps['sourceKeys'], 'listKeys'>
}) {
  return new Hono()
    .get(
      '/me',
      describeRoute({
        chapter: 'session',
        summary: { zh: '我是谁，能做什么', en: 'Who am I, and what may I do' },
        description: {
          zh: 'rights 为当前全部权限；posts 为现行任职：各权限只在给出它的任职的地区（空为全部）、口径与行业内有效。',
          en: 'rights are all that hold now; posts are those in force: a right holds for the regions (none: everywhere), side and sectors of the posts that give it.',
        },
        access: 'viewer',
        answers: {
          200: json(Me, {
            viewer: 'wall',
            user: null,
            rights: WALL_POST.rights,
            posts: [WALL_POST],
            accessTag: 'k3v0zJmBq1x8yTQ0b2m7sWnX5oYc9dLrE4uHfGiA6Rw',
          }),
        },
      }),
      async (c) => {
        const viewer = await deps.gate.viewer(c.req.raw.headers)
        const { access } = viewer
        return c.json({
          viewer: viewer.kind === 'person' ? ('user' as const) : viewer.kind,
          user: viewer.kind === 'person' ? viewer.person : null,
          rights: rightsOf(access),
          posts: access.posts,
          accessTag: accessTagOf(viewer),
        })
      },
    )
    .post(
      '/setup',
      describeRoute({
        chapter: 'session',
        summary: { zh: '用一次性链接创建管理员', en: 'Make the administrator by the one-time link' },
        access: 'open',
        body: json(SetUp, { token: 'example-token', username: 'demo', password: 'demo-hunan-2026' }),
        answers: { 201: json(z.object({ username: z.string() }), { username: 'demo' }) },
        errors: ['forbidden', 'conflict', 'store_away'],
      }),
      async (c) => {
        const { token, username, password } = await readBody(c, SetUp)
        await deps.auth.setUp(token, username, password)
        return c.json({ username }, 201)
      },
    )
    .get(
      '/status',
      describeRoute({
        chapter: 'system',
        summary: { zh: '系统状态与数据截至时间', en: 'State of the system and how fresh its data are' },
        access: 'viewer',
        answers: {
          200: json(Status, {
            isSynthetic: true,
            dataAt: '2026-08-15T09:31:02.114+08:00',
            knownAt: '2026-08-15T09:31:02.114+08:00',
            sources: 1,
            silentSources: 0,
            asOf: '2026-08-15T09:31:05.000+08:00',
          }),
        },
      }),
      async (c) => {
        const { access } = await deps.gate.viewer(c.req.raw.headers)
        const scope = scopeFor(access, 'figures.read')
        const nowMs = Date.now()
        const sources = await deps.sources.list()
        const receipts = await deps.engine.query(NEWEST_RECEIPTS)
        const newestMicros = Math.max(0, ...receipts.map((receipt) => receipt.knownAtMicros))
        const asked = { atMs: nowMs, knownAtMs: null, by: [], region: null }
        const silent = scope ? await readSilent(deps.engine, deps.postgres, scope, asked) : []
        const dataAt = newestMicros > 0 ? toShanghaiIso(Math.floor(newestMicros / 1000)) : null
        return c.json({
          isSynthetic: sources.some((source) => source.isSynthetic),
          dataAt,
          knownAt: dataAt,
          sources: sources.filter(({ region }) => scope !== null && holdsRegion(scope, region)).length,
          silentSources: Number(silent[0]?.value ?? 0),
          asOf: toShanghaiIso(nowMs),
        })
      },
    )
    .get(
      '/sources',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '来源及其报送情况', en: 'The sources and how they send' },
        access: 'person',
        right: 'sources.read',
        answers: { 200: json(z.object({ sources: z.array(Source) }), { sources: [SOURCE] }) },
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
        body: json(NewSource, {
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
        const { name, kinds, region, synthetic, dueEvery, graceHours } = await readBody(c, NewSource)
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
}
