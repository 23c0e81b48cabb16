import type { Kind } from '#domain/signal.ts'
import { Lines, Slab } from './lines.ts'

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

const SLABS = { observations: new Slab(), identities: new Slab() }

/**
 * The drafts of one request, written out as rows for the engine: `observations` for their table and, where the kind names
 * persons, `identities` for the vault, line by line of the same persons, sealed under the key numbered `keyVersion`.
 */
export class Page {
  readonly source: string
  readonly observations = new Lines(SLABS.observations)
  readonly identities = new Lines(SLABS.identities)
  readonly keyVersion: number

  constructor(source: string, keyVersion: number) {
    this.source = source
    this.keyVersion = keyVersion
  }
}

/** Where a content hash of 16 characters stands in a line: after the bracket, the place in the commit and a quote. */
const HASH_AT = { start: 27, end: 43 }

/**
 * An observation on its way in: a line of its request's page. Its state is read from there where it is needed, which for
 * most is never.
 */
export class Draft<K extends Kind = Kind> {
  readonly kind: K
  readonly historyKey: string
  readonly observedAt: number
  readonly page: Page
  readonly line: number

  constructor(kind: K, historyKey: string, observedAt: number, page: Page, line: number) {
    this.kind = kind
    this.historyKey = historyKey
    this.observedAt = observedAt
    this.page = page
    this.line = line
  }

  get source(): string {
    return this.page.source
  }

  get contentHash(): string {
    return this.page.observations.sliceOf(this.line, HASH_AT.start, HASH_AT.end)
  }
}

/** The lines of drafts in their order. Most stand side by side, so they are copied by runs and not one by one. */
export function linesOf(drafts: readonly Draft[], of: 'observations' | 'identities'): Buffer {
  const runs: Buffer[] = []
  for (let i = 0; i < drafts.length; ) {
    const { page, line } = drafts[i] as Draft
    let length = 1
    while (drafts[i + length]?.page === page && drafts[i + length]?.line === line + length) length++
    runs.push(page[of].bytesOf(line, line + length - 1))
    i += length
  }
  return Buffer.concat(runs)
}

/** Later received wins at one instant; the order of all rules about "latest". */
export function byTime(a: Omit<Observation, 'state'>, b: Omit<Observation, 'state'>): number {
  return a.observedAt - b.observedAt || a.receivedAt - b.receivedAt || a.ordinal - b.ordinal
}
