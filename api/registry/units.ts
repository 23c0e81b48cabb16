import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type EarlierReport, isOwed, PERIOD_OWED } from '#domain/earlier-report.ts'
import { AppError } from '#domain/error.ts'
import { ownerOf, regionsOf, Unit } from '#domain/organisation.ts'
import { holdsRegion, type Scope } from '#domain/scope.ts'
import { Kind } from '#domain/signal.ts'
import type { PgRow, Postgres, Sql } from '#sql/postgres.ts'
import { reportersAmong } from '../identity/people.ts'
import { putEarlierReports } from './earlier-reports.ts'

const Source = z.object({
  kinds: z.array(Kind),
  dueEvery: z.enum(['day', 'month']).nullable(),
  graceHours: z.int(),
  createdAt: z.date(),
  isSynthetic: z.boolean(),
})

/** A unit as it is kept, with what its source owes; `source` is `null` while it sends nothing. */
export type KeptUnit = Unit & {
  id: string
  createdAt: Date
  retiredAt: Date | null
  source: z.infer<typeof Source> | null
}

/** Somebody on duty from `firstDay` to `lastDay` (`YYYY-MM-DD`), both included. */
export type DutyEntry = { firstDay: string; lastDay: string; name: string; phone: string | null }

/** A unit as it is entered, with its duty calendar and what it reported before. */
type NewUnit = Unit & {
  duty?: readonly DutyEntry[]
  earlierReports?: readonly EarlierReport[]
}

/** Columns of `units` that hold a field of the unit; what is not among them is a detail of its kind. */
const COLUMNS = [
  'kind',
  'rank',
  'name',
  'region',
  'address',
  'longitude',
  'latitude',
  'contactName',
  'contactPhone',
  'sourceId',
  'pointId',
  'sector',
  'dueDays',
] as const

/** The same whether there is none or it is not theirs to see: who may not see it, learns no more. */
export const noSuchUnit = () =>
  new AppError('not_found', 'there is no such unit', { zh: '没有这个单位，或不归您管' })

/** The registry of units in Postgres. */
export class Units {
  readonly #postgres: Postgres

  constructor(postgres: Postgres) {
    this.#postgres = postgres
  }

