import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { punctualityReachMs } from '#domain/duty.ts'
import { earlierReports } from '#domain/earlier-report.ts'
import { AppError } from '#domain/error.ts'
import { fenToYuan } from '#domain/money.ts'
import { describeRoute } from '#domain/operation.ts'
import {
  Area,
  areaOf,
  commandOf,
  instantPointId,
  isAskedFor,
  ownerOf,
  PutUnit,
  regionsOf,
  type Unit,
  UnitKind,
  UnitRank,
} from '#domain/organisation.ts'
import type { Right } from '#domain/right.ts'
import { holdsRegion, rejectOutside, type Scope } from '#domain/scope.ts'
import type { Report } from '#domain/source.ts'
import { DAY_MS, shanghaiDay, startOf, toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { LAST_PERIOD } from '#sql/queries/last-period.ts'
import { RECENT_RECEIPTS } from '#sql/queries/recent-receipts.ts'
import { RECENT_REPORTS } from '#sql/queries/recent-reports.ts'
import { RegionParam, readBody, readQuery } from '../http.ts'
import { scopeFor } from '../identity/access.ts'
import { type Gate, requireRight } from '../identity/gate.ts'
import { readEarlierReports, replaceEarlierReports } from '../registry/earlier-reports.ts'
import { readStandings, type Standing } from '../registry/standing.ts'
import { type KeptUnit, noSuchUnit, Units } from '../registry/units.ts'
import { DutyEntries, NewUnit, NewUnits } from './new-unit.ts'
import { Corrects, UNIT_OPERATIONS } from './unit-operations.ts'

/** Hands one industry report to ingestion as a source; answers as `POST /v1/signals/industry` does. */
export type SendReport = (c: Context, report: Report) => Promise<Response>

const ListParams = z.object({
  kind: UnitKind.optional().meta({ zh: '单位类别', en: 'Kind of unit', example: 'park' }),
  rank: UnitRank.optional().meta({ zh: '级别', en: 'Rank', example: 'national' }),
  region: RegionParam.optional(),
  area: Area.optional().meta({ zh: '省外片区', en: 'Area outside the province', example: Area.options[0] }),
  silent: z
    .enum(['true', 'false'], 'must be true or false')
    .optional()
    .meta({ zh: '是否静默', en: 'Whether it is silent', example: 'false' }),
  retired: z
    .enum(['true', 'false'], 'must be true or false')
    .default('false')
    .meta({ zh: '是否已撤销', en: 'Whether it is retired', example: 'false' }),
})
const ReportParams = z.object({ corrects: Corrects })
const Reporters = z.object({ usernames: z.array(z.string().min(1).max(64)).max(100) })

/** A report is one row of figures: beyond this it is something else. */
const REPORT_BYTES_MAX = 64 * 1024

/** The registry of units: for people who are logged in, as it names duty desks. A reporter sees the units he reports for. */
export function unitRoutes(deps: { engine: Engine; postgres: Postgres; gate: Gate; sendReport: SendReport }) {
  const units = new Units(deps.postgres)
  /** Which units a person sees: those that `units.read` holds for, and those they report for. @throws AppError. */
  async function sightOf(c: Context) {
    const { person, access } = await deps.gate.person(c.req.raw.headers)
    rejectOtherPerson(c, person.id)
    const reports = scopeFor(access, 'reports.send')
    const scope = reports ? scopeFor(access, 'units.read') : requireRight(access, 'units.read')
    const bound = new Set(reports ? await units.reportedBy(person.id) : [])
    // Whoever was moved since is bound still, and reports where the post reaches now.
    const isOwn = (unit: KeptUnit) => bound.has(unit.id) && reports !== null && holdsUnit(reports, unit)
    const isSeen = (unit: KeptUnit) => isOwn(unit) || (scope !== null && holdsUnit(scope, unit))
    const may = (right: Right, unit: KeptUnit) => {
      const held = scopeFor(access, right)
      return held !== null && holdsUnit(held, unit)
    }
    /** What this person may do for a unit beside looking at it. */
    const actsFor = (unit: KeptUnit) => ({
      mayReport: isOwn(unit) || may('batches.send', unit),
      mayPlanDuty: isOwn(unit) || may('units.manage', unit),
    })
    return { person, isSeen, may, actsFor }
  }

  /** The unit of the address, when this person may see it. @throws AppError `not_found`: who may not see it, learns no more. */
  async function findFor(c: Context) {
    const { person, isSeen, may, actsFor } = await sightOf(c)
    const unit = await units.find(c.req.param('unit') ?? '')
    if (!isSeen(unit)) throw noSuchUnit()
    return { unit, person, acts: actsFor(unit), isManaged: may('units.manage', unit) }
  }

  /** The unit of the address, when this person manages it. @throws AppError. */
  async function findManaged(c: Context) {
    const { scope } = await deps.gate.allow(c.req.raw.headers, 'units.manage')
    const unit = await units.find(c.req.param('unit') ?? '')
    if (!holdsUnit(scope, unit)) throw noSuchUnit()
    return { unit, scope }
  }

  /** The same, when this person may report for it. @throws AppError `forbidden`, `conflict`. */
  async function findReporting(c: Context) {
    const { unit, person, acts } = await findFor(c)
    if (!acts.mayReport)
      throw new AppError(
        'forbidden',
        'only a reporter of this unit, or who has the right batches.send, may do this',
        { refused: { right: 'batches.send' }, zh: '只有本单位的填报人，或有代报权限的人，可以填报' },
      )
    const { pointId, sourceId, source } = unit
    if (unit.retiredAt !== null)
      throw new AppError('conflict', 'this unit is retired; it reports no more', {
        zh: '本单位已撤销，不再报送',
      })
    if (sourceId === null || pointId === null || !source?.kinds.includes('industry'))
      throw new AppError(
        'conflict',
        'this unit sends no industry reports; give it a pointId and a source of that kind',
        { zh: '本单位没有监测点编号或用工来源，不能填报，请联系管理员' },
      )
    return { unit, person, sourceId, pointId }
  }

  async function standings(all: readonly KeptUnit[], nowMs: number) {
    const owing = all.flatMap(reportingOf)
    const reachMs = Math.max(0, ...owing.map(({ graceHours }) => punctualityReachMs(graceHours)))
    const earlier = await readEarlierReports(
      deps.postgres,
      owing.map(({ unitId }) => unitId),
      shanghaiDay(nowMs - reachMs).slice(0, 7),
    )
    const owes = owing.map((one) => ({ ...one, earlier: earlier.get(one.unitId) ?? new Map() }))
    return await readStandings(deps.engine, owes, nowMs)
  }

  return new Hono()
    .get('/units', describeRoute({ ...UNIT_OPERATIONS.list, query: ListParams }), async (c) => {
      const { isSeen, actsFor } = await sightOf(c)
      const params = readQuery(c, ListParams)
      const nowMs = Date.now()
      const { kind = null, rank = null, region = null, area = null } = params
      const isRetired = params.retired === 'true'
      const all = (await units.list()).filter(
        (unit) =>
          isSeen(unit) &&
          (unit.retiredAt !== null) === isRetired &&
          isAskedFor(unit, { kind, rank, region, area }),
      )
      const stands = await standings(all, nowMs)
      const shown = all
        .map((unit) => ({ ...summaryOf(unit, stands.get(unit.sourceId ?? '')), ...actsFor(unit) }))
        .filter(
          ({ silentSince }) =>
            params.silent === undefined || (params.silent === 'true') === (silentSince !== null),
        )
      return c.json({ units: shown, asOf: toShanghaiIso(nowMs) })
    })
    .post('/units', describeRoute(UNIT_OPERATIONS.create), async (c) => {
      const { scope } = await deps.gate.allow(c.req.raw.headers, 'units.manage')
      const unit = await readBody(c, NewUnit)
      rejectOutside(scope, ownerOf(unit))
      const [id = ''] = await units.create([unit], scope)
      return c.json({ id }, 201)
    })
    .post('/units/import', describeRoute(UNIT_OPERATIONS.importMany), async (c) => {
      const { scope } = await deps.gate.allow(c.req.raw.headers, 'units.manage')
      const { units: made } = await readBody(c, NewUnits)
      for (const unit of made) rejectOutside(scope, ownerOf(unit))
      return c.json({ ids: await units.create(made, scope) }, 201)
    })
    .get('/units/:unit', describeRoute(UNIT_OPERATIONS.one), async (c) => {
      const { unit, acts, isManaged } = await findFor(c)
      const nowMs = Date.now()
      const week = startOf('week', nowMs)
      const [stands, duty, recent, reporters] = await Promise.all([
        standings([unit], nowMs),
        units.duty(unit.id, shanghaiDay(week), shanghaiDay(week + 6 * DAY_MS)),
        readRecent(deps.engine, unit),
        isManaged ? units.reporters(unit.id) : null,
      ])
      return c.json({
        ...summaryOf(unit, stands.get(unit.sourceId ?? '')),
        ...acts,
        command: commandOf(unit),
        week: shanghaiDay(week),
        duty,
        recent,
        reporters,
        asOf: toShanghaiIso(nowMs),
      })
    })
    .put('/units/:unit', describeRoute(UNIT_OPERATIONS.update), async (c) => {
      const { unit, scope } = await findManaged(c)
      const changed = await readBody(c, PutUnit)
      // Who keeps a station because it stands in their region says nothing of whose it is.
      if (ownerOf(changed) !== ownerOf(unit) || !holdsUnit(scope, changed))
        rejectOutside(scope, ownerOf(changed))
      await units.update(unit.id, changed, scope)
      return c.json({ id: unit.id })
    })
    .post('/units/:unit/retire', describeRoute(UNIT_OPERATIONS.retire), async (c) => {
      const { unit } = await findManaged(c)
      await units.retire(unit.id)
      return c.json({ id: unit.id })
    })
    .get('/units/:unit/duty', describeRoute(UNIT_OPERATIONS.calendar), async (c) => {
      const { unit } = await findFor(c)
      return c.json({ entries: await units.duty(unit.id, '0001-01-01', '9999-12-31') })
    })
    .put('/units/:unit/duty', describeRoute(UNIT_OPERATIONS.duty), async (c) => {
      const { unit, acts } = await findFor(c)
      if (!acts.mayPlanDuty)
        throw new AppError(
          'forbidden',
          'only a reporter of this unit, or who has the right units.manage, may do this',
          { refused: { right: 'units.manage' } },
        )
      const { entries } = await readBody(c, z.object({ entries: DutyEntries }))
      await units.replaceDuty(unit.id, entries)
      return c.json({ id: unit.id })
    })
    .get('/units/:unit/earlier-reports', describeRoute(UNIT_OPERATIONS.earlierReports), async (c) => {
      const { unit } = await findManaged(c)
      const reports = (await readEarlierReports(deps.postgres, [unit.id])).get(unit.id) ?? new Map()
      return c.json({
        reports: [...reports].map(([period, receivedMs]) => ({ period, receivedAt: isoOf(receivedMs) })),
      })
    })
    .put('/units/:unit/earlier-reports', describeRoute(UNIT_OPERATIONS.putEarlierReports), async (c) => {
      const { unit } = await findManaged(c)
      const dueEvery = unit.source?.dueEvery ?? null
      const asked = z.object({ reports: earlierReports(() => unit.createdAt.getTime(), dueEvery) })
      await replaceEarlierReports(deps.postgres, unit.id, (await readBody(c, asked)).reports)
      return c.json({ id: unit.id })
    })
    .put('/units/:unit/reporters', describeRoute(UNIT_OPERATIONS.reporters), async (c) => {
      const { unit, scope } = await findManaged(c)
      await units.replaceReporters(unit, (await readBody(c, Reporters)).usernames, scope)
      return c.json({ id: unit.id, reporters: await units.reporters(unit.id) })
    })
    .get('/units/:unit/last-period', describeRoute(UNIT_OPERATIONS.lastPeriod), async (c) => {
      const { unit, pointId, sourceId } = await findReporting(c)
      const project = c.req.query('project') ?? ''
      const [last] = await deps.engine.query(LAST_PERIOD, {
        sources: [sourceId, ...(await units.sourcesBefore(unit))],
        historyKey: `${pointId}|${project}`,
      })
      return c.json({ last: last ? yuanOf(last) : null })
    })
    .post(
      '/units/:unit/reports',
      describeRoute({ ...UNIT_OPERATIONS.report, query: ReportParams }),
      async (c) => {
        const { person, sourceId, pointId } = await findReporting(c)
        const { corrects } = readQuery(c, ReportParams)
        const body = await c.req.text()
        if (body.length > REPORT_BYTES_MAX)
          throw new AppError('too_large', 'a report is one row of at most 64 KiB')
        rejectForeignPoint(body, pointId)
        return await deps.sendReport(c, {
          sourceId,
          by: person,
          body,
          corrects,
          idempotencyKey: c.req.header('idempotency-key') ?? null,
          acceptLanguage: c.req.header('accept-language') ?? null,
        })
      },
    )
}

/** Whether a scope holds a unit: where it lies, or whose it is. */
const holdsUnit = (scope: Scope, unit: Unit) => regionsOf(unit).some((region) => holdsRegion(scope, region))

function reportingOf(unit: KeptUnit) {
  if (unit.sourceId === null || unit.source === null) return []
  const { dueEvery, graceHours, createdAt, kinds } = unit.source
  const isPeriodic = unit.pointId !== null && kinds.includes('industry')
  return [
    {
      unitId: unit.id,
      sourceId: unit.sourceId,
      dueEvery,
      graceHours,
      createdAt,
      dueDays: unit.dueDays,
      isPeriodic,
    },
  ]
}

const isoOf = (ms: number | null | undefined) => (ms == null ? null : toShanghaiIso(ms))

/** A unit and how it stands, as the list and the open unit show it. Without a source nothing is due and nothing was heard. */
function summaryOf({ source, createdAt, retiredAt, ...unit }: KeptUnit, standing: Standing | undefined) {
  return {
    ...unit,
    area: areaOf(unit.region),
    createdAt: toShanghaiIso(createdAt.getTime()),
    retiredAt: isoOf(retiredAt?.getTime()),
    kinds: source?.kinds ?? [],
    dueEvery: source?.dueEvery ?? null,
    graceHours: source?.graceHours ?? null,
    isSynthetic: source?.isSynthetic ?? false,
    dataAt: isoOf(standing?.dataMs),
    receivedAt: isoOf(standing?.receivedMs),
    silentSince: isoOf(standing?.silentMs),
    punctuality: standing?.punctuality ?? { due: 0, onTime: 0, late: 0, missing: 0, rate: null },
    instantReports: standing?.instantReports ?? 0,
  }
}

/** What came last: periods and events of a point, else batches of a source. */
async function readRecent(engine: Engine, { sourceId, pointId }: KeptUnit) {
  if (sourceId === null) return []
  if (pointId === null) {
    const receipts = await engine.query(RECENT_RECEIPTS, { source: sourceId })
    return receipts.map(({ kind, receivedMs, observationCount }) => ({
      kind,
      receivedAt: toShanghaiIso(receivedMs),
      observationCount,
      period: null,
      project: '',
      headcount: null,
      majorEvent: '',
    }))
  }
  const reports = await engine.query(RECENT_REPORTS, { source: sourceId })
  return reports.map((report) => ({
    kind: 'industry' as const,
    receivedAt: toShanghaiIso(report.receivedMs),
    observationCount: 1,
    period: report.pointId.startsWith(instantPointId(pointId)) ? null : report.period,
    project: report.project,
    headcount: report.headcount,
    majorEvent: report.majorEvent,
  }))
}

/** Fen columns as the yuan fields of the signal, and nothing that was not reported. */
function yuanOf(row: Record<string, unknown>): Record<string, unknown> {
  const fields = Object.entries(row).map(([name, value]) =>
    name.endsWith('Fen') && typeof value === 'number' ? [name.slice(0, -3), fenToYuan(value)] : [name, value],
  )
  return Object.fromEntries(fields.filter(([, value]) => value !== null))
}

/**
 * A page says whose it is: on a device that several share somebody else may be logged in by now. @throws AppError
 * `unauthenticated`, as after a session that ended, so that the page waits for its person.
 */
function rejectOtherPerson(c: Context, personId: string): void {
  const meant = c.req.header('xiangrong-person')
  if (meant !== undefined && meant !== personId)
    throw new AppError(
      'unauthenticated',
      'somebody else is logged in here; log in as the person of this page',
    )
}

/** A reporter speaks for the point of his unit alone. What else may be wrong with the row, ingestion says. */
function rejectForeignPoint(body: string, pointId: string): void {
  const row = z.object({ pointId: z.string() }).safeParse(parseOrNull(body))
  if (!row.success) throw new AppError('bad_request', 'send one report as a JSON object with its pointId')
  if (row.data.pointId !== pointId && row.data.pointId !== instantPointId(pointId))
    throw new AppError(
      'forbidden',
      `this unit reports as ${pointId}, at once as ${instantPointId(pointId)}`,
      {
        zh: `本单位的监测点编号是 ${pointId}，与报告中的不同，请重新填报`,
      },
    )
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
