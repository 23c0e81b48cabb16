import type { Kind } from '#domain/signal.ts'
import type { RowsInsert } from '#sql/engine.ts'
import { RECEIPT, type RowFormat, setInt64 } from '#sql/row-binary.ts'
import { type PackedBlock, PLACE_BYTES, RowBlock, Slab } from './row-block.ts'

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
 * persons, `identities` for the vault, row by row of the same persons, sealed under the key numbered `keyVersion` and heard of at
 * `heardMs`. `region` is where its source may speak of.
 */
export class Page {
  readonly source: string
  readonly region: string
  readonly keyVersion: number
  readonly heardMs: number
  readonly observations: RowBlock
  readonly identities: RowBlock

  constructor(
    source: string,
    region: string,
    keyVersion: number,
    heardMs: number,
    observations = new RowBlock(SLABS.observations),
    identities = new RowBlock(SLABS.identities),
  ) {
    this.source = source
    this.region = region
    this.keyVersion = keyVersion
    this.heardMs = heardMs
    this.observations = observations
    this.identities = identities
  }

  /** Gives its bytes back at once: nobody may read of its drafts any more. */
  release(): void {
    this.observations.release()
    this.identities.release()
  }
}

/** Where the 16 characters of a content hash stand in a row: after its place in the commit and their number. */
const HASH_AT = PLACE_BYTES + 1
const HASH_BYTES = 16

/**
 * An observation on its way in: a row of its request's page. Its state is read from there where it is needed, which for
 * most is never.
 */
export class Draft<K extends Kind = Kind> {
  readonly kind: K
  readonly historyKey: string
  readonly observedAt: number
  readonly page: Page
  readonly row: number
  /** Where the point of a report lies by it; '' for the other kinds. */
  readonly place: string
  /** When its sender first told it, in µs, where that is not now. */
  saidAt: number | null = null

  constructor(kind: K, historyKey: string, observedAt: number, page: Page, row: number, place: string) {
    this.kind = kind
    this.historyKey = historyKey
    this.observedAt = observedAt
    this.page = page
    this.row = row
    this.place = place
  }

  /** When who the person is was first told here, in ms. */
  get heardMs(): number {
    return this.saidAt === null ? this.page.heardMs : Math.floor(this.saidAt / 1000)
  }

  get source(): string {
    return this.page.source
  }

  get contentHash(): string {
    const row = this.page.observations.bytesOf(this.row, this.row)
    return row.toString('latin1', HASH_AT, HASH_AT + HASH_BYTES)
  }
}

/** All drafts of a page, as they go from thread to thread. */
export type PackedDrafts = {
  source: string
  region: string
  keyVersion: number
  heardMs: number
  historyKeys: string[]
  /** None where no draft has one. */
  places: string[]
  observedAt: Float64Array<ArrayBuffer>
  observations: PackedBlock
  identities: PackedBlock
}

/** Packs the drafts of one page: all of them, in the order of its rows. `null` for none. */
export function packDrafts(drafts: readonly Draft[]): PackedDrafts | null {
  const page = drafts[0]?.page
  return page
    ? {
        source: page.source,
        region: page.region,
        keyVersion: page.keyVersion,
        heardMs: page.heardMs,
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
  const { source, region, keyVersion, heardMs, historyKeys, places, observedAt, observations, identities } =
    packed
  const page = new Page(
    source,
    region,
    keyVersion,
    heardMs,
    RowBlock.unpack(observations),
    RowBlock.unpack(identities),
  )
  return historyKeys.map(
    (key, row) => new Draft(kind, key, observedAt[row] ?? 0, page, row, places[row] ?? ''),
  )
}

/**
 * What drafts are inserted with. When they were said is a cell of its own, left out where nothing is replayed: the store
 * takes their receipt for it.
 */
export function insertOf(
  drafts: readonly Draft[],
  of: 'observations' | 'identities',
  format: RowFormat,
  receivedMicros: number,
): Omit<RowsInsert, 'table'> {
  if (drafts.every(({ saidAt }) => saidAt === null)) return { format, rows: rowsOf(drafts, of) }
  const rows = drafts.map(({ page, row, saidAt }) => {
    const said = Buffer.alloc(8)
    setInt64(said, 0, saidAt ?? receivedMicros)
    return Buffer.concat([page[of].bytesOf(row, row), said])
  })
  return { format: format.with({ saidAt: RECEIPT }), rows }
}

/** The rows of drafts in their order. Those that stand side by side are taken in one piece. */
function rowsOf(drafts: readonly Draft[], of: 'observations' | 'identities'): Buffer[] {
  const runs: Buffer[] = []
  for (let i = 0; i < drafts.length; ) {
    const { page, row } = drafts[i] as Draft
    let length = 1
    while (drafts[i + length]?.page === page && drafts[i + length]?.row === row + length) length++
    runs.push(page[of].bytesOf(row, row + length - 1))
    i += length
  }
  return runs
}

/** Of one instant, what was told later wins; the order of all rules about "latest". */
export function byTime(a: Omit<Observation, 'state'>, b: Omit<Observation, 'state'>): number {
  return (
    a.observedAt - b.observedAt || a.saidAt - b.saidAt || a.receivedAt - b.receivedAt || a.ordinal - b.ordinal
  )
}
