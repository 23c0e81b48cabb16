import type { Socket } from 'socket.io-client'
import type { z } from 'zod'
import { type Alert, AlertLogEntry } from '#domain/alert.ts'
import { Pulse, Snapshot, Stale, Watermark } from '#domain/live-events.ts'
import { api } from '../api.ts'
import {
  activeAlerts,
  applyEntry,
  applyHistory,
  applyLog,
  applySnapshot,
  applyWatermark,
  emptyFeed,
  type Feed,
} from './feed.ts'
import { openSocket } from './socket.ts'

/** How the page stands to the server; `since` is when it last heard from it. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly since: number }

type PulseListener = (pulse: Pulse) => void
const STORED = 'xiangrong.seq'
const HISTORY = 30
/** The server sends a watermark every few seconds; a socket that is silent this long is dead whatever it believes. */
const SILENCE_MS = 25_000
/** At most one request for missed entries in this time. */
const CATCH_UP_MS = 1_000
/** Entries that come within this time are taken together: of a hundred at once each would have all alerts sorted and drawn again. */
const GATHER_MS = 50

/** A value by push, as of `atMs` by the server's clock; `hidesBelow` where it is `null` as it rests on fewer people than that. */
export type Told = {
  readonly value: string | number | null
  readonly hidesBelow: number | null
  readonly atMs: number
}

/**
 * The live connection of a page: alerts, the log behind them, last values and how fresh all of it is. The log's
 * sequence number is the truth: entries already applied are dropped, a gap is asked for over HTTP.
 */
export class Live {
  #feed = $state.raw<Feed>({ ...emptyFeed, seq: storedSeq() })
  #connection = $state.raw<Connection>({ kind: 'connecting' })
  #pulse = $state.raw<Pulse | null>(null)
  #values = $state.raw<Readonly<Record<string, Told>>>({})
  #stale = $state.raw<readonly Stale[]>([])
  #fresh = $state.raw<ReadonlySet<string>>(new Set())
  #isReady = $state(false)
  #active = $derived(activeAlerts(this.#feed))
  #socket: Socket | null = null
  #listeners = new Set<PulseListener>()
  #onReconnect = new Set<() => void>()
  #onRefused = new Set<() => void>()
  #onAccess = new Set<() => void>()
  #gathered: AlertLogEntry[] = []
  #gathering: ReturnType<typeof setTimeout> | undefined
  #heardAt = Date.now()
  #isCatchingUp = false
  /** How often what may be seen has changed: what was asked for before is for other eyes. */
  #eyes = 0
  readonly #readsAlerts: () => boolean
  #watch: ReturnType<typeof setInterval> | undefined

  /** `readsAlerts`: whether who looks may read the log of alerts; else only figures and what is stale are followed. */
  constructor(readsAlerts: () => boolean) {
    this.#readsAlerts = readsAlerts
  }

