import { z } from 'zod'
import type { Lang } from '#domain/text.ts'
import { ApiError, sendReport } from '../../lib/api.ts'
import { keep, readKept, Sent } from '../../lib/kept.ts'

/** Finished reports that stay in the list. */
const FINISHED_MAX = 20
const RETRY_MS = 15_000
const Answer = z.object({
  accepted: z.int().default(0),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
  detail: z.string().optional(),
})

/**
 * Reports on their way, kept on the device by person until the server has answered each. What is sent again goes with
 * the same key and the same bytes, so that however often the line breaks, a report counts once.
 */
export class Outbox {
  #sent = $state.raw<readonly Sent[]>([])
  #isSending = $state(false)
  /** Whether the server asked for a log-in: nothing moves before it. */
  #isSignedOut = $state(false)
  readonly #name: string
  readonly #lang: () => Lang

  constructor(userId: string, lang: () => Lang) {
    this.#name = `sent.${userId}`
    this.#lang = lang
    this.#reread()
  }

  /** Newest first. */
  get current(): readonly Sent[] {
    return this.#sent
  }
  get isSending(): boolean {
    return this.#isSending
  }
  get isSignedOut(): boolean {
    return this.#isSignedOut
  }

  /** Keeps a report, then tries to send it. Resolves with what became of it, which may be that it waits. */
  async add(report: Omit<Sent, 'state' | 'faults'>): Promise<Sent> {
    const sent: Sent = { ...report, state: 'waiting', faults: [] }
    this.#write([sent, ...this.#read().filter(({ key }) => key !== sent.key)])
    await this.flush()
    return this.#sent.find(({ key }) => key === sent.key) ?? sent
  }

  remove(key: string): void {
    this.#write(this.#read().filter((sent) => sent.key !== key))
  }

  /** Sends what waits, oldest first; one page of this device at a time. */
  flush = async (): Promise<void> => {
    if (!this.#read().some(({ state }) => state === 'waiting')) return
    this.#isSending = true
    try {
      // Locks spare requests; what keeps a report from counting twice is its key. They are missing without TLS.
      if (navigator.locks) await navigator.locks.request(this.#name, this.#sendAll)
      else await this.#sendAll()
    } finally {
      this.#isSending = false
    }
  }

  /** Tries again when the network comes back, when the page is looked at again, and every so often; returns how to stop. */
  watch(): () => void {
    const gone = new AbortController()
    const timer = setInterval(this.flush, RETRY_MS)
    addEventListener('online', this.flush, { signal: gone.signal })
    addEventListener('storage', () => this.#reread(), { signal: gone.signal })
    document.addEventListener('visibilitychange', this.flush, { signal: gone.signal })
    void this.flush()
    return () => {
      clearInterval(timer)
      gone.abort()
    }
  }

  #sendAll = async (): Promise<void> => {
    for (const sent of this.#read().toReversed())
      if (sent.state === 'waiting' && !(await this.#send(sent))) return
  }

  /** Whether the next one may be tried: not when the network, the server or the log-in is away. */
  async #send(sent: Sent): Promise<boolean> {
    try {
      const { status, body } = await sendReport(sent.unit, sent.body, sent.key, this.#lang())
      const { accepted, errors, detail = '' } = Answer.parse(body)
      this.#isSignedOut = false
      const isTaken = status === 200
      const faults = isTaken ? [] : errors.length > 0 ? errors : [{ path: '', message: detail }]
      this.#update({ ...sent, state: isTaken ? (accepted > 0 ? 'taken' : 'known') : 'refused', faults })
      return true
    } catch (error) {
      this.#isSignedOut = error instanceof ApiError && error.status === 401
      return false
    }
  }

  #update(changed: Sent): void {
    this.#write(this.#read().map((sent) => (sent.key === changed.key ? changed : sent)))
  }

  #read(): Sent[] {
    return readKept(this.#name, z.array(Sent)) ?? []
  }

  #reread(): void {
    this.#sent = this.#read()
  }

  #write(all: readonly Sent[]): void {
    const finished = all.filter(({ state }) => state !== 'waiting').slice(0, FINISHED_MAX)
    keep(
      this.#name,
      all.filter((sent) => sent.state === 'waiting' || finished.includes(sent)),
    )
    this.#reread()
  }
}
