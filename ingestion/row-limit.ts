/**
 * Rows a minute, held on average: how many rows a body has is known only when it has been read, so a body is let in while
 * anything is left, and what it takes beyond that is waited for before the next one. A minute's rows may come at once.
 */
export class RowLimit {
  readonly rowsPerMinute: number
  readonly #rowsPerMs: number
  #left: number
  #atMs: number

  constructor(rowsPerMinute: number, nowMs: number) {
    this.#rowsPerMs = rowsPerMinute / 60_000
    this.rowsPerMinute = rowsPerMinute
    this.#left = rowsPerMinute
    this.#atMs = nowMs
  }

  /** Whole seconds until another body is let in; 0 when one is. */
  waitS(nowMs: number): number {
    this.#refill(nowMs)
    return this.#left >= 1 ? 0 : Math.ceil((1 - this.#left) / this.#rowsPerMs / 1_000)
  }

  spend(rows: number, nowMs: number): void {
    this.#refill(nowMs)
    this.#left -= rows
  }

  #refill(nowMs: number): void {
    this.#left = Math.min(this.rowsPerMinute, this.#left + Math.max(0, nowMs - this.#atMs) * this.#rowsPerMs)
    this.#atMs = nowMs
  }
}
