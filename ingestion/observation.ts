import type { Identity } from '#domain/person.ts'
import type { Kind } from '#domain/signal.ts'

/** What a worker's state is counted by. Regions have up to 9 digits; '' is unknown. */
type WorkersState = {
  home: string
  work: string
  sector: string
  status: string
  source: string
  employer: string
}

/** What a case's state is counted by. `site` is the project, else the employer, that its arrears add up under. */
type ArrearsState = {
  site: string
  work: string
  sector: string
  status: string
  channel: string
  source: string
  employer: string
  homeCodes: string[]
  homeWorkers: number[]
  workers: number
  owedFen: number
  paidFen: number
  gathering: number
}

/** What a point's report for a period is counted by. `null` = not reported. */
type IndustryState = {
  period: string
  work: string
  sector: string
  source: string
  headcount: number | null
  vacancies: number | null
  hires: number | null
  departures: number | null
  averageWageFen: number | null
  wageBillFen: number | null
  wagePaidFen: number | null
  accountBalanceFen: number | null
}

export type StateOf = { workers: WorkersState; arrears: ArrearsState; industry: IndustryState }

/**
 * One accepted observation. `historyKey` names the line of states it belongs to: the person, the case, or the point and
 * project. `observedAt` in ms; `receivedAt` in µs, the same for a whole commit; `ordinal` orders rows inside it.
 */
export type Observation<K extends Kind = Kind> = {
  historyKey: string
  observedAt: number
  receivedAt: number
  ordinal: number
  /** Same key, instant and hash = the same observation, whoever sends it. */
  contentHash: string
  source: string
  state: StateOf[K]
}

/**
 * An observation on its way in: until its commit `receivedAt` and `ordinal` are 0. `cells` is the JSON array of the
 * signal's columns, written out once for the hash and for the row. Its state is read from them where it is needed, which
 * for most is never: tens of thousands wait at a time, and what waits as objects costs more in collection than in work.
 * `identity` is for the vault alone; `null` where the kind names nobody.
 */
export type Draft<K extends Kind = Kind> = Omit<Observation<K>, 'state'> & {
  kind: K
  batch: string
  cells: string
  identity: Identity | null
}

/** Later received wins at one instant; the order of all rules about "latest". */
export function byTime(a: Omit<Observation, 'state'>, b: Omit<Observation, 'state'>): number {
  return a.observedAt - b.observedAt || a.receivedAt - b.receivedAt || a.ordinal - b.ordinal
}