  /** Units by name within kind; those in `ids` only, when given. */
  async list(ids: readonly string[] | null = null): Promise<KeptUnit[]> {
    const rows = await this.#postgres.query(
      `SELECT u.id, ${COLUMNS.map((column) => `u."${column}"`).join(', ')}, u.details, u."createdAt", u."retiredAt",
         s.id AS "foundId", s.kinds, s."dueEvery", s."graceHours", s."createdAt" AS "sourceCreatedAt", s."isSynthetic"
       FROM units u LEFT JOIN sources s ON s.id = u."sourceId" WHERE $1::text[] IS NULL OR u.id = ANY($1)
       ORDER BY u.region, u.kind, u.name, u.id`,
      [ids],
    )
    return rows.map(keptUnit)
  }

  /** @throws AppError `not_found`. */
  async find(id: string): Promise<KeptUnit> {
    const [unit] = await this.list([id])
    if (!unit) throw noSuchUnit()
    return unit
  }

  /**
   * All or none, each with a source that the scope of who registers it holds; answers the new ids in order.
   * @throws AppError `bad_request` (no such source; a report of before that its source does not owe), `conflict` (source or point is taken).
   */
  async create(units: readonly NewUnit[], scope: Scope): Promise<string[]> {
    const made = units.map(({ duty = [], earlierReports = [], ...unit }) => ({
      id: `unit_${randomUUID().replaceAll('-', '').slice(0, 16)}`,
      unit,
      duty,
      earlierReports,
    }))
    await this.#postgres.transaction(async (sql) => {
      const sources = await readSources(sql, units, scope)
      for (const unit of units) rejectNotOwed(unit, sources.get(unit.sourceId ?? '') ?? null)
      const records = made.map(({ id, unit }) => ({ id, ...columnsOf(unit) }))
      const written = await sql.query(
        `INSERT INTO units (id, ${NAMES}, details) SELECT id, ${NAMES}, details FROM jsonb_to_recordset($1::jsonb)
           AS r(id text, ${TYPES}, details jsonb) ON CONFLICT DO NOTHING RETURNING id`,
        [JSON.stringify(records)],
      )
      if (written.length < made.length) throw taken()
      await putDuty(
        sql,
        made.flatMap(({ id, duty }) => duty.map((entry) => ({ unitId: id, ...entry }))),
      )
      await putEarlierReports(
        sql,
        made.flatMap(({ id, earlierReports }) => earlierReports.map((report) => ({ unitId: id, ...report }))),
      )
    })
    return made.map(({ id }) => id)
  }

  /** Replaces what is known of a unit; a source it did not have lies in the scope. @throws AppError `not_found`, `bad_request`, `conflict`. */
  async update(id: string, unit: Unit, scope: Scope): Promise<void> {
    const { sourceId, retiredAt } = await this.find(id)
    await this.#postgres.transaction(async (sql) => {
      if (unit.sourceId !== sourceId) await readSources(sql, [unit], scope)
      const [other] = await sql.query(
        `SELECT 1 FROM units WHERE id <> $1
           AND ("sourceId" = $2 OR ("pointId" = $3 AND "retiredAt" IS NULL AND $4::timestamptz IS NULL))`,
        [id, unit.sourceId, unit.pointId, retiredAt],
      )
      if (other) throw taken()
      const sets = [...COLUMNS, 'details'].map((column) => `"${column}" = r."${column}"`).join(', ')
      await sql.query(
        `UPDATE units SET ${sets}, "updatedAt" = now() FROM jsonb_to_record($2::jsonb) AS r(${TYPES}, details jsonb) WHERE units.id = $1`,
        [id, JSON.stringify(columnsOf(unit))],
      )
    })
  }

  /** Ends a unit: it stays in the registry with its history, its source is due no more, nobody reports for it; another may have its point. */
  async retire(id: string): Promise<void> {
    const { sourceId } = await this.find(id)
    await this.#postgres.transaction(async (sql) => {
      await sql.query('UPDATE units SET "retiredAt" = coalesce("retiredAt", now()) WHERE id = $1', [id])
      await sql.query('UPDATE sources SET "dueEvery" = NULL WHERE id = $1', [sourceId])
    })
  }

  /**
   * The sources of the retired units whose point a unit took over, as far as they lay in its region and were of its owner: it
   * goes on with their reports.
   */
  async sourcesBefore(unit: KeptUnit): Promise<string[]> {
    const rows = await this.#postgres.query<{ sourceId: string }>(
      `SELECT "sourceId" FROM units
       WHERE "pointId" = $1 AND "retiredAt" IS NOT NULL AND "sourceId" IS NOT NULL AND starts_with(region, $2)
         AND starts_with(coalesce(details->>'ownerRegion', region), $3) ORDER BY "sourceId"`,
      [unit.pointId, unit.region, ownerOf(unit)],
    )
    return rows.map((row) => row.sourceId)
  }

  /** Who is on duty on the days from `firstDay` to `lastDay`. */
  async duty(id: string, firstDay: string, lastDay: string): Promise<DutyEntry[]> {
    return await this.#postgres.query<DutyEntry>(
      `SELECT "firstDay"::text, "lastDay"::text, name, phone FROM duty_entries
       WHERE "unitId" = $1 AND "firstDay" <= $3::date AND "lastDay" >= $2::date ORDER BY "firstDay", name`,
      [id, firstDay, lastDay],
    )
  }

  /** Replaces the whole duty calendar of a unit. */
  async replaceDuty(id: string, entries: readonly DutyEntry[]): Promise<void> {
    await this.#postgres.transaction(async (sql) => {
      await sql.query('DELETE FROM duty_entries WHERE "unitId" = $1', [id])
      await putDuty(
        sql,
        entries.map((entry) => ({ unitId: id, ...entry })),
      )
    })
  }

  /** The units a person reports for. */
  async reportedBy(userId: string): Promise<string[]> {
    const rows = await this.#postgres.query<{ unitId: string }>(
      'SELECT "unitId" FROM unit_reporters WHERE "userId" = $1 ORDER BY "unitId"',
      [userId],
    )
    return rows.map((row) => row.unitId)
  }

  /** User names of those who report for a unit. */
  async reporters(id: string): Promise<string[]> {
    const rows = await this.#postgres.query<{ username: string }>(
      'SELECT u.username FROM unit_reporters r JOIN "user" u ON u.id = r."userId" WHERE r."unitId" = $1 ORDER BY u.username',
      [id],
    )
    return rows.map((row) => row.username)
  }

  /**
   * Replaces those who report for a unit. Who does it names those who report for it already, and people whom the scope
   * reaches; anybody else is as unknown. @throws AppError `bad_request`.
   */
  async replaceReporters(unit: KeptUnit, usernames: readonly string[], scope: Scope): Promise<void> {
    const names = [...new Set(usernames.map((name) => name.toLowerCase()))]
    await this.#postgres.transaction(async (sql) => {
      const before = await sql.query<{ userId: string }>(
        'DELETE FROM unit_reporters WHERE "unitId" = $1 RETURNING "userId"',
        [unit.id],
      )
      const reporting = await reportersAmong(sql, scope, {
        usernames: names,
        regions: regionsOf(unit),
        known: before.map(({ userId }) => userId),
      })
      if (reporting.length < names.length)
        throw new AppError(
          'bad_request',
          'usernames: one of them is nobody of your regions with a post that gives reports.send where the unit lies or whose it is; see GET /v1/people',
        )
      await sql.query('INSERT INTO unit_reporters ("userId", "unitId") SELECT unnest($1::text[]), $2', [
        reporting,
        unit.id,
      ])
    })
  }
}

