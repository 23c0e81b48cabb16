import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getConnInfo } from '@hono/node-server/conninfo'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import type { Logger } from 'pino'
import { AppError } from '#domain/error.ts'
import { describeRoute } from '#domain/operation.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { readPlainSheet } from '../ingestion/formats/plain-sheet.ts'
import { intakeRulesRoutes } from '../ingestion/intake-rules-routes.ts'
import { quarantineRoutes } from '../ingestion/quarantine-routes.ts'
import { createReporting } from '../ingestion/report.ts'
import { type IngestionDeps, signalRoutes } from '../ingestion/routes.ts'
import { changeKey, createKey, listKeys, revokeKey, rotateKey } from '../ingestion/source-keys.ts'
import { sourceByKey } from '../ingestion/who.ts'
import { withdrawRoutes } from '../ingestion/withdraw-routes.ts'
import { problem } from './http.ts'
import { auditActs } from './identity/act-audit.ts'
import type { Auth } from './identity/auth.ts'
import { auditExports } from './identity/export-audit.ts'
import type { Gate } from './identity/gate.ts'
import { auditRefusals, type Refusals } from './identity/refusals.ts'
import type { Measures } from './measures/answers.ts'
import type { Metrics } from './metrics.ts'
import { methodsBy } from './openapi/methods.ts'
import { openApiRoute } from './openapi/route.ts'
import { HEALTH, METRICS, READINESS } from './openapi/system.ts'
import { accessRoutes } from './routes/access.ts'
import { accountRoutes } from './routes/account.ts'
import { administrationRoutes } from './routes/administration.ts'
import { alertRoutes } from './routes/alerts.ts'
import { analyticsRoutes } from './routes/analytics.ts'
import { auditRoutes } from './routes/audit.ts'
import { householdRoutes } from './routes/households.ts'
import { type IdentityDeps, identityRoutes } from './routes/identities.ts'
import { peopleRoutes } from './routes/people.ts'
import { peopleImportRoutes } from './routes/people-import.ts'
import { roleRoutes } from './routes/roles.ts'
import { sessionRoutes } from './routes/session.ts'
import { sourceKeyRoutes } from './routes/source-keys.ts'
import { sourceRoutes } from './routes/sources.ts'
import { unitRoutes } from './routes/units.ts'
import { wallRoutes } from './routes/walls.ts'
import { clientAddress } from './shield/address.ts'
import { Buckets } from './shield/buckets.ts'
import { protectiveHeaders } from './shield/headers.ts'
import { BODY_MS_MAX, limitBodies } from './shield/limits.ts'
import { limitAddresses, RATES } from './shield/rates.ts'
import { rejectOtherSites } from './shield/same-site.ts'

export type AppDeps = {
  engine: Engine
  postgres: Postgres
  auth: Auth
  gate: Gate
  refusals: Refusals
  measures: Measures
  metrics: Metrics
  log: Logger
  ingestion: IngestionDeps
  identityKeys: IdentityDeps['identityKeys']
  keyRotation: IdentityDeps['keyRotation']
  roles: ReadonlySet<'api' | 'ingestion'>
  isTrustedProxy: (address: string) => boolean
}

/** The typed face of the API, for clients made with `hc`. @public */
export type ApiType = ReturnType<typeof apiRoutes>

function apiRoutes(deps: AppDeps) {
  const sourceKeys = { changeKey, createKey, listKeys, revokeKey, rotateKey }
  return new Hono()
    .route('/v1', analyticsRoutes(deps))
    .route('/v1', alertRoutes(deps))
    .route('/v1', administrationRoutes({ ...deps, sources: deps.ingestion.sources }))
    .route('/v1', sourceRoutes({ ...deps, sources: deps.ingestion.sources, sourceKeys }))
    .route('/v1', sourceKeyRoutes({ ...deps, sourceKeys }))
    .route('/v1', accountRoutes(deps))
    .route('/v1', accessRoutes(deps))
    .route('/v1', roleRoutes(deps))
    .route('/v1', peopleRoutes(deps))
    .route('/v1', peopleImportRoutes({ ...deps, readSheet: readPlainSheet }))
    .route('/v1', householdRoutes({ ...deps, sources: deps.ingestion.sources }))
    .route('/v1', identityRoutes(deps))
    .route('/v1', auditRoutes(deps))
    .route('/v1', wallRoutes(deps))
    .route('/v1', unitRoutes({ ...deps, sendReport: createReporting(deps.ingestion) }))
}

