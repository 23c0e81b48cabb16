import { setTimeout as delay } from 'node:timers/promises'
import { isoOf } from './calendar.ts'
import { WORKERS_DEFAULT } from './figures.ts'
import { ledgersOf, rowsExpected } from './history.ts'
import { type History, LiveWorld, type Outgoing } from './live.ts'
import { type Access, joinNetwork } from './network.ts'
import { randomFor } from './random.ts'
import { Script } from './script.ts'
import { type RowError, Sender, type SourceKeys } from './send.ts'
import { Tally } from './tally.ts'

export { generateRows } from './load.ts'
export { joinNetwork }

/** What a province is made from. Defaults: seed 1, 120,000 persons, two years up to the present. */
export type ProvinceOptions = {
  readonly baseUrl: string
  readonly seed?: number
  readonly workers?: number
  readonly years?: number
  /** End of the history, ms. Give the same to `loadHistory` and every later `runLive`. */
  readonly now?: number
  /** Keys of sources that exist; without them `access` creates the network first. */
  readonly keys?: SourceKeys
  readonly access?: Access
  readonly signal?: AbortSignal
}

export type HistoryProgress = {
  readonly phase: 'sources' | 'rows'
  readonly done: number
  readonly total: number
}
export type HistoryResult = {
  readonly keys: SourceKeys
  /** The history's end, for `runLive`. */
  readonly now: number
  readonly requests: number
  readonly rows: Record<'received' | 'accepted' | 'unchanged' | 'rejected', number>
  /** The first errors of rejected rows; a synthetic row should never be rejected. */
  readonly errors: readonly (RowError & { readonly source: string })[]
  readonly tookMs: number
}

const SOURCES_AT_ONCE = 6

/** Sends every source's whole ledger, sources interleaved. Sending it again changes nothing. Throws `SendError` on a refused request. */
export async function loadHistory(
  options: ProvinceOptions & { onProgress?: (progress: HistoryProgress) => void },
): Promise<HistoryResult> {
  const startedAt = Date.now()
  const history = historyOf(options)
  const onProgress = options.onProgress ?? (() => {})
  const keys = await keysFor(options, history.now, (done, total) =>
    onProgress({ phase: 'sources', done, total }),
  )
  const sender = new Sender(options.baseUrl, keys, options.signal)
  const tally = new Tally()
  const total = rowsExpected(history)
  const waiting = ledgersOf(history).values()
  const worker = async () => {
    for (const ledger of waiting) {
      for (const batch of ledger.batches()) {
        tally.add(batch.source, await sender.send(batch.source, batch.kind, batch.rows, true))
        onProgress({ phase: 'rows', done: tally.rows.received, total: Math.max(total, tally.rows.received) })
      }
    }
  }
  await Promise.all(Array.from({ length: SOURCES_AT_ONCE }, worker))
  return {
    keys,
    now: history.now,
    requests: tally.requests,
    rows: tally.rows,
    errors: tally.errors,
    tookMs: Date.now() - startedAt,
  }
}

export type LiveOptions = ProvinceOptions & {
  /** Signals a minute over all kinds, besides the incidents. Default 120. */
  readonly ratePerMinute?: number
  /** Whether the scripted incidents happen. Default true. */
  readonly hasIncidents?: boolean
  readonly onIncident?: (log: string, at: number) => void
  readonly onSent?: (rows: HistoryResult['rows']) => void
}

const TICK_MS = 500

/** Lets the province go on until `signal` aborts; then it resolves. Throws `SendError` when a request is refused. */
export async function runLive(options: LiveOptions): Promise<void> {
  const { signal, ratePerMinute = 120 } = options
  const history = historyOf(options)
  const keys = await keysFor(options, history.now)
  const sender = new Sender(options.baseUrl, keys, signal)
  const world = new LiveWorld(history)
  const random = randomFor(history.seed, 'live rate')
  const script = new Script(history.seed, Date.now(), options.onIncident)
  const tally = new Tally()
  try {
    for (let last = Date.now(); !signal?.aborted; ) {
      const now = Date.now()
      const due = options.hasIncidents === false ? [] : script.due(now)
      for (let n = random.poisson((ratePerMinute * (now - last)) / 60_000); n > 0; n--)
        due.push(world.draw(now))
      last = now
      await sendAll(
        sender,
        due.filter((outgoing) => !script.isSilent(outgoing.source)),
        tally,
      )
      options.onSent?.(tally.rows)
      await delay(Math.max(0, now + TICK_MS - Date.now()), undefined, { signal })
    }
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}

async function sendAll(sender: Sender, due: readonly Outgoing[], tally: Tally): Promise<void> {
  const groups = Map.groupBy(due, ({ source, kind }) => `${source}/${kind}`)
  const sends = [...groups.values()].map(async (group) => {
    const first = group[0] as Outgoing
    tally.add(
      first.source,
      await sender.send(
        first.source,
        first.kind,
        group.map(({ row }) => row),
      ),
    )
  })
  await Promise.all(sends)
}

function historyOf({
  seed = 1,
  workers = WORKERS_DEFAULT,
  years = 2,
  now = Date.now(),
}: ProvinceOptions): History {
  return { seed, workers, from: now - years * 365.25 * 86_400_000, now }
}

async function keysFor(
  { baseUrl, keys, access }: ProvinceOptions,
  now: number,
  onSource?: (done: number, total: number) => void,
): Promise<SourceKeys> {
  if (keys) return keys
  if (!access)
    throw new TypeError(`give keys of existing sources or access to create them (${isoOf(Date.now())})`)
  return await joinNetwork(baseUrl, access, now, onSource)
}