const NAMES = COLUMNS.map((column) => `"${column}"`).join(', ')
const OTHER_TYPES: Partial<Record<(typeof COLUMNS)[number], string>> = {
  longitude: 'double precision',
  latitude: 'double precision',
  dueDays: 'integer',
}
const TYPES = COLUMNS.map((column) => `"${column}" ${OTHER_TYPES[column] ?? 'text'}`).join(', ')

function columnsOf(unit: Unit): Record<string, unknown> {
  const isColumn = (name: string) => (COLUMNS as readonly string[]).includes(name)
  const fields = Object.entries(unit)
  return {
    ...Object.fromEntries(fields.filter(([name]) => isColumn(name))),
    details: Object.fromEntries(fields.filter(([name]) => !isColumn(name))),
  }
}

const Row = z.looseObject({
  id: z.string(),
  details: z.record(z.string(), z.unknown()),
  createdAt: z.date(),
  retiredAt: z.date().nullable(),
  source: Source.nullable(),
})

function keptUnit(row: PgRow): KeptUnit {
  const source = row.foundId === null ? null : { ...row, createdAt: row.sourceCreatedAt }
  const { id, details, createdAt, retiredAt, ...kept } = Row.parse({ ...row, source })
  const columns = Object.fromEntries(COLUMNS.map((column) => [column, kept[column]]))
  return { ...Unit.parse({ ...columns, ...details }), id, createdAt, retiredAt, source: kept.source }
}

async function putDuty(sql: Sql, entries: readonly (DutyEntry & { unitId: string })[]): Promise<void> {
  await sql.query(
    `INSERT INTO duty_entries SELECT * FROM jsonb_to_recordset($1::jsonb)
       AS r("unitId" text, "firstDay" date, "lastDay" date, name text, phone text) ON CONFLICT DO NOTHING`,
    [JSON.stringify(entries)],
  )
}

/**
 * How the sources of some units are due, by their ids. A unit shows what its source sent, and its reporter sends as it: a
 * source of elsewhere is as unknown. @throws AppError `bad_request`.
 */
async function readSources(
  sql: Sql,
  units: readonly Unit[],
  scope: Scope,
): Promise<ReadonlyMap<string, 'day' | 'month' | null>> {
  const asked = [...new Set(units.flatMap(({ sourceId }) => sourceId ?? []))]
  const found = await sql.query<{ id: string; region: string; dueEvery: 'day' | 'month' | null }>(
    'SELECT id, region, "dueEvery" FROM sources WHERE id = ANY($1)',
    [asked],
  )
  const known = new Map(
    found.filter(({ region }) => holdsRegion(scope, region)).map((one) => [one.id, one.dueEvery]),
  )
  const unknown = asked.find((id) => !known.has(id))
  if (unknown !== undefined)
    throw new AppError(
      'bad_request',
      'sourceId: there is no such source; create it with POST /v1/sources first',
    )
  return known
}

/** Reports of before are looked for by the period that the source owes. @throws AppError `bad_request`. */
function rejectNotOwed({ name, earlierReports = [] }: NewUnit, every: 'day' | 'month' | null): void {
  const at = earlierReports.findIndex(({ period }) => !isOwed(every, period))
  if (every !== null && at >= 0)
    throw new AppError(
      'bad_request',
      `earlierReports.${at}.period: must be ${PERIOD_OWED[every]}, as the source of ${name} is due by the ${every}`,
    )
}

const taken = () =>
  new AppError(
    'conflict',
    'sourceId or pointId already belongs to another unit; each has one unit, and a source stays with one that was retired',
  )
