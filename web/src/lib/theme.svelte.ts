const STORED = 'xiangrong.theme'

/** Light or dark, as chosen on this machine; the wall is dark whatever this says. */
class Theme {
  #isDark = $state(false)

  get isDark(): boolean {
    return this.#isDark
  }

  start(): void {
    this.choose(localStorage.getItem(STORED) === 'dark')
  }

  choose(isDark: boolean): void {
    this.#isDark = isDark
    localStorage.setItem(STORED, isDark ? 'dark' : 'light')
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
  }
}

export const theme = new Theme()
