import { ApiError } from './api.ts'

/** An answer on its way, there, or failed; a failed one keeps the last data, which is then old. */
export type Loaded<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly data: T }
  | { readonly kind: 'failed'; readonly error: unknown; readonly data: T | null }

/** The data of an answer, also of one that failed later; `null` while there is none. */
export function dataOf<T>(loaded: Loaded<T>): T | null {
  return loaded.kind === 'loading' ? null : loaded.data
}

/** The shortest time between two requests of one query. */
export const QUERY_MS_MIN = 5_000
/** A failed query is asked again after this; an answer of the server's is not, but waits for the next push. */
const RETRY_MS = 15_000

/** One question to the server that is asked again when told so, never more often than every `msMin`. */
export class Query<T> {
  #loaded = $state.raw<Loaded<T>>({ kind: 'loading' })
  readonly #read: () => Promise<T>
  readonly #msMin: number
  readonly #onUnauthorised: () => void
  #askedAt = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAsking = false
  #isAgain = false

  constructor(read: () => Promise<T>, onUnauthorised: () => void, msMin = QUERY_MS_MIN) {
    this.#read = read
    this.#onUnauthorised = onUnauthorised
    this.#msMin = msMin
  }

  get current(): Loaded<T> {
    return this.#loaded
  }

  /** Asks now, or as soon as the shortest time has passed; calls in between count as one. */
  refresh = (): void => {
    if (this.#isAsking) this.#isAgain = true
    else this.#schedule(Math.max(0, this.#askedAt + this.#msMin - Date.now()))
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#ask(), delayMs)
  }

  async #ask(): Promise<void> {
    this.#isAsking = true
    this.#askedAt = Date.now()
    try {
      this.#loaded = { kind: 'ready', data: await this.#read() }
    } catch (error) {
      this.#fail(error)
    }
    this.#isAsking = false
    if (this.#isAgain) {
      this.#isAgain = false
      this.refresh()
    }
  }

  #fail(error: unknown): void {
    this.#loaded = { kind: 'failed', error, data: dataOf(this.#loaded) }
    if (!(error instanceof ApiError)) return
    if (error.status === 401) this.#onUnauthorised()
    else if (error.status === 0 || error.status >= 500) this.#schedule(RETRY_MS)
  }
}
