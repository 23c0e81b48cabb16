import { createSubscriber } from 'svelte/reactivity'

/** The time, ticking once a second, for as long as somebody looks. */
class Now {
  #subscribe = createSubscriber((update) => {
    const timer = setInterval(update, 1_000)
    return () => clearInterval(timer)
  })

  get current(): number {
    this.#subscribe()
    return Date.now()
  }
}

export const now = new Now()
