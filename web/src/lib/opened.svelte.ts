import { page } from '$app/state'

/** What was opened of a person or household, in clear: `null` again by itself when what one may do has changed. */
export class Opened<T> {
  // By itself: all data of the page is put anew whenever any of it is read again.
  readonly #me = $derived(page.data.me)
  #current = $derived.by((): T | null => {
    void this.#me
    return null
  })

  get current(): T | null {
    return this.#current
  }
  set current(one: T | null) {
    this.#current = one
  }
}
