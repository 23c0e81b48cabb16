import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import { Lock, Locks, LockTerms, OpenedLocks, OpenLock } from '#domain/lock.ts'
import { describeRoute, json } from '#domain/operation.ts'
import { canonicalRegion } from '#domain/region.ts'
import { holdsRegion, rejectOutside } from '#domain/scope.ts'
import { Sector } from '#domain/sector.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import type { Committers } from './commit.ts'
import type { Quarantine } from './quarantine.ts'
import { readJson } from './read-json.ts'
import { canonicalTheirs, SCHEME_FIELDS } from './schemes.ts'
import { unmappedOf } from './unmapped.ts'
import { personFor, sourceWithin, type WhoDeps, wholeFor } from './who.ts'

export type IntakeRulesDeps = WhoDeps & { postgres: Postgres; quarantine: Quarantine; committers: Committers }

const LOCK = {
  kind: 'workers',
  region: '52',
  before: '2026-01-01T00:00:00.000+08:00',
  reason: '年报已定',
  exceptions: [],
}

const Mapping = z.object({
  field: z.enum(SCHEME_FIELDS),
  theirs: z.string().transform(canonicalTheirs).pipe(z.string().min(1).max(100)),
  ours: z.string().trim().min(1).max(100),
})
const PutMappings = z.strictObject({ mappings: z.array(Mapping).max(20_000) })
const Mappings = z.object({
  mappings: z.array(z.object({ field: z.enum(SCHEME_FIELDS), theirs: z.string(), ours: z.string() })),
})
const Unmapped = z.object({
  unmapped: z.array(z.object({ field: z.string(), theirs: z.string(), rows: z.int() })),
})
const MAPPINGS = { mappings: [{ field: 'region', theirs: 'HN-05-22', ours: '430522' }] }
const SourcePath = z.object({
  source: z.string().meta({ zh: '来源', en: 'Source', example: 'src_0123456789abcdef' }),
})

