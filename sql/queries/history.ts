import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Query } from '../engine.ts'
import { Int } from '../query.ts'

const shared = {
  historyKey: z.string(),
  observedMs: Int,
  receivedMicros: Int,
  saidMicros: Int,
  ordinal: Int,
  contentHash: z.string(),
  source: z.string(),
}
const nullable = Int.nullable()

/** One stored observation of each kind with the fields its changes are derived from: instants in ms and µs, money in fen. */
export const HistoryRow = {
  workers: z.object({
    ...shared,
    homeRegion: z.string(),
    workRegion: z.string(),
    sector: z.string(),
    status: z.string(),
    employer: z.string(),
  }),
  arrears: z.object({
    ...shared,
    workRegion: z.string(),
    homeCodes: z.array(z.string()),
    homeWorkers: z.array(Int),
    sector: z.string(),
    status: z.string(),
    channel: z.string(),
    employer: z.string(),
    site: z.string(),
    workers: Int,
    owedFen: Int,
    paidFen: Int,
    gathering: Int,
  }),
  industry: z.object({
    ...shared,
    period: z.string(),
    workRegion: z.string(),
    sector: z.string(),
    headcount: nullable,
    vacancies: nullable,
    hires: nullable,
    departures: nullable,
    averageWageFen: nullable,
    wageBillFen: nullable,
    wagePaidFen: nullable,
    accountBalanceFen: nullable,
  }),
} as const

type Kind = keyof typeof HistoryRow
export type HistoryRow<K extends Kind = Kind> = z.infer<(typeof HistoryRow)[K]>

const read = (name: string) => readFileSync(new URL(`./${name}.sql`, import.meta.url), 'utf8')

/** The last line of a history's statement. */
const LEFT_OUT = 'AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)'

const queriesFor = <K extends Kind>(kind: K): CommitQueries<K> => {
  const history = read(`${kind}-history`)
  const query = (sql: string) =>
    ({ name: `${kind}-history`, sql, row: HistoryRow[kind] }) as unknown as Query<HistoryRow<K>>
  return {
    history: query(history),
    historyWhereNoneWithdrawn: query(history.replace(LEFT_OUT, '')),
    historyOfBatch: query(history.replace(LEFT_OUT, 'AND batch = {batch:String}')),
    uncounted: query(read(`${kind}-uncounted`)),
  }
}

type CommitQueries<K extends Kind> = {
  /** Params: `keys` Array(String), `before` Int64 (µs). */
  history: Query<HistoryRow<K>>
  /** The same for a store without withdrawn batches: the column of the batch need not be read. */
  historyWhereNoneWithdrawn: Query<HistoryRow<K>>
  /** What one batch brought of them, withdrawn or not. Params: those of `history`, `batch` String. */
  historyOfBatch: Query<HistoryRow<K>>
  /** No params. */
  uncounted: Query<HistoryRow<K>>
}

/** What a commit asks the store, by kind. */
const COMMIT_QUERIES: { [K in Kind]: CommitQueries<K> } = {
  workers: queriesFor('workers'),
  arrears: queriesFor('arrears'),
  industry: queriesFor('industry'),
}

export function commitQueriesFor<K extends Kind>(kind: K): CommitQueries<K> {
  return COMMIT_QUERIES[kind]
}
