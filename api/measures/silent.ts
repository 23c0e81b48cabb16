import { dueOf, reportedFrom } from '#domain/duty.ts'
import type { AnswerRow, Dimension } from '#domain/measure.ts'
import { INSTANT_SUFFIX } from '#domain/organisation.ts'
import { ancestorAt, isWithin, type Level } from '#domain/region.ts'
import { holdsRegion, type Scope } from '#domain/scope.ts'
import { HOUR_MS, nextStart, periodEnd, startOf } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { NEWEST_PERIODS } from '#sql/queries/newest-periods.ts'
import { SOURCE_RECEIPTS } from '#sql/queries/source-receipts.ts'

/** When data are due of a source: `dueDays` after a period's end as its unit says, `null` by the end of the next period. */
type Due = {
  dueEvery: 'day' | 'month' | null
  dueDays: number | null
  graceHours: number
  createdAt: Date
}

/** `isPeriodic`: it sends for a point, so that its reports name their period. */
type DueSource = Due & { id: string; region: string; isPeriodic: boolean }

/** All sources with what is due of them, by id. */
export async function readDueSources(postgres: Postgres): Promise<DueSource[]> {
  return await postgres.query<DueSource>(
    `SELECT s.id, s.region, s."dueEvery", u."dueDays", s."graceHours", s."createdAt",
       u."pointId" IS NOT NULL AND 'industry' = ANY(s.kinds) AS "isPeriodic"
     FROM sources s LEFT JOIN units u ON u."sourceId" = s.id ORDER BY s.id`,
  )
}

/** What was heard of the sources, as received up to an instant. */
export async function readHeard(engine: Engine, untilMs: number) {
  const until = untilMs * 1000 + 999
  const [receipts, periods] = await Promise.all([
    engine.query(SOURCE_RECEIPTS, { until }),
    engine.query(NEWEST_PERIODS, { until, instantSuffix: INSTANT_SUFFIX }),
  ])
  const receiptOf = new Map(receipts.map((row) => [row.source, row]))
  const periodsOf = new Map(periods.map((row) => [row.source, row]))
  return {
    /** The newest observation and receipt of a source that sent something. */
    receiptOf: (id: string) => receiptOf.get(id),
    /**
     * Up to when a source told what was due of it, ms; `null`: never. A point up to the end of the newest period that it reported, of
     * those that are due where there are any: what it tells at once, or of long ago, is not what is due. Others up to their newest
     * observation.
     */
    heardMs({ id, dueEvery, isPeriodic }: Pick<DueSource, 'id' | 'dueEvery' | 'isPeriodic'>): number | null {
      if (!isPeriodic) return receiptOf.get(id)?.newestMs ?? null
      const newest = periodsOf.get(id)
      if (!newest) return null
      const { month, day } = newest
      return periodEnd(dueEvery === 'day' ? day || month : month || day) - 1
    },
  }
}

/**
 * Sources of a scope that are silent at an instant, counted by the dimensions asked for. A group with sources but none silent is
 * there with 0; a source that is never due counts for its group but is never silent.
 */
export async function readSilent(
  engine: Engine,
  postgres: Postgres,
  scope: Scope,
  ask: { atMs: number; knownAtMs: number | null; by: readonly Dimension[]; region: string | null },
): Promise<AnswerRow[]> {
  const untilMs = Math.min(ask.atMs, ask.knownAtMs ?? ask.atMs)
  const [heard, sources] = await Promise.all([readHeard(engine, untilMs), readDueSources(postgres)])
  const groups = new Map<string, AnswerRow & { value: number }>()
  for (const source of sources) {
    if (source.createdAt.getTime() > ask.atMs || !holdsRegion(scope, source.region)) continue
    if (ask.region !== null && !isWithin(source.region, ask.region)) continue
    const dims = Object.fromEntries(ask.by.map((dimension) => [dimension, dimensionOf(source, dimension)]))
    const key = JSON.stringify(dims)
    const group = groups.get(key) ?? { ...dims, value: 0 }
    group.value += isSilent(source, heard.heardMs(source), ask.atMs) ? 1 : 0
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** Whether a source is past its due time by more than its grace. */
export function isSilent(source: Due, heardMs: number | null, atMs: number): boolean {
  const beginsMs = silenceBegins(source, heardMs)
  return beginsMs !== null && atMs > beginsMs
}

/**
 * The instant from which a source is silent unless it sends, ms; `null` when it is never due: when the first report that it
 * owes since it was heard of is late (`deadlineOf`), so that nobody punctual is ever silent. `heardMs`: up to when it told what
 * was due; `null` when it never did: then the period of its registration is the first one due.
 */
export function silenceBegins(source: Due, heardMs: number | null): number | null {
  const due = dueMs(source, heardMs)
  return due === null ? null : due + source.graceHours * HOUR_MS
}

/** When the next data of a source are due; `null` when it is never due. */
export function dueMs(source: Omit<Due, 'graceHours'>, heardMs: number | null): number | null {
  const { dueEvery: every, dueDays, createdAt } = source
  if (every === null) return null
  const fromMs = heardMs === null ? createdAt.getTime() : nextStart(every, startOf(every, heardMs))
  return dueOf({ every, dueDays }, reportedFrom(every, fromMs))
}

function dimensionOf(source: DueSource, dimension: Dimension): string {
  if (dimension === 'source') return source.id
  return ancestorAt(source.region, dimension.split('.')[1] as Level) ?? 'unknown'
}
