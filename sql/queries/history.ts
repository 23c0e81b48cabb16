import { readFileSync } from 'node:fs'
import type { Query } from '../engine.ts'
import { NAME, RowFormat, type RowOf, WHOLE } from '../row-binary.ts'

const SHARED = {
  historyKey: 'String',
  observedMs: 'Int64',
  receivedMicros: 'Int64',
  saidMicros: 'Int64',
  ordinal: 'UInt32',
  contentHash: 'String',
  source: NAME,
} as const

/** The columns of one stored observation of each kind that its changes are derived from: instants in ms and µs, money in fen. */
export const HISTORY = {
  workers: {
    ...SHARED,
    homeRegion: 'String',
    workRegion: 'String',
    sector: NAME,
    status: NAME,
    employer: 'String',
  },
  arrears: {
    ...SHARED,
    workRegion: NAME,
    homeCodes: `Array(${NAME})`,
    homeWorkers: 'Array(UInt32)',
    sector: NAME,
    status: NAME,
    channel: NAME,
    employer: 'String',
    site: 'String',
    workers: 'Int64',
    owedFen: 'Int64',
    paidFen: 'Int64',
    gathering: 'Int64',
  },
  industry: {
    ...SHARED,
    period: 'String',
    workRegion: NAME,
    sector: NAME,
    headcount: WHOLE,
    vacancies: WHOLE,
    hires: WHOLE,
    departures: WHOLE,
    averageWageFen: WHOLE,
    wageBillFen: WHOLE,
    wagePaidFen: WHOLE,
    accountBalanceFen: WHOLE,
  },
} as const

type Kind = keyof typeof HISTORY
export type HistoryRow<K extends Kind = Kind> = RowOf<(typeof HISTORY)[K]>

const read = (name: string) => readFileSync(new URL(`./${name}.sql`, import.meta.url), 'utf8')

/** The end of a history's statement: what of the observations of the keys is left out, by receipt and by batch. */
const LEFT_OUT = / WHERE receivedAt.*$/s
const WITHDRAWN = 'AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)'

const queriesFor = <K extends Kind>(kind: K): CommitQueries<K> => {
  const history = read(`${kind}-history`)
  const row = new RowFormat<HistoryRow<K>>(HISTORY[kind])
  const query = (sql: string) => ({ name: `${kind}-history`, sql, row }) as unknown as Query<HistoryRow<K>>
  return {
    history: query(history),
    wholeHistory: query(history.replace(LEFT_OUT, '')),
    historyOfBatch: query(history.replace(WITHDRAWN, 'AND batch = {batch:String}')),
    uncounted: query(read(`${kind}-uncounted`)),
  }
}

type CommitQueries<K extends Kind> = {
  /** Params: `keys` Array(String), `before` Int64 (µs). */
  history: Query<HistoryRow<K>>
  /** All that was ever received, for a store without withdrawn batches: when, and in which batch, need not be compared. Params: `keys`. */
  wholeHistory: Query<HistoryRow<K>>
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
