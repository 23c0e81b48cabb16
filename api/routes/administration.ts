import { Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import { HUNAN } from '#domain/region.ts'
import { Kind } from '#domain/signal.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { NEWEST_RECEIPTS } from '#sql/queries/newest-receipts.ts'
import { RegionParam, readBody } from '../http.ts'
import type { Auth } from '../identity/auth.ts'
import type { Gate } from '../identity/gate.ts'
import { readSilent } from '../measures/silent.ts'

/** The registry of sources as this side needs it; ingestion owns it. */
export type SourceRegistry = {
  create(source: {
    name: string
    kinds: Kind[]
    region: string
    isSynthetic: boolean
    dueEvery: 'day' | 'month' | null
    graceHours: number
  }): Promise<{ id: string; key: string }>
  list(): Promise<
    {
      id: string
      name: string
      kinds: Kind[]
      region: string
      isSynthetic: boolean
      dueEvery: string | null
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
  password: z.string().min(8, 'must have at least 8 characters').max(128),
})
const SetUp = Credentials.extend({ token: z.string().min(1).max(200) })
const NewPerson = Credentials.extend({
  role: z.literal('reporter', 'must be reporter: the other roles are not given out here yet'),
  unit: z.string().min(1).max(100),
})

/** Log-in state, first set-up, sources, and the state of the installation. */
export function administrationRoutes(deps: {
  engine: Engine
  postgres: Postgres
  auth: Auth
  gate: Gate
  sources: SourceRegistry
}) {
  return new Hono()
    .get('/me', async (c) => {
      const viewer = await deps.gate.viewer(c.req.raw.headers)
      return c.json(
        viewer.kind === 'person'
          ? { viewer: 'user' as const, user: viewer.person }
          : { viewer: 'wall' as const, user: null },
      )
    })
    .post('/setup', async (c) => {
      const { token, username, password } = await readBody(c, SetUp)
      await deps.auth.setUp(token, username, password)
      return c.json({ username }, 201)
    })
    .post('/people', async (c) => {
      await deps.gate.administrator(c.req.raw.headers)
      const { username, password, role, unit } = await readBody(c, NewPerson)
      const [found] = await deps.postgres.query('SELECT 1 FROM units WHERE id = $1', [unit])
      if (!found) throw new AppError('bad_request', 'unit: there is no such unit')
      const id = await deps.auth.createPerson(username, password, role)
      await deps.postgres.query('INSERT INTO unit_reporters ("userId", "unitId") VALUES ($1, $2)', [id, unit])
      return c.json({ id, username, role, unit }, 201)
    })
    .get('/status', async (c) => {
      await deps.gate.viewer(c.req.raw.headers)
      const nowMs = Date.now()
      const [counts] = await deps.postgres.query<{ n: number | string; synthetic: boolean }>(
        'SELECT count(*) AS n, coalesce(bool_or("isSynthetic"), false) AS synthetic FROM sources',
      )
      const receipts = await deps.engine.query(NEWEST_RECEIPTS)
      const newestMicros = Math.max(0, ...receipts.map((receipt) => receipt.knownAtMicros))
      const silent = await readSilent(deps.engine, deps.postgres, {
        atMs: nowMs,
        knownAtMs: null,
        by: [],
        region: null,
      })
      const dataAt = newestMicros > 0 ? toShanghaiIso(Math.floor(newestMicros / 1000)) : null
      return c.json({
        isSynthetic: counts?.synthetic ?? false,
        dataAt,
        knownAt: dataAt,
        sources: Number(counts?.n ?? 0),
        silentSources: Number(silent[0]?.value ?? 0),
        asOf: toShanghaiIso(nowMs),
      })
    })
    .get('/sources', async (c) => {
      await deps.gate.administrator(c.req.raw.headers)
      return c.json({
        sources: (await deps.sources.list()).map((source) => ({
          ...source,
          createdAt: toShanghaiIso(source.createdAt.getTime()),
        })),
      })
    })
    .post('/sources', async (c) => {
      await deps.gate.administrator(c.req.raw.headers)
      const { name, kinds, region, synthetic, dueEvery, graceHours } = await readBody(c, NewSource)
      return c.json(
        await deps.sources.create({
          name,
          kinds,
          region: region ?? HUNAN,
          isSynthetic: synthetic,
          dueEvery,
          graceHours,
        }),
        201,
      )
    })
}
