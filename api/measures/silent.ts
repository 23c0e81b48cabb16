import type { AnswerRow, Dimension } from '#domain/measure.ts'
import { ancestorAt, isWithin, type Level } from '#domain/region.ts'
import { holdsRegion, type Scope } from '#domain/scope.ts'
import { HOUR_MS, nextStart, startOf } from '#domain/time.ts'
import { workingDayEnd } from '#domain/working-day.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { SOURCE_RECEIPTS } from '#sql/queries/source-receipts.ts'

/** A source as far as it says when data are due of it. */
export type DueSource = {
  id: string
  region: string
  dueEvery: 'day' | 'month' | null
  graceHours: number
  createdAt: Date
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
  const receipts = await engine.query(SOURCE_RECEIPTS, { until: untilMs * 1000 + 999 })
  const lastMs = new Map(receipts.map((receipt) => [receipt.source, receipt.newestMs]))
  const sources = await postgres.query<DueSource>(
    'SELECT id, region, "dueEvery", "graceHours", "createdAt" FROM sources ORDER BY id',
  )
  const groups = new Map<string, AnswerRow & { value: number }>()
  for (const source of sources) {
    if (source.createdAt.getTime() > ask.atMs || !holdsRegion(scope, source.region)) continue
    if (ask.region !== null && !isWithin(source.region, ask.region)) continue
    const dims = Object.fromEntries(ask.by.map((dimension) => [dimension, dimensionOf(source, dimension)]))
    const key = JSON.stringify(dims)
    const group = groups.get(key) ?? { ...dims, value: 0 }
    group.value += isSilent(source, lastMs.get(source.id) ?? null, ask.atMs) ? 1 : 0
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** Whether a source is past its due time by more than its grace. */
export function isSilent(source: Due, lastMs: number | null, atMs: number): boolean {
  const beginsMs = silenceBegins(source, lastMs)
  return beginsMs !== null && atMs > beginsMs
}

/**
 * The instant from which a source is silent unless it sends, ms; `null` when it is never due. Data of day (or month) D is
 * followed by data of the next one, due by its end, or where that is a day off by the end of the next working day; silence
 * begins `graceHours` later. `lastMs` is the newest observation,
 * `null` when there is none: then its registration counts. Calendar of Asia/Shanghai.
 */
export function silenceBegins(source: Due, lastMs: number | null): number | null {
  const due = dueMs(source, lastMs)
  return due === null ? null : due + source.graceHours * HOUR_MS
}

/** When the next data of a source are due; `null` when it is never due. */
export function dueMs(source: Omit<Due, 'graceHours'>, lastMs: number | null): number | null {
  if (source.dueEvery === null) return null
  const start = startOf(source.dueEvery, lastMs ?? source.createdAt.getTime())
  return workingDayEnd(nextStart(source.dueEvery, nextStart(source.dueEvery, start)))
}

type Due = Pick<DueSource, 'dueEvery' | 'graceHours' | 'createdAt'>

function dimensionOf(source: DueSource, dimension: Dimension): string {
  if (dimension === 'source') return source.id
  return ancestorAt(source.region, dimension.split('.')[1] as Level) ?? 'unknown'
}
