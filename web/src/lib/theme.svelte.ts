import { store, stored } from './stored.ts'

const STORED = 'xiangrong.theme'

/** Light or dark, as chosen on this machine; the wall is dark whatever this says. */
class Theme {
  #isDark = $state(false)

  get isDark(): boolean {
    return this.#isDark
  }

  start(): void {
    this.choose(stored(STORED) === 'dark')
  }

  choose(isDark: boolean): void {
    this.#isDark = isDark
    store(STORED, isDark ? 'dark' : 'light')
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
  }
}

export const theme = new Theme()
