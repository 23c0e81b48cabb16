import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Kind } from '#domain/signal.ts'
import { encodeRows } from './formats.ts'
import { sourceFor } from './sources.ts'

/** The answer to a request of signals. */
export type SendAnswer = {
  received: number
  accepted: number
  unchanged: number
  rejected: number
  errors: RowError[]
}
export type RowError = { row: number; path: string; code: string; message: string }
/** Key of each source by slug, as the API showed it once. */
export type SourceKeys = Readonly<Record<string, string>>

/** Rows a request carries at most. */
export const ROWS_PER_REQUEST = 5000
const REQUESTS_AT_ONCE = 4
/** A busy server (429, 503) is asked again after its Retry-After this often; one that cannot be reached, less. */
const BUSY_TRIES_MAX = 60
const AWAY_TRIES_MAX = 8
const RETRY_AFTER_DEFAULT_S = 2

/** A request that will not succeed by asking again; the message names the source, the status and the first row errors. */
export class SendError extends Error {}

/** Sends rows as the sources of the network: one request in flight a source, four in all. */
export class Sender {
  readonly #baseUrl: string
  readonly #keys: SourceKeys
  readonly #signal: AbortSignal | undefined
  readonly #lanes = new Map<string, Promise<unknown>>()
  readonly #waiting: (() => void)[] = []
  #free = REQUESTS_AT_ONCE

  constructor(baseUrl: string, keys: SourceKeys, signal?: AbortSignal) {
    this.#baseUrl = baseUrl
    this.#keys = keys
    this.#signal = signal
  }

  /** Sends rows of one kind after what this source is still sending. `isLedger` adds an Idempotency-Key made from the body. */
  send(slug: string, kind: Kind, rows: readonly object[], isLedger = false): Promise<SendAnswer> {
    const before = this.#lanes.get(slug) ?? Promise.resolve()
    const sent = before.catch(() => {}).then(() => this.#inTurn(() => this.#post(slug, kind, rows, isLedger)))
    this.#lanes.set(slug, sent)
    return sent
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    while (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#free--
    try {
      return await work()
    } finally {
      this.#free++
      this.#waiting.shift()?.()
    }
  }

  async #post(slug: string, kind: Kind, rows: readonly object[], isLedger: boolean): Promise<SendAnswer> {
    const source = sourceFor(slug)
    const key = this.#keys[slug]
    if (key === undefined) throw new SendError(`no key for ${slug}: create the source first`)
    const { headers, bytes } = await encodeRows(kind, rows, source.format)
    const idempotency = isLedger
      ? { 'idempotency-key': `${slug}-${createHash('sha256').update(bytes).digest('hex').slice(0, 40)}` }
      : {}
    const init = {
      method: 'POST',
      headers: { ...headers, ...idempotency, authorization: `Bearer ${key}`, 'accept-language': 'zh' },
      body: bytes,
    }
    const response = await fetchPatiently(`${this.#baseUrl}/v1/signals/${kind}`, init, this.#signal)
    if (!response.ok)
      throw new SendError(
        await refusalText(response, `${source.name} (${slug}), ${rows.length} rows of ${kind}`),
      )
    return (await response.json()) as SendAnswer
  }
}

/** Fetches, and sends the same body again while the server is busy (429, 503) or cannot be reached, within limits. */
export async function fetchPatiently(
  url: string,
  init: RequestInit,
  signal?: AbortSignal,
): Promise<Response> {
  for (let busy = 0, away = 0; ; ) {
    const response = await fetch(url, { ...init, signal }).catch((error: unknown) => {
      if (signal?.aborted || ++away >= AWAY_TRIES_MAX) throw error
      return null
    })
    if (response !== null && response.status !== 429 && response.status !== 503) return response
    if (response !== null && ++busy >= BUSY_TRIES_MAX) return response
    await response?.body?.cancel()
    await delay(waitMs(response, away), undefined, { signal })
  }
}

function waitMs(response: Response | null, away: number): number {
  if (response === null) return Math.min(10_000, 250 * 2 ** away)
  const seconds = Number(response.headers.get('retry-after') ?? RETRY_AFTER_DEFAULT_S)
  return (Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0.05), 120) : RETRY_AFTER_DEFAULT_S) * 1000
}

/** What a refusing answer says, with at most five row errors. */
export async function refusalText(response: Response, what: string): Promise<string> {
  const text = await response.text()
  const body = parseOrNull(text) as { title?: string; detail?: string; errors?: RowError[] } | null
  const rows = (body?.errors ?? [])
    .slice(0, 5)
    .map(({ row, path, code, message }) => `  row ${row} ${path}: ${code} ${message}`)
  return [
    `${what}: HTTP ${response.status} ${body?.detail ?? body?.title ?? text.slice(0, 300)}`,
    ...rows,
  ].join('\n')
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