/** Closed periods, and what sources call things. A change holds at once in this process, in others after two seconds. */
export function intakeRulesRoutes(deps: IntakeRulesDeps) {
  return new Hono()
    .get(
      '/locks',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '已封账的时期', en: 'Periods closed for late data' },
        access: 'person',
        right: 'intake.manage',
        answers: {
          200: json(Locks, { locks: [{ ...LOCK, by: 'admin', since: '2026-02-01T09:00:00.000+08:00' }] }),
        },
      }),
      async (c) => {
        const { scope } = await personFor(deps, c.req.raw.headers, 'intake.manage')
        const locks = await readLocks(deps.postgres)
        return c.json({ locks: locks.filter(({ region }) => holdsRegion(scope, region)) })
      },
    )
    .put(
      '/locks',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '封账或改期', en: 'Close a period' },
        description: {
          zh: '此后该地区及下级早于 before 的该类迟报一律退回，含这类数据的批次也不能撤回，列出的来源除外。已封账的再次提交即为修改；提前 before 会重新开放一段日子，须另写 reason。',
          en: 'From then on late rows of the kind and region subtree that speak of before `before` are rejected, and no batch that has such rows is withdrawn, but for those of the sources named. Put again, it is changed; an earlier `before` opens days again and needs a `reason` of its own.',
        },
        access: 'person',
        right: 'intake.manage',
        body: json(LockTerms, LOCK),
        answers: {
          200: json(Lock, { ...LOCK, by: 'admin', since: '2026-02-01T09:00:00.000+08:00' }),
        },
      }),
      async (c) => {
        const who = await personFor(deps, c.req.raw.headers, 'intake.manage')
        const lock = await readJson(c, LockTerms)
        rejectOutside(who.scope, lock.region)
        const subject = `${lock.kind} ${lock.region}`
        await deps.postgres.transaction(async (sql) => {
          const excepted = await putLock(sql, lock, who.name)
          await deps.audited(c, who, 'lock.put', subject, lock.reason, sql)
          for (const { source, reason } of excepted)
            await deps.audited(c, who, 'lock.except', `${subject} ${source}`, reason, sql)
        })
        deps.sources.forget()
        // Whoever is answered that a period is closed finds its figures as they stay.
        await deps.committers[lock.kind].settled()
        const [put] = (await readLocks(deps.postgres)).filter(
          (one) => one.kind === lock.kind && one.region === lock.region,
        )
        return c.json(put)
      },
    )
    .post(
      '/locks/open',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '解除封账', en: 'Open a period again' },
        description: {
          zh: '事由写入审计日志。没有这样的封账时 removed 为 0。',
          en: 'The reason goes into the audit log. Where no such period is closed, `removed` is 0.',
        },
        access: 'person',
        right: 'intake.manage',
        body: json(OpenLock, { kind: 'workers', region: '52', reason: '补报遗漏台账' }),
        answers: { 200: json(OpenedLocks, { removed: 1 }) },
      }),
      async (c) => {
        const who = await personFor(deps, c.req.raw.headers, 'intake.manage')
        const { kind, region, reason } = await readJson(c, OpenLock)
        rejectOutside(who.scope, region)
        const removed = await deps.postgres.transaction(async (sql) => {
          const gone = await sql.query('DELETE FROM locks WHERE kind = $1 AND region = $2 RETURNING kind', [
            kind,
            region,
          ])
          if (gone.length > 0) await deps.audited(c, who, 'lock.delete', `${kind} ${region}`, reason, sql)
          return gone.length
        })
        deps.sources.forget()
        return c.json({ removed })
      },
    )
    .get(
      '/sources/:source/mappings',
      describeRoute({
        chapter: 'signals',
        summary: { zh: '来源的代码对照表', en: 'What a source calls things' },
        access: 'sourceOrPerson',
        right: 'intake.manage',
        path: SourcePath,
        answers: { 200: json(Mappings, MAPPINGS) },
        errors: ['not_found'],
      }),
      async (c) => c.json({ mappings: await readMappings(deps.postgres, await sourceOf(deps, c)) }),
    )
    .put(
      '/sources/:source/mappings',
      describeRoute({
        chapter: 'signals',
        summary: { zh: '设定代码对照表', en: 'Say what a source calls things' },
        description: {
          zh: '整表替换。地区、行业一旦有表，表外代码即退回；用人单位名称表外照收。',
          en: 'Replaces all tables of the source. Where there is a table of regions or sectors, codes that it lacks are rejected; employer names that are not in it are taken as they are.',
        },
        access: 'sourceOrPerson',
        right: 'intake.manage',
        path: SourcePath,
        body: json(PutMappings, { mappings: [] }),
        answers: { 200: json(Mappings, { mappings: [] }) },
        errors: ['not_found'],
      }),
      async (c) => {
        const who = await wholeFor(deps, c, 'intake.manage')
        const source = await sourceOf(deps, c)
        const { mappings } = await readJson(c, PutMappings)
        await deps.postgres.transaction(async (sql) => {
          await putMappings(sql, source, mappings)
          await deps.audited(c, who, 'mappings.put', source, '', sql)
        })
        deps.sources.forget()
        return c.json({ mappings: await readMappings(deps.postgres, source) })
      },
    )
    .get(
      '/sources/:source/mappings/unmapped',
      describeRoute({
        chapter: 'signals',
        summary: { zh: '对照表缺少的代码', en: 'Codes that the tables lack' },
        access: 'sourceOrPerson',
        right: 'intake.manage',
        path: SourcePath,
        answers: { 200: json(Unmapped, { unmapped: [{ field: 'region', theirs: 'HN-05-23', rows: 12 }] }) },
        errors: ['not_found'],
      }),
      async (c) => c.json({ unmapped: await unmappedOf(deps.quarantine, await sourceOf(deps, c)) }),
    )
}

/** The source of the address, which is that of the key where one is sent. @throws AppError. */
async function sourceOf(deps: IntakeRulesDeps, c: Context): Promise<string> {
  const id = c.req.param('source') ?? ''
  const who = await wholeFor(deps, c, 'intake.manage')
  if (who.kind === 'person') return (await sourceWithin(deps, who.scope, id)).id
  if (who.source.id !== id) throw new AppError('not_found', 'there is no such source')
  return id
}

