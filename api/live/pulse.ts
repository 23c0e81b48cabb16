import type { Pulse } from '#domain/live-events.ts'
import type { MeasureId } from '#domain/measure.ts'
import { isEverything, type Scope } from '#domain/scope.ts'
import type { Kind } from '#domain/signal.ts'
import { DAY_MS, toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import { NEWEST_RECEIPTS } from '#sql/queries/newest-receipts.ts'
import type { Measures } from '../measures/answers.ts'

/** The stocks of the wall's tiles and the kind that moves each. Flows over a window are asked for by the page. */
const TILES: readonly { measure: MeasureId; from: Kind }[] = [
  { measure: 'workers.count', from: 'workers' },
  { measure: 'workers.outOfProvince', from: 'workers' },
  { measure: 'arrears.owed', from: 'arrears' },
  { measure: 'arrears.workers', from: 'arrears' },
  { measure: 'arrears.openCases', from: 'arrears' },
]

/** Not more than two pulses a second, and never more than a quarter of the time spent on them. */
const PULSE_MS_MIN = 500
const COST_FACTOR = 3

/** Works out the pulse after commits: the newest value of every tile whose kind changed. */
export class PulseMaker {
  readonly #engine: Engine
  readonly #measures: Measures
  readonly #send: (pulse: Pulse, scope: Scope) => void
  readonly #failed: (error: unknown) => void
  readonly #worked: () => void
  readonly #watchers: () => readonly Scope[]
  readonly #seen = new Map<Kind, number>()
  #timer: NodeJS.Timeout | null = null
  #isRunning = false
  #isRung = false
  #waitMs = PULSE_MS_MIN

  constructor(deps: {
    engine: Engine
    measures: Measures
    send: (pulse: Pulse, scope: Scope) => void
    failed: (error: unknown) => void
    worked: () => void
    /** The scopes of those who look, each once: a pulse is worked out for each. */
    watchers: () => readonly Scope[]
  }) {
    this.#engine = deps.engine
    this.#measures = deps.measures
    this.#send = deps.send
    this.#failed = deps.failed
    this.#worked = deps.worked
    this.#watchers = deps.watchers
  }

  /** Something was committed; a pulse follows soon. */
  ring(): void {
    this.#isRung = true
    if (this.#isRunning || this.#timer) return
    this.#timer = setTimeout(() => void this.#beat(), this.#waitMs)
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer)
  }

  async #beat(): Promise<void> {
    this.#timer = null
    this.#isRunning = true
    this.#isRung = false
    const startedMs = Date.now()
    try {
      const scopes = this.#watchers()
      if (scopes.length > 0) await this.#tell(scopes, startedMs)
      this.#worked()
    } catch (error) {
      this.#failed(error)
      this.#isRung = true
    }
    this.#waitMs = Math.max(PULSE_MS_MIN, (Date.now() - startedMs) * COST_FACTOR)
    this.#isRunning = false
    if (this.#isRung) this.ring()
  }

  async #tell(scopes: readonly Scope[], nowMs: number): Promise<void> {
    const receipts = await this.#engine.query(NEWEST_RECEIPTS)
    const changed = receipts.filter((receipt) => receipt.knownAtMicros > (this.#seen.get(receipt.kind) ?? 0))
    const kinds = new Set(changed.map((receipt) => receipt.kind))
    const newestMicros = Math.max(0, ...receipts.map((receipt) => receipt.knownAtMicros))
    const rest = {
      at: toShanghaiIso(nowMs),
      changed: [...kinds],
      dataAt: newestMicros > 0 ? toShanghaiIso(Math.floor(newestMicros / 1000)) : null,
    }
    const rows = receipts.reduce((sum, receipt) => sum + receipt.lastMinute, 0)
    for (const scope of scopes) {
      const rowsLastMinute = isEverything(scope) ? rows : null
      this.#send({ ...rest, rowsLastMinute, ...(await this.#values(scope, kinds, nowMs)) }, scope)
    }
    // Not before: what could not be worked out must have changed still when it is tried again.
    for (const receipt of changed) this.#seen.set(receipt.kind, receipt.knownAtMicros)
  }

  async #values(
    scope: Scope,
    kinds: ReadonlySet<Kind>,
    nowMs: number,
  ): Promise<Pick<Pulse, 'values' | 'hidden'>> {
    const values: Pulse['values'] = {}
    const hidden: Pulse['hidden'] = {}
    await Promise.all(
      TILES.filter((tile) => kinds.has(tile.from)).map(async ({ measure }) => {
        const ask = {
          measure,
          by: [],
          region: null,
          role: null,
          sector: null,
          atMs: nowMs,
          fromMs: nowMs - DAY_MS,
          toMs: nowMs,
          knownAtMs: null,
        }
        const { rows, hidesBelow } = await this.#measures.distribution(scope, ask)
        values[measure] = rows[0]?.value ?? null
        if (rows[0]?.hidden && hidesBelow !== null) hidden[measure] = hidesBelow
      }),
    )
    return { values, hidden }
  }
}
