/** How long after the last touch or key a page counts as left alone. */
const ALONE_MS = 60_000
const INPUTS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const

/** Whether a person is at the page: what a page asks by itself must not keep a session open for an empty chair. */
class Activity {
  #atMs = Date.now()

  start(): void {
    const seen = () => {
      this.#atMs = Date.now()
    }
    for (const input of INPUTS) addEventListener(input, seen, { capture: true, passive: true })
  }

  /** Nobody is there; never so of a wall, which nobody touches for weeks. */
  get isAlone(): boolean {
    return Date.now() - this.#atMs > ALONE_MS && location.pathname !== '/wall'
  }
}

export const activity = new Activity()
