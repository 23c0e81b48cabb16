import type { Kind } from '#domain/signal.ts'
import type { Insert } from '#sql/engine.ts'
import { Lines, type PackedLines, Slab } from './lines.ts'

/** What a worker's state is counted by. Regions have up to 9 digits; '' is unknown. */
type WorkersState = {
  home: string
  work: string
  sector: string
  status: string
  source: string
  employer: string
}

/** What a case's state is counted by. `site` is the project, else the employer, in a county, that its arrears add up under. */
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
 * project. `observedAt` in ms; `receivedAt` in µs, the same for a whole commit; `ordinal` orders rows inside it. `saidAt` in
 * µs: when its sender first told it, which is earlier than its receipt where it was replayed from quarantine.
 */
export type Observation<K extends Kind = Kind> = {
  historyKey: string
  observedAt: number
  receivedAt: number
  saidAt: number
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
 * `region` is where its source may speak of.
 */
export class Page {
  readonly source: string
  readonly region: string
  readonly keyVersion: number
  readonly observations: Lines
  readonly identities: Lines

  constructor(
    source: string,
    region: string,
    keyVersion: number,
    observations = new Lines(SLABS.observations),
    identities = new Lines(SLABS.identities),
  ) {
    this.source = source
    this.region = region
    this.keyVersion = keyVersion
    this.observations = observations
    this.identities = identities
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
  /** Where the point of a report lies by it; '' for the other kinds. */
  readonly place: string
  /** When its sender first told it, in µs, where that is not now. */
  saidAt: number | null = null

  constructor(kind: K, historyKey: string, observedAt: number, page: Page, line: number, place: string) {
    this.kind = kind
    this.historyKey = historyKey
    this.observedAt = observedAt
    this.page = page
    this.line = line
    this.place = place
  }

  get source(): string {
    return this.page.source
  }

  get contentHash(): string {
    return this.page.observations.sliceOf(this.line, HASH_AT.start, HASH_AT.end)
  }
}

/** All drafts of a page, as they go from thread to thread. */
export type PackedDrafts = {
  source: string
  region: string
  keyVersion: number
  historyKeys: string[]
  /** None where no draft has one. */
  places: string[]
  observedAt: Float64Array<ArrayBuffer>
  observations: PackedLines
  identities: PackedLines
}

/** Packs the drafts of one page: all of them, in the order of its lines. `null` for none. */
export function packDrafts(drafts: readonly Draft[]): PackedDrafts | null {
  const page = drafts[0]?.page
  return page
    ? {
        source: page.source,
        region: page.region,
        keyVersion: page.keyVersion,
        historyKeys: drafts.map((draft) => draft.historyKey),
        places: drafts[0]?.place === '' ? [] : drafts.map((draft) => draft.place),
        observedAt: Float64Array.from(drafts, (draft) => draft.observedAt),
        observations: page.observations.pack(),
        identities: page.identities.pack(),
      }
    : null
}

export function unpackDrafts<K extends Kind>(kind: K, packed: PackedDrafts | null): Draft<K>[] {
  if (!packed) return []
  const { source, region, keyVersion, historyKeys, places, observedAt, observations, identities } = packed
  const page = new Page(source, region, keyVersion, Lines.unpack(observations), Lines.unpack(identities))
  return historyKeys.map(
    (key, line) => new Draft(kind, key, observedAt[line] ?? 0, page, line, places[line] ?? ''),
  )
}

/**
 * What drafts are inserted with. When they were said is a cell of its own, left out where nothing is replayed: the store
 * takes their receipt for it.
 */
export function insertOf(
  drafts: readonly Draft[],
  of: 'observations' | 'identities',
  columns: readonly string[],
  receivedMicros: number,
): Omit<Insert, 'table'> {
  if (drafts.every(({ saidAt }) => saidAt === null)) return { columns, lines: linesOf(drafts, of) }
  const lines = drafts.map(({ page, line, saidAt }) => {
    const cells = page[of].bytesOf(line, line).toString().trimEnd().slice(0, -1)
    return `${cells},${saidAt ?? receivedMicros}]`
  })
  return { columns: [...columns, 'saidAt'], lines }
}

/** The lines of drafts in their order. Most stand side by side, so they are copied by runs and not one by one. */
function linesOf(drafts: readonly Draft[], of: 'observations' | 'identities'): Buffer {
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

/** Of one instant, what was told later wins; the order of all rules about "latest". */
export function byTime(a: Omit<Observation, 'state'>, b: Omit<Observation, 'state'>): number {
  return (
    a.observedAt - b.observedAt || a.saidAt - b.saidAt || a.receivedAt - b.receivedAt || a.ordinal - b.ordinal
  )
}
