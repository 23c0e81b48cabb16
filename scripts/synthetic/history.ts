import type { Kind } from '#domain/signal.ts'
import { casesOf } from './arrears.ts'
import { CaseCalendar } from './calendar.ts'
import { isMissing } from './earlier-reports.ts'
import { CASES_PER_YEAR } from './figures.ts'
import { householdOf, ledgerRow } from './households.ts'
import { type IndustryRow, reportsOf } from './industry.ts'
import type { History, Outgoing } from './live.ts'
import { POINTS } from './points.ts'
import { type Slice, slicesOf } from './population.ts'
import { hashText } from './random.ts'
import { ROWS_PER_REQUEST } from './send.ts'
import { historyEnd, NETWORK, type SourcePlan } from './sources.ts'
import { workerOf } from './worker.ts'
import { observationsOf, type TimedRow } from './workers.ts'

export type LedgerBatch = { readonly source: string; readonly kind: Kind; readonly rows: Outgoing['row'][] }

/** The ledgers of all sources, in the order in which they join: neighbours in the list are not neighbours on the map. */
export function ledgersOf(history: History): { source: SourcePlan; batches: () => Generator<LedgerBatch> }[] {
  const everybody = slicesOf(history.workers)
  const slices = Map.groupBy(everybody, (slice) => slice.source)
  const calendar = new CaseCalendar(history.from, history.now)
  const order = NETWORK.toSorted((a, b) => hashText(a.slug) - hashText(b.slug))
  return order.map((source) => ({
    source,
    batches: function* () {
      const until = historyEnd(source.slug, history.now)
      if (source.role === 'point')
        return yield* inBatches(source, 'industry', reports(history, source, until))
      if (source.role === 'ledger')
        return yield* inBatches(source, 'workers', ledgerRows(history, source, everybody))
      yield* inBatches(source, 'workers', people(history, slices.get(source.slug) ?? [], until))
      yield* inBatches(
        source,
        'arrears',
        [...casesOf(history.seed, source, calendar, until)].flatMap(({ life }) => life),
      )
    },
  }))
}

/** About how many rows a history has, for a progress bar. */
export function rowsExpected({ workers, from, now }: History): number {
  const years = (now - from) / (365.25 * 86_400_000)
  return workers * (1.3 + 0.6 * years) + CASES_PER_YEAR * years * 4.8 + 4700 * years
}

function people(
  { seed, from, now }: History,
  slices: readonly Slice[],
  until: number,
): TimedRow<Outgoing['row']>[] {
  const rows: TimedRow<Outgoing['row']>[] = []
  for (const slice of slices)
    for (let index = slice.from; index < slice.until; index++)
      rows.push(...observationsOf(workerOf(seed, slice, index, now), from, until))
  return rows
}

/** Of those whom others registered, the ones that the ledger knows by household. */
function ledgerRows({ seed, from, now }: History, source: SourcePlan, everybody: readonly Slice[]) {
  const rows: TimedRow<Outgoing['row']>[] = []
  for (const slice of everybody) {
    if (slice.county.prefecture !== source.serves) continue
    for (let index = slice.from; index < slice.until; index++) {
      const household = householdOf(slice.county, index)
      const row = household && ledgerRow(workerOf(seed, slice, index, now), household, from, now)
      if (row) rows.push(row)
    }
  }
  return rows
}

function reports({ seed, from }: History, source: SourcePlan, until: number): TimedRow<Outgoing['row']>[] {
  const point = POINTS.find(({ id }) => source.slug === `point-${id}`)
  if (!point) return []
  // Wages of a daily point come by the month, under a point of their own: they are none of the reports due.
  const isThere = ({ row }: TimedRow<IndustryRow>) =>
    row.pointId !== point.id || !isMissing(source, row.period)
  return reportsOf(seed, point, from, until).filter(isThere)
}

/** Oldest first, at most so many rows in a request. */
function* inBatches(
  source: SourcePlan,
  kind: Kind,
  rows: TimedRow<Outgoing['row']>[],
): Generator<LedgerBatch> {
  rows.sort((a, b) => a.at - b.at)
  for (let from = 0; from < rows.length; from += ROWS_PER_REQUEST)
    yield { source: source.slug, kind, rows: rows.slice(from, from + ROWS_PER_REQUEST).map(({ row }) => row) }
}
