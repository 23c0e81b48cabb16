import { io, type Socket } from 'socket.io-client'
import type { Alert, AlertLogEntry } from '#domain/alert.ts'
import type { Pulse, ServerEvents, Snapshot, Stale, Watermark } from '#domain/live-events.ts'
import type { TestServer } from './server.ts'

type Event =
  | { name: 'snapshot'; value: Snapshot }
  | { name: 'alert'; value: AlertLogEntry }
  | { name: 'watermark'; value: Watermark }
  | { name: 'pulse'; value: Pulse }
  | { name: 'access'; value: { at: string } }
  | { name: 'stale'; value: Stale }

/** A page on the live socket: it keeps what it is told, in order, and comes back with the last number it has seen. */
export class LiveClient {
  readonly events: Event[] = []
  readonly #socket: Socket<ServerEvents>
  #lastSeq: number | null

  /**
   * `after`: the last number seen before; `null` for a client that begins. Without a cookie it is the wall. `accessTag`: that
   * of `/v1/me` by which a page was made.
   */
  constructor(
    server: Pick<TestServer, 'url'>,
    after: number | null = null,
    cookie?: string,
    accessTag?: string,
  ) {
    this.#lastSeq = after
    this.#socket = io(server.url, {
      path: '/live',
      transports: ['websocket'],
      ...(cookie ? { extraHeaders: { cookie } } : {}),
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 100,
      auth: (answer) => answer({ after: this.#lastSeq, accessTag }),
    })
    this.#socket.on('snapshot', (value) => {
      this.#lastSeq ??= value.seq
      this.events.push({ name: 'snapshot', value })
    })
    this.#socket.on('alert', (value) => {
      this.#lastSeq = value.seq
      this.events.push({ name: 'alert', value })
    })
    this.#socket.on('watermark', (value) => this.events.push({ name: 'watermark', value }))
    this.#socket.on('access', (value) => this.events.push({ name: 'access', value }))
    this.#socket.on('stale', (value) => this.events.push({ name: 'stale', value }))
    this.#socket.on('pulse', (value) => this.events.push({ name: 'pulse', value }))
  }

  get names(): string[] {
    return this.events.map((event) => event.name)
  }
  get entries(): AlertLogEntry[] {
    return this.events.flatMap((event) => (event.name === 'alert' ? [event.value] : []))
  }
  get seqs(): number[] {
    return this.entries.map((entry) => entry.seq)
  }
  get snapshots(): Snapshot[] {
    return this.events.flatMap((event) => (event.name === 'snapshot' ? [event.value] : []))
  }
  get watermarks(): Watermark[] {
    return this.events.flatMap((event) => (event.name === 'watermark' ? [event.value] : []))
  }
  get pulses(): Pulse[] {
    return this.events.flatMap((event) => (event.name === 'pulse' ? [event.value] : []))
  }
  get isConnected(): boolean {
    return this.#socket.connected
  }
  get lastSeq(): number | null {
    return this.#lastSeq
  }

  /** What a page shows: the last snapshot and what came after it. */
  get shown(): Map<string, Alert> {
    const alerts = new Map((this.snapshots.at(-1)?.alerts ?? []).map((alert) => [alert.id, alert]))
    const since = this.snapshots.at(-1)?.seq ?? 0
    for (const entry of this.entries) if (entry.seq > since) alerts.set(entry.alert.id, entry.alert)
    return alerts
  }

  close(): void {
    this.#socket.close()
  }
}
