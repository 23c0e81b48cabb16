/** Seconds that are left of a wait, shown as they run down. */
export class Countdown {
  #leftS = $state(0)
  #timer: ReturnType<typeof setInterval> | undefined

  get leftS(): number {
    return this.#leftS
  }

  /** "4:05" */
  get text(): string {
    return `${Math.floor(this.#leftS / 60)}:${String(this.#leftS % 60).padStart(2, '0')}`
  }

  start(seconds: number): void {
    clearInterval(this.#timer)
    const endMs = Date.now() + seconds * 1000
    const show = () => {
      this.#leftS = Math.max(0, Math.ceil((endMs - Date.now()) / 1000))
      if (this.#leftS === 0) clearInterval(this.#timer)
    }
    show()
    this.#timer = setInterval(show, 500)
  }
}
