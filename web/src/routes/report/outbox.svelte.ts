import { untrack } from 'svelte'
import { z } from 'zod'
import type { Lang } from '#domain/text.ts'
import { ApiError, sendReport } from '../../lib/api.ts'
import { keep, readKept, Sent } from '../../lib/kept.ts'

/** Finished reports that stay in the list. */
const FINISHED_MAX = 20
/** Refused reports that one may take the place of; the server takes no more. */
const CORRECTS_MAX = 20
const RETRY_MS = 15_000
const Answer = z.object({
  accepted: z.int().default(0),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
  detail: z.string().optional(),
  batch: z.string().nullable().default(null),
})

/** What a report takes the place of that corrects this refused one. */
export const correctedBy = ({ corrects, batch }: Sent): string[] =>
  (batch === null ? corrects : [...corrects, batch]).slice(-CORRECTS_MAX)

/**
 * Reports on their way, kept on the device by person until the server has answered each. What is sent again goes with
 * the same key and the same bytes, so that however often the line breaks, a report counts once. What the device cannot keep
 * is sent all the same, as long as the page is open.
 */
export class Outbox {
  #sent = $state.raw<readonly Sent[]>([])
  /** What stands otherwise here than on the device, which could not keep it. */
  #unkept = $state.raw<readonly Sent[]>([])
  #isSending = $state(false)
  /** Whether the server asked for a log-in of this person: nothing moves before it. */
  #isSignedOut = $state(false)
  readonly #userId: string
  readonly #name: string
  readonly #lang: () => Lang

  constructor(userId: string, lang: () => Lang) {
    this.#userId = userId
    this.#name = `sent.${userId}`
    this.#lang = lang
    this.#sent = this.#readKept()
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
  /** Whether something waits that is lost with this page. */
  get isUnkept(): boolean {
    return this.#unkept.some(({ state }) => state === 'waiting')
  }

  /** Whether a report is lost with this page: the device could not keep it. */
  isLostWithPage({ key }: Sent): boolean {
    return this.#unkept.some((sent) => sent.key === key)
  }

  /** What has become of the report with this key; `null` when there is none. */
  find(key: string): Sent | null {
    return this.#read().find((sent) => sent.key === key) ?? null
  }

  /** Puts a report in, to be sent. One with its key that is in already stays what it is: it may have been received. */
  put(report: Omit<Sent, 'state' | 'faults' | 'batch'>): void {
    if (this.find(report.key) !== null) return
    this.#write([{ ...report, state: 'waiting', faults: [], batch: null }, ...this.#read()])
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
    untrack(() => void this.flush())
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
      const { status, body } = await sendReport({ ...sent, userId: this.#userId }, this.#lang())
      const { accepted, errors, detail = '', batch } = Answer.parse(body)
      this.#isSignedOut = false
      const isTaken = status === 200
      const faults = isTaken ? [] : errors.length > 0 ? errors : [{ path: '', message: detail }]
      this.#update({
        ...sent,
        state: isTaken ? (accepted > 0 ? 'taken' : 'known') : 'refused',
        faults,
        batch,
      })
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
    const isHere = ({ key }: Sent) => !this.#unkept.some((sent) => sent.key === key)
    return [...this.#unkept, ...this.#readKept().filter(isHere)].sort((a, b) => b.at - a.at)
  }

  #readKept(): Sent[] {
    return readKept(this.#name, z.array(Sent)) ?? []
  }

  #reread(): void {
    this.#sent = this.#read()
  }

  #write(all: readonly Sent[]): void {
    const finished = all.filter(({ state }) => state !== 'waiting').slice(0, FINISHED_MAX)
    const next = all.filter((sent) => sent.state === 'waiting' || finished.includes(sent))
    if (keep(this.#name, next)) this.#unkept = []
    else {
      const kept = new Map(this.#readKept().map(({ key, state }) => [key, state]))
      this.#unkept = next.filter(({ key, state }) => kept.get(key) !== state)
    }
    this.#reread()
  }
}
