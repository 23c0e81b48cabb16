type Bucket = { tokens: number; atMs: number }

/** Keys kept at most; the oldest are forgotten first, which can only be kind to them. */
const KEYS_MAX = 50_000

/** Token buckets in memory, one a key: `burst` at once, then `perSecond`. Each process counts for itself. */
export class Buckets {
  readonly #perSecond: number
  readonly #burst: number
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  constructor({ perSecond, burst }: { perSecond: number; burst: number }, now: () => number = Date.now) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#now = now
  }

  /** Takes one token; `null` when there was one, else the whole seconds until there is. */
  take(key: string): number | null {
    const bucket = this.#filled(key)
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / this.#perSecond)
    bucket.tokens -= 1
    return null
  }

  /** Takes a token back. */
  giveBack(key: string): void {
    const bucket = this.#filled(key)
    bucket.tokens = Math.min(this.#burst, bucket.tokens + 1)
  }

  #filled(key: string): Bucket {
    const atMs = this.#now()
    const known = this.#buckets.get(key)
    if (known) {
      const gained = (Math.max(0, atMs - known.atMs) / 1000) * this.#perSecond
      known.tokens = Math.min(this.#burst, known.tokens + gained)
      known.atMs = atMs
      return known
    }
    if (this.#buckets.size >= KEYS_MAX) this.#buckets.delete(this.#buckets.keys().next().value ?? '')
    const fresh = { tokens: this.#burst, atMs }
    this.#buckets.set(key, fresh)
    return fresh
  }
}