/** Everything this process answers over HTTP. Errors of any depth become problem+json here and nowhere else. */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    const connection = getConnInfo(c).remote.address ?? 'unknown'
    c.set('address', clientAddress(connection, c.req.header('x-forwarded-for'), deps.isTrustedProxy))
    await next()
  })
  app.use(...protectiveHeaders(deps.auth.settings.publicUrl, join(PAGES, '200.html')))
  app.use(compress())
  app.onError((error, c) => {
    if (error instanceof AppError) {
      if (error.code === 'store_away') deps.log.error({ err: error.cause ?? error }, error.message)
      return problem(c, error)
    }
    deps.metrics.faults.inc({ place: 'http' })
    deps.log.error({ err: error, method: c.req.method, path: c.req.path }, 'unexpected error')
    return c.body(
      JSON.stringify({
        type: 'about:blank',
        title: 'Internal Server Error',
        status: 500,
        detail: 'internal error; it has been logged',
      }),
      500,
      {
        'content-type': 'application/problem+json',
      },
    )
  })
  app.use('/v1/*', async (c, next) => {
    // Postgres takes no NUL: wherever in the address it stands, nothing of ours has such a name.
    if (c.req.url.includes('%00'))
      throw new AppError('bad_request', 'the address holds a NUL character; remove it')
    await next()
  })
  app.use('/v1/*', limitAddresses(new Buckets(RATES.address)))
  app.use('/v1/*', rejectOtherSites(deps.auth.settings.publicUrl), limitBodies(BODY_MS_MAX))
  const whoAsks = async (c: Context) => {
    const viewer = await deps.gate.find(c.req.raw.headers)
    if (viewer?.kind === 'person') return viewer.person
    if (viewer?.kind === 'device') return { id: viewer.wall.id, username: viewer.wall.name }
    if (c.req.header('authorization') === undefined) return null
    const { id } = await sourceByKey(deps.ingestion.sources, c)
    return { id, username: id }
  }
  app.use('/v1/*', auditExports(deps.postgres, whoAsks))
  // Who lacks a second factor is nobody to the gate, and known all the same.
  const whoIsRefused = async (c: Context) =>
    (await deps.auth.accountFor(c.req.raw.headers)) ?? (await whoAsks(c))
  app.use('/v1/*', auditRefusals(deps.refusals, whoIsRefused))
  auditActs(app, deps.postgres, whoAsks)
  app.get('/healthz', describeRoute(HEALTH), (c) => c.json({ status: 'ok' }))
  app.get('/readyz', describeRoute(READINESS), async (c) => {
    await deps.postgres.query('SELECT 1')
    await deps.engine.command('SELECT 1')
    return c.json({ status: 'ready' })
  })
  app.get('/metrics', describeRoute(METRICS), async (c) =>
    c.text(await deps.metrics.registry.metrics(), 200, { 'content-type': deps.metrics.registry.contentType }),
  )
  if (deps.roles.has('ingestion'))
    app
      .route('/v1', signalRoutes(deps.ingestion))
      .route('/v1', withdrawRoutes({ ...deps.ingestion, engine: deps.engine }))
      .route('/v1', quarantineRoutes(deps.ingestion))
      .route('/v1', intakeRulesRoutes(deps.ingestion))
  if (deps.roles.has('api')) {
    app.route('/v1', sessionRoutes(deps))
    app.route('/', apiRoutes(deps))
  }
  app.route('/v1', openApiRoute(app))
  const methodsAt = methodsBy(app.routes)
  app.all('/v1/*', (c) => {
    const methods = methodsAt(c.req.path)
    if (methods.length === 0) throw nothingThere()
    c.header('allow', methods.join(', '))
    if (c.req.method === 'OPTIONS') return c.body(null, 204)
    const message = `${c.req.method} is not taken here; use ${methods.join(', ')}`
    throw new AppError('method_not_allowed', message, {
      zh: `这个地址不接受 ${c.req.method}，请用 ${methods.join('、')}`,
    })
  })
  app.notFound((c) => problem(c, nothingThere()))
  if (deps.roles.has('api')) servePages(app)
  return app
}

const nothingThere = () =>
  new AppError('not_found', 'there is nothing at this address', { zh: '这个地址下什么也没有' })

const PAGES = fileURLToPath(new URL('../web/build', import.meta.url))

/** The built pages; any other address gets the application's one page, which finds its way by the address itself. */
function servePages(app: Hono): void {
  if (!existsSync(PAGES)) return
  const root = relative(process.cwd(), PAGES)
  app.use('/_app/immutable/*', async (c, next) => {
    await next()
    if (c.res.ok) c.header('cache-control', 'public, max-age=31536000, immutable')
  })
  // Everything else may change with the next release: ask each time, a wall looks whether there is one.
  const fresh = { onFound: (_path: string, c: Context) => c.header('cache-control', 'no-cache') }
  app.use('/_app/immutable/*', serveStatic({ root, precompressed: true }))
  app.use('*', serveStatic({ root, precompressed: true, ...fresh }))
  app.get('*', serveStatic({ root, precompressed: true, path: '200.html', ...fresh }))
}