async function readLocks(postgres: Postgres): Promise<Lock[]> {
  const rows = await postgres.query<Lock & { before: Date; since: Date }>(
    `SELECT l.*, coalesce((SELECT jsonb_agg(jsonb_build_object('source', e.source, 'reason', e.reason) ORDER BY e.source)
       FROM lock_exceptions e WHERE e.kind = l.kind AND e.region = l.region), '[]') AS exceptions
     FROM locks l ORDER BY l.kind, l.region`,
  )
  const iso = (at: Date) => toShanghaiIso(at.getTime())
  return rows.map((row) => ({ ...row, before: iso(row.before), since: iso(row.since) }))
}

/**
 * Closes a period, or changes how it is closed; answers the exceptions that were not there before with this reason.
 * @throws AppError `bad_request`: no such source, or days are opened with the reason for closing them.
 */
async function putLock(sql: Sql, lock: LockTerms, by: string): Promise<LockTerms['exceptions']> {
  const { kind, region, before, reason, exceptions } = lock
  const ids = exceptions.map((one) => one.source)
  const known = await sql.query<{ id: string }>('SELECT id FROM sources WHERE id = ANY($1::text[])', [ids])
  if (known.length < new Set(ids).size)
    throw new AppError('bad_request', 'exceptions: names a source that does not exist')
  const [stands] = await sql.query<{ before: Date; reason: string }>(
    'SELECT "before", reason FROM locks WHERE kind = $1 AND region = $2 FOR UPDATE',
    [kind, region],
  )
  if (stands && before < stands.before.getTime() && reason === stands.reason)
    throw new AppError(
      'bad_request',
      'reason: is still why the period was closed; an earlier `before` opens days of it again, say why',
    )
  await sql.query(
    `INSERT INTO locks (kind, region, "before", reason, "by") VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (kind, region) DO UPDATE SET "before" = excluded."before", reason = excluded.reason, "by" = excluded."by", since = now()`,
    [kind, region, new Date(before), reason, by],
  )
  const gone = await sql.query<LockTerms['exceptions'][number]>(
    'DELETE FROM lock_exceptions WHERE kind = $1 AND region = $2 RETURNING source, reason',
    [kind, region],
  )
  const put = await sql.query<LockTerms['exceptions'][number]>(
    `INSERT INTO lock_exceptions (kind, region, source, reason) SELECT $1, $2, * FROM unnest($3::text[], $4::text[])
       ON CONFLICT DO NOTHING RETURNING source, reason`,
    [kind, region, ids, exceptions.map((one) => one.reason)],
  )
  return put.filter(
    (one) => !gone.some(({ source, reason }) => source === one.source && reason === one.reason),
  )
}

async function readMappings(postgres: Postgres, source: string) {
  return await postgres.query<z.infer<typeof Mapping>>(
    'SELECT field, theirs, ours FROM source_mappings WHERE source = $1 ORDER BY field, theirs',
    [source],
  )
}

/** Replaces the tables of a source. @throws AppError `bad_request` for an `ours` that does not exist here, or a name twice. */
async function putMappings(sql: Sql, source: string, mappings: readonly z.infer<typeof Mapping>[]) {
  const seen = new Set<string>()
  for (const [i, { field, theirs, ours }] of mappings.entries()) {
    const isOurs =
      field === 'employer' ||
      (field === 'region' ? canonicalRegion(ours) !== null : Sector.safeParse(ours).success)
    if (!isOurs) throw new AppError('bad_request', `mappings.${i}.ours: is not a ${field} code here`)
    if (seen.size === seen.add(`${field} ${theirs}`).size)
      throw new AppError('bad_request', `mappings.${i}.theirs: is there twice for this field`)
  }
  await sql.query('DELETE FROM source_mappings WHERE source = $1', [source])
  await sql.query(
    'INSERT INTO source_mappings (source, field, theirs, ours) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[])',
    [
      source,
      mappings.map((one) => one.field),
      mappings.map((one) => one.theirs),
      mappings.map((one) => one.ours),
    ],
  )
}