  /** Alerts that are not resolved, the newest change first. */
  get alerts(): readonly Alert[] {
    return this.#active
  }
  /** Recent log entries, newest first. */
  get ticker(): readonly AlertLogEntry[] {
    return this.#feed.ticker
  }
  get connection(): Connection {
    return this.#connection
  }
  get pulse(): Pulse | null {
    return this.#pulse
  }
  /** The last value of each measure that any pulse has carried. */
  get values(): Readonly<Record<string, Told>> {
    return this.#values
  }
  /** What has stopped and not come back. */
  get stale(): readonly Stale[] {
    return this.#stale
  }
  /** Alerts that opened or rose while this page was looking. */
  get fresh(): ReadonlySet<string> {
    return this.#fresh
  }
  /** Whether the alerts have arrived at least once. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** Connects, and returns how to disconnect. */
  connect(): () => void {
    const { socket, close } = openSocket(() => this.#handshake(), {
      changed: () => this.#beginAnew(),
      refused: () => {
        for (const listener of this.#onRefused) listener()
      },
    })
    this.#socket = socket
    socket.on('connect', () => this.#heard())
    socket.on('disconnect', () => this.#lost())
    socket.on('connect_error', () => this.#lost())
    this.#hear('snapshot', Snapshot, (snapshot) => this.#takeSnapshot(snapshot))
    this.#hear('alert', AlertLogEntry, (entry) => this.#gather(entry))
    this.#hear('watermark', Watermark, (watermark) => this.#takeWatermark(watermark))
    this.#hear('pulse', Pulse, (pulse) => this.#takePulse(pulse))
    this.#hear('stale', Stale, (stale) => this.#takeStale(stale))
    this.#watch = setInterval(() => this.#checkSilence(), 5_000)
    return () => {
      clearInterval(this.#watch)
      clearTimeout(this.#gathering)
      close()
    }
  }

  /** Calls `listener` on every pulse; returns how to stop. */
  onPulse(listener: PulseListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls `listener` when the connection has come back after a loss. */
  onReconnect(listener: () => void): () => void {
    this.#onReconnect.add(listener)
    return () => this.#onReconnect.delete(listener)
  }

  /** Calls `listener` when the server lets this page in no longer. */
  onRefused(listener: () => void): () => void {
    this.#onRefused.add(listener)
    return () => this.#onRefused.delete(listener)
  }

  /** Calls `listener` when somebody may see other things than before; what was known is forgotten by then. */
  onAccess(listener: () => void): () => void {
    this.#onAccess.add(listener)
    return () => this.#onAccess.delete(listener)
  }

  /** Asks for the entries before the snapshot, where they are missing and may be read. */
  fill(): void {
    if (this.#isReady && this.#readsAlerts() && this.#feed.ticker.length < HISTORY)
      void this.#readHistory(this.#feed.asOf)
  }

  /** What is known was for other eyes; what may be seen now follows. */
  #beginAnew(): void {
    this.#heard()
    this.#eyes++
    sessionStorage.removeItem(STORED)
    this.#gathered = []
    this.#feed = emptyFeed
    this.#pulse = null
    this.#values = {}
    this.#stale = []
    this.#fresh = new Set()
    this.#isReady = false
    for (const listener of this.#onAccess) listener()
  }

  #handshake(): { after?: number } {
    this.#takeGathered()
    return this.#feed.seq > 0 ? { after: this.#feed.seq } : {}
  }

  /** Parses what arrives; what cannot be read is left, as a wall outlives many releases of the server. */
  #hear<T>(event: string, schema: z.ZodType<T>, take: (payload: T) => void): void {
    this.#socket?.on(event, (payload: unknown) => {
      this.#heard()
      const parsed = schema.safeParse(payload)
      if (parsed.success) take(parsed.data)
      else console.warn(`live: "${event}" not understood`, parsed.error.issues)
    })
  }

  #heard(): void {
    this.#heardAt = Date.now()
    if (this.#connection.kind === 'live') return
    const wasLost = this.#connection.kind === 'lost'
    this.#connection = { kind: 'live' }
    if (wasLost) for (const listener of this.#onReconnect) listener()
  }

  #lost(): void {
    if (this.#connection.kind !== 'lost') this.#connection = { kind: 'lost', since: this.#heardAt }
  }

  #checkSilence(): void {
    if (Date.now() - this.#heardAt < SILENCE_MS) return
    this.#lost()
    this.#socket?.disconnect().connect()
  }

  #takeSnapshot(snapshot: Snapshot): void {
    this.#takeGathered()
    this.#put(applySnapshot(this.#feed, snapshot))
    this.#isReady = true
    this.fill()
  }

  #takeWatermark(watermark: Watermark): void {
    this.#takeGathered()
    this.#put(applyWatermark(this.#feed, watermark))
  }

  #gather(entry: AlertLogEntry): void {
    this.#gathered.push(entry)
    this.#gathering ??= setTimeout(() => this.#takeGathered(), GATHER_MS)
  }

  #takeGathered(): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    const entries = this.#gathered
    if (entries.length === 0) return
    this.#gathered = []
    let feed = this.#feed
    const fresh = new Set(this.#fresh)
    for (const entry of entries) {
      if (isNewsTo(feed, entry)) fresh.add(entry.alert.id)
      feed = applyEntry(feed, entry)
    }
    if (fresh.size > this.#fresh.size) this.#fresh = fresh
    this.#put(feed)
  }

  #takePulse(pulse: Pulse): void {
    this.#pulse = pulse
    const atMs = Date.parse(pulse.at)
    const told = Object.entries(pulse.values).map(([id, value]) => [
      id,
      { value, hidesBelow: pulse.hidden[id] ?? null, atMs } satisfies Told,
    ])
    this.#values = { ...this.#values, ...Object.fromEntries(told) }
    for (const listener of this.#listeners) listener(pulse)
  }

  #takeStale(stale: Stale): void {
    const others = this.#stale.filter((one) => one.what !== stale.what || one.name !== stale.name)
    this.#stale = stale.since === null ? others : [...others, stale]
  }

  #put(feed: Feed): void {
    this.#feed = feed
    sessionStorage.setItem(STORED, String(feed.seq))
    if (feed.behind !== null) void this.#catchUp()
  }

  /** Asks for the entries between what was applied and what the server has told of. */
  async #catchUp(): Promise<void> {
    if (this.#isCatchingUp || !this.#readsAlerts()) return
    this.#isCatchingUp = true
    await new Promise((resolve) => setTimeout(resolve, CATCH_UP_MS))
    const feed = this.#feed
    if (feed.behind !== null) {
      const log = await this.#readLog(feed.seq, 500)
      const last = log?.entries.at(-1)?.seq ?? log?.seq
      // A full page ends at its last entry; a short one is complete up to the log's own number.
      if (log)
        this.#put(
          applyLog(
            this.#feed,
            log.entries,
            log.entries.length < 500 ? Math.max(log.seq, last ?? 0) : (last ?? log.seq),
          ),
        )
    }
    this.#isCatchingUp = false
    if (this.#feed.behind !== null && this.#connection.kind === 'live') void this.#catchUp()
  }

  async #readHistory(seq: number): Promise<void> {
    const log = await this.#readLog(Math.max(0, seq - HISTORY), HISTORY)
    if (log) this.#feed = applyHistory(this.#feed, log.entries)
  }

  /** The log after a number; `null` where it cannot be had, or may not be seen any more when it comes. */
  async #readLog(after: number, limit: number) {
    const eyes = this.#eyes
    const log = await api.alertLog(after, limit).catch(() => null)
    return eyes === this.#eyes ? log : null
  }
}

/** Whether an entry brings an alert that was not so grave, or not here, before. */
function isNewsTo(feed: Feed, { seq, change, alert }: AlertLogEntry): boolean {
  if (seq <= feed.asOf || seq <= feed.seq) return false
  if (change === 'opened' || change === 'raised' || change === 'moved') return true
  // Whatever has changed of it: one that was nobody's here until now is new here.
  return alert.state !== 'resolved' && !feed.alerts.has(alert.id)
}

/** The last number this tab has applied, so that a reload asks only for what came after. */
function storedSeq(): number {
  const stored = Number(sessionStorage.getItem(STORED))
  return Number.isSafeInteger(stored) && stored > 0 ? stored : 0
}
