import { once } from 'node:events'
import type { Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { AppError } from '#domain/error.ts'
import { KINDS, type Kind } from '#domain/signal.ts'
import { HOUR_MS } from '#domain/time.ts'
import { lockDirectory } from '#sql/directory-lock.ts'
import { openStores } from '#sql/open.ts'
import type { Sql } from '#sql/postgres.ts'
import { AcceptPool } from '../ingestion/accept-pool.ts'
import { Batches } from '../ingestion/batches.ts'
import { Buffer } from '../ingestion/buffer.ts'
import { ColumnMemory } from '../ingestion/column-memory.ts'
import { createCommitters } from '../ingestion/commit.ts'
import { deriveIdentitySeal } from '../ingestion/identity-seal.ts'
import { KeptFiles } from '../ingestion/kept-files.ts'
import { withLeanHeap } from '../ingestion/lean-heap.ts'
import { OrphanedBatches } from '../ingestion/orphaned-batches.ts'
import { Quarantine } from '../ingestion/quarantine.ts'
import { watchRoom } from '../ingestion/room.ts'
import type { IngestionDeps } from '../ingestion/routes.ts'
import { deriveFileSeal } from '../ingestion/sealed-files.ts'
import { deriveKeys, rejectOtherSecret } from '../ingestion/secret.ts'
import { KEYS_CHANNEL } from '../ingestion/source-keys.ts'
import { Sources } from '../ingestion/sources.ts'
import { UploadLog } from '../ingestion/upload-log.ts'
import { placeOf, Uploads } from '../ingestion/uploads.ts'
import { Vault } from '../ingestion/vault.ts'
import { dismissWaiting, withdrawStored } from '../ingestion/withdrawals.ts'
import { ARREARS_CHANNEL, COMMIT_CHANNEL, Dispatcher } from './alerts/dispatch.ts'
import { fillHomeRegions } from './alerts/home-regions.ts'
import { createApp } from './app.ts'
import { type Config, localUrl, readConfig } from './config.ts'
import { startAnchoring } from './identity/anchor.ts'
import { type Auth, createAuth } from './identity/auth.ts'
import { createGate } from './identity/gate.ts'
import { noteAct } from './identity/note-act.ts'
import { Refusals } from './identity/refusals.ts'
import { sweepSessions } from './identity/sessions.ts'
import { startLive } from './live/server.ts'
import { createLog, loggable } from './log.ts'
import { Measures } from './measures/answers.ts'
import { createMetrics } from './metrics.ts'
import { insideOf } from './shield/address.ts'
import { Buckets } from './shield/buckets.ts'
import { limitConnections, SERVER_LIMITS } from './shield/limits.ts'
import { limitPeople, RATES } from './shield/rates.ts'
import { startWatchdog } from './watchdog.ts'

const STOP_MS = 15_000
/**
 * After a start that failed. V8's compiler on its own thread may ask the main thread to collect garbage and wait for it; one
 * that is ending the process by then waits for that thread, and neither goes on (Node 24.21, one to five starts of a hundred).
 */
const CALM_MS = 100
/** A bell that could not be rung, as the database was away just then, is made up for by a look at the mark. */
const BELL_MS = 5_000
/** How often it is looked whether a failure is over and left a batch that nobody wrote down. */
const ORPHANS_MS = 30_000
/** How often sessions that have run out are cleared away, and their sockets with them. */
const SWEEP_MS = 15_000

try {
  await start(readConfig(process.env))
} catch (error) {
  // What an operator can mend is one line; anything else is a defect and shows where it happened.
  console.error(error instanceof AppError ? `xiangrong cannot start: ${error.message}` : loggable(error))
  await sleep(CALM_MS)
  process.exit(1)
}

async function start(config: Config): Promise<void> {
  const log = createLog()
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'unexpected error; the process ends')
    process.exit(1)
  })
  if (config.databaseUrl === undefined) startWatchdog()
  const stores = await openStores(config)
  const { engine, postgres } = stores
  const isShared = config.clickhouseUrl !== undefined && config.databaseUrl !== undefined
  // Files that wait lie there also where both stores are elsewhere: two processes would take each other's for their own.
  const unlock = isShared && config.roles.has('ingestion') ? lockDirectory(config.dataDir) : () => undefined
  await rejectOtherSecret(postgres, config.secret)
  const metrics = createMetrics()
  const failed = (place: string) => (error: unknown) => {
    metrics.faults.inc({ place })
    log.error({ err: error }, `${place} failed; it will be tried again`)
  }
  const keys = deriveKeys(config.secret)
  const seal = deriveIdentitySeal(config.secret)
  const vault = new Vault(engine, postgres, seal, failed('vault'))
  await vault.start()
  const keyVersion = () => vault.keyVersion
  const acceptPool = new AcceptPool(config.secret)
  const committers = createCommitters(engine, postgres, isShared, (fresh, receivedMicros) =>
    vault.put(fresh, receivedMicros),
  )
  const committed = (kind: Kind) => {
    const channels = kind === 'arrears' ? [COMMIT_CHANNEL, ARREARS_CHANNEL] : [COMMIT_CHANNEL]
    void postgres
      .query(`SELECT pg_notify(channel, '') FROM unnest($1::text[]) AS channel`, [channels])
      .catch(failed('bell'))
  }
  const orphans = new OrphanedBatches(engine, postgres)
  const suspect = () => orphans.suspect(Date.now())
  const bufferFor = <K extends Kind>(kind: K) =>
    new Buffer(
      committers[kind] as never,
      () => committed(kind),
      () => acceptPool.isMoreComing(kind),
      suspect,
    ) as Buffer<K>
  const buffers = {
    workers: bufferFor('workers'),
    arrears: bufferFor('arrears'),
    industry: bufferFor('industry'),
  }
  if (config.roles.has('ingestion')) {
    for (const kind of KINDS) await committers[kind].recover()
    await orphans.adoptLeft(isShared, Date.now())
  }
  const auth = limitPeople(
    createAuth(postgres, config.secret, failed('log-in'), config.auth),
    new Buckets(RATES.person),
  )
  const gate = createGate(auth, postgres, config.isLoopback)
  const refusals = new Refusals(postgres, failed('audit'))
  const measures = new Measures(engine, postgres, keys.blurKey)
  const sources = new Sources(postgres, insideOf)
  await postgres.listen(KEYS_CHANNEL, () => sources.forget())
  const batches = new Batches(postgres, keys, suspect)
  const columns = new ColumnMemory(postgres)
  const counted: IngestionDeps['counted'] = (kind, outcome, rows) => metrics.rows.inc({ kind, outcome }, rows)
  const keptFiles = new KeptFiles()
  const rejectWhenFull = watchRoom(config.dataDir, () => keptFiles.giveWay())
  const uploads = new Uploads({
    engine,
    sources,
    committers,
    buffers,
    columns,
    acceptPool,
    keyVersion,
    counted,
    async withdraw(upload, reason) {
      await withdrawStored({ engine, postgres, committers }, upload, { reason, by: upload.source })
      committed(upload.kind)
    },
    dismiss: (upload, reason) => dismissWaiting(postgres, upload.batch, { by: upload.source, reason }),
    rejectWhenFull,
    log: new UploadLog(postgres, batches, placeOf(config.dataDir)),
    dataDir: config.dataDir,
    fileSeal: deriveFileSeal(config.secret, keyVersion),
    failed: failed('upload'),
  })
  if (config.roles.has('ingestion')) await uploads.recover()
  const app = createApp({
    engine,
    postgres,
    auth,
    gate,
    refusals,
    measures,
    metrics,
    log,
    roles: config.roles,
    isTrustedProxy: config.isTrustedProxy,
    identityKeys: { ...seal, personKey: keys.personKey, unseal: keys.unseal },
    keyRotation: vault,
    ingestion: {
      sources,
      batches,
      columns,
      uploads,
      keptFiles,
      committers,
      buffers,
      keys,
      acceptPool,
      keyVersion,
      postgres,
      quarantine: new Quarantine({ postgres, sources, batches, buffers, keys, acceptPool, keyVersion }),
      committed,
      allow: (headers, right) => gate.allow(headers, right),
      audited: (c, { name, ...who }, action, subject, reason, sql) => {
        const by = { id: who.kind === 'source' ? who.source.id : who.id, username: name }
        const note = (within: Sql) => noteAct(within, c, by, action, subject, reason)
        return sql ? note(sql) : postgres.transaction(note)
      },
      rejectWhenFull,
      counted,
    },
  })
  const dispatcher = new Dispatcher({
    engine,
    postgres,
    counted: (reason) => metrics.decisions.inc({ reason }),
    failed(error) {
      failed('alerting')(error)
      live?.tellJudging(false)
    },
    worked: () => live?.tellJudging(true),
    sparingly: withLeanHeap,
  })
  // Before anybody is let in: from then on nothing that is open reaches people by what an older release wrote of it.
  if (config.roles.has('api')) {
    await dispatcher.judgeOpenAgain(Date.now())
    await fillHomeRegions(engine, postgres, Date.now())
  }
  const server = serve({
    fetch: app.fetch,
    port: config.port,
    hostname: config.host,
    serverOptions: SERVER_LIMITS,
  }) as Server
  limitConnections(server, config.isTrustedProxy)
  await once(server, 'listening').catch((error) => {
    throw portFault(error, config)
  })
  const live = config.roles.has('api')
    ? await startLive(server, {
        engine,
        postgres,
        gate,
        measures,
        publicUrl: config.auth.publicUrl,
        failed: failed('live'),
      })
    : null
  if (config.roles.has('api')) {
    await postgres.listen(ARREARS_CHANNEL, () => dispatcher.ring())
    dispatcher.ring() // What was committed but not judged before the last stop.
  }
  const waiting = setInterval(() => {
    for (const kind of KINDS) metrics.waiting.set({ kind }, buffers[kind].waitingRows)
  }, 1_000)
  const missedBells = setInterval(() => {
    if (config.roles.has('api')) dispatcher.ring()
  }, BELL_MS)
  const adopting = setInterval(() => {
    void orphans.adoptFailed(Date.now()).catch(failed('ingestion'))
  }, ORPHANS_MS)
  const anchoring = startAnchoring(postgres, log, failed('audit'))
  const sweep = setInterval(() => {
    void sweepSessions(postgres, config.auth.sessionIdleMinutes).catch(failed('log-in'))
  }, SWEEP_MS)
  // All that is kept is read for it.
  const sweepingKept = setInterval(() => {
    void batches.sweepAnswers().catch(failed('kept answers'))
    void batches.sweepTrials(Date.now()).catch(failed('trials'))
  }, HOUR_MS)
  await sayWhere(config, server, auth)

  let isStopping = false
  const stop = async () => {
    if (isStopping) return
    isStopping = true
    setTimeout(() => process.exit(1), STOP_MS).unref()
    clearInterval(waiting)
    clearInterval(missedBells)
    clearInterval(adopting)
    anchoring.close()
    clearInterval(sweep)
    clearInterval(sweepingKept)
    await live?.close()
    const closed = once(server, 'close')
    server.close()
    await uploads.close()
    await keptFiles.giveWay()
    await acceptPool.close()
    await Promise.all(KINDS.map((kind) => buffers[kind].drain()))
    server.closeIdleConnections()
    await Promise.race([closed, sleep(3_000)])
    await dispatcher.close()
    await refusals.close()
    await vault.close()
    await stores.close()
    unlock()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
}

/** Makes the administrator of the settings, or a one-time link when nobody can log in; says where the system is. */
async function sayWhere(config: Config, server: Server, auth: Auth): Promise<void> {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : config.port
  const url = localUrl(config.host, port)
  if (config.roles.has('api') && !(await auth.hasPeople())) {
    if (config.admin) await auth.createPerson(config.admin.username, config.admin.password, 'administrator')
    else
      console.log(
        `first start: make the administrator at ${config.auth.publicUrl ?? url}/setup#${await auth.issueSetupToken()} (works once)`,
      )
  }
  console.log(`xiangrong is ready at ${url}`)
}

function portFault(error: NodeJS.ErrnoException, config: Config): unknown {
  if (error.code === 'EADDRINUSE')
    return new AppError('bad_setting', `setting PORT: ${config.port} is in use on ${config.host}`)
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new AppError('bad_setting', `setting HOST: ${config.host} is not an address of this machine`)
  if (error.code === 'EACCES')
    return new AppError('bad_setting', `setting PORT: ${config.port} may not be used by this user`)
  return error
}
