import type { Kind } from '#domain/signal.ts'
import { siteWithin } from '#domain/site.ts'
import { HISTORY, type HistoryRow } from '#sql/queries/history.ts'
import { OBSERVATIONS } from './draft.ts'
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

/** A draft with its place in its commit and the state that it is counted by, read from its row: what the store would answer. */
export function observationOfDraft<K extends Kind>(draft: Draft<K>): Observation<K> {
  const { kind, historyKey, observedAt, contentHash, source, page, row: at, saidAt } = draft
  const row = page.observations.read(at, READERS[kind])
  const { receivedAt, ordinal } = row as { receivedAt: number; ordinal: number }
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

/** Of a row what a draft does not carry by itself: the columns of its state, which the store is asked for, and its place in the commit. */
const readerOf = (kind: Kind) => {
  const { historyKey, contentHash, ...counted } = HISTORY[kind]
  return OBSERVATIONS[kind].readerOf(['receivedAt', 'ordinal', ...Object.keys(counted)])
}
const READERS = { workers: readerOf('workers'), arrears: readerOf('arrears'), industry: readerOf('industry') }

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
