import type { Kind } from '#domain/signal.ts'
import { siteWithin } from '#domain/site.ts'
import { HistoryRow } from '#sql/queries/history.ts'
import { COLUMNS } from './draft.ts'
import type { Draft, Observation, StateOf } from './observation.ts'

/** A stored observation with the state that it is counted by. */
export function observationOf<K extends Kind>(kind: K, row: HistoryRow<K>): Observation<K> {
  const { historyKey, observedMs, receivedMicros, saidMicros, ordinal, contentHash } = row
  return {
    historyKey,
    observedAt: observedMs,
    receivedAt: receivedMicros,
    saidAt: saidMicros,
    ordinal,
    contentHash,
    source: row.source,
    state: stateOf[kind](row),
  }
}

/** A draft with its place in its commit and the state that it is counted by, read from its line: what the store would answer. */
export function observationOfDraft<K extends Kind>(draft: Draft<K>): Observation<K> {
  const { kind, historyKey, observedAt, contentHash, source, page, line, saidAt } = draft
  const cells = page.observations.cellsOf(line)
  const row: Record<string, unknown> = { source }
  for (const [column, at] of COUNTED_CELLS[kind]) row[column] = cells[at]
  const [receivedAt, ordinal] = cells as [number, number]
  return {
    historyKey,
    observedAt,
    receivedAt,
    saidAt: saidAt ?? receivedAt,
    ordinal,
    contentHash,
    source,
    state: stateOf[kind](row as never),
  }
}

const placesOf = (kind: Kind) => {
  const counted: readonly string[] = Object.keys(HistoryRow[kind].shape)
  return COLUMNS[kind]
    .map((column, at) => [column, at] as const)
    .filter(([column]) => counted.includes(column))
}

/** The columns of a draft's cells that its state is made of, and where they stand: those the store is asked for. */
const COUNTED_CELLS = {
  workers: placesOf('workers'),
  arrears: placesOf('arrears'),
  industry: placesOf('industry'),
}

/** Villages are kept in the observation; counting goes down to the township. */
const counted = (region: string) => region.slice(0, 9)

const stateOf: { [K in Kind]: (row: HistoryRow<K>) => StateOf[K] } = {
  workers: (row) => ({
    home: counted(row.homeRegion),
    work: counted(row.workRegion),
    sector: row.sector,
    status: row.status,
    source: row.source,
    employer: row.employer,
  }),
  arrears: (row) => ({
    site: siteWithin(row.site, row.workRegion),
    work: counted(row.workRegion),
    sector: row.sector,
    status: row.status,
    channel: row.channel,
    source: row.source,
    employer: row.employer,
    homeCodes: row.homeCodes,
    homeWorkers: row.homeWorkers,
    workers: row.workers,
    owedFen: row.owedFen,
    paidFen: row.paidFen,
    gathering: row.gathering,
  }),
  industry: (row) => ({
    period: row.period,
    work: counted(row.workRegion),
    sector: row.sector,
    source: row.source,
    headcount: row.headcount,
    vacancies: row.vacancies,
    hires: row.hires,
    departures: row.departures,
    averageWageFen: row.averageWageFen,
    wageBillFen: row.wageBillFen,
    wagePaidFen: row.wagePaidFen,
    accountBalanceFen: row.accountBalanceFen,
  }),
}
