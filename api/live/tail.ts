import type { AlertLogEntry } from '#domain/alert.ts'
import { everythingFor } from '#domain/scope.ts'
import type { Postgres } from '#sql/postgres.ts'
import { LOG_CHANNEL, readLastSeq, readLog } from '../alerts/log.ts'

/** The tail is of the whole log: what of it a socket is sent, the server decides by the socket's scope. */
const ALL = everythingFor('the tail serves every scope')
const PAGE = 500
const KEPT = 2_000

/**
 * The newest stretch of the alert log in memory, kept up by the bell and by a slow look for bells that were missed.
 * Readers hold a number and ask for what comes after it; what is older than the stretch is read from the store.
 */
export class LogTail {
  readonly #postgres: Postgres
  readonly #grown: () => void
  #entries: AlertLogEntry[] = []
  #lastSeq = 0
  #running: Promise<void> | null = null
  #isRung = false

  /** `grown` is called after new entries have arrived. */
  constructor(postgres: Postgres, grown: () => void) {
    this.#postgres = postgres
    this.#grown = grown
  }

  async open(): Promise<void> {
    this.#lastSeq = await readLastSeq(this.#postgres)
    await this.#postgres.listen(LOG_CHANNEL, () => this.ring())
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  ring(): void {
    this.#isRung = true
    this.#running ??= this.#follow()
      .catch(() => undefined)
      .finally(() => {
        this.#running = null
        if (this.#isRung) setTimeout(() => this.ring(), 500).unref()
      })
  }

  /** Entries after a number, oldest first, at most one page; empty when there are none. */
  async after(seq: number): Promise<AlertLogEntry[]> {
    if (seq >= this.#lastSeq) return []
    const oldest = this.#entries[0]?.seq ?? this.#lastSeq + 1
    if (seq + 1 >= oldest) return this.#entries.slice(seq + 1 - oldest, seq + 1 - oldest + PAGE)
    return await readLog(this.#postgres, ALL, seq, PAGE)
  }

  async #follow(): Promise<void> {
    while (this.#isRung) {
      // Before the log is read: a bell that rings meanwhile tells of what this page may not hold.
      this.#isRung = false
      const page = await readLog(this.#postgres, ALL, this.#lastSeq, PAGE).catch((error) => {
        this.#isRung = true
        throw error
      })
      this.#isRung ||= page.length === PAGE
      const last = page.at(-1)
      if (!last) continue
      this.#entries = [...this.#entries, ...page].slice(-KEPT)
      this.#lastSeq = last.seq
      this.#grown()
    }
  }
}
