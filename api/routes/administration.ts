import { Hono } from 'hono'
import { z } from 'zod'
import { Me, Status } from '#domain/installation.ts'
import { describeRoute, json } from '#domain/operation.ts'
import { holdsRegion } from '#domain/scope.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { NEWEST_RECEIPTS } from '#sql/queries/newest-receipts.ts'
import { readBody } from '../http.ts'
import { rightsOf, scopeFor } from '../identity/access.ts'
import type { Auth } from '../identity/auth.ts'
import { accessTagOf, type Gate } from '../identity/gate.ts'
import { readSilent } from '../measures/silent.ts'
import type { SourceRegistry } from './sources.ts'

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
/** Log-in state, first set-up, and the state of the installation. */
export function administrationRoutes(deps: {
  engine: Engine
  postgres: Postgres
  auth: Auth
  gate: Gate
  sources: Pick<SourceRegistry, 'list'>
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
}
