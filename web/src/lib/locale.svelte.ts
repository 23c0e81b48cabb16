import i18next, { type FormatterModule } from 'i18next'
import type { Bilingual, Lang } from '#domain/text.ts'
import { en } from './locale/en.ts'
import { zh } from './locale/zh.ts'
import { store, stored } from './stored.ts'

/** A string of the screens. */
export type Key = keyof typeof zh

const STORED = 'xiangrong.lang'
const HTML_LANG: Record<Lang, string> = { zh: 'zh-CN', en: 'en' }

/** The language of the screens: from `?lang=`, else what was chosen before, else Chinese. */
class Locale {
  #lang = $state<Lang>('zh')

  constructor() {
    const options = {
      keySeparator: false,
      nsSeparator: false,
      interpolation: { escapeValue: false, alwaysFormat: true },
    } as const
    i18next.use(numbersApart).init({
      ...options,
      lng: 'zh',
      fallbackLng: 'zh',
      resources: { zh: { translation: zh }, en: { translation: en } },
    })
  }

  get lang(): Lang {
    return this.#lang
  }

  /** Takes the language of an address into use. Called once, when the page starts. */
  start(url: Pick<URL, 'search'>): void {
    const asked = new URLSearchParams(url.search).get('lang') ?? stored(STORED)
    this.choose(asked?.startsWith('en') ? 'en' : 'zh')
  }

  choose(lang: Lang): void {
    this.#lang = lang
    store(STORED, lang)
    document.documentElement.lang = HTML_LANG[lang]
  }

  /** The string of a key in the current language; `count` chooses the English singular. */
  t = (key: Key, values: Record<string, string | number> = {}): string =>
    i18next.t(key, { ...values, lng: this.#lang })

  /** One of two texts. */
  of = (text: Bilingual): string => text[this.#lang]
}

/** Numbers in a sentence with their thousands apart. */
const numbersApart = {
  type: 'formatter' as const,
  init: () => undefined,
  add: () => undefined,
  addCached: () => undefined,
  format: (value: unknown) => (typeof value === 'number' ? value.toLocaleString('en-US') : String(value)),
} satisfies FormatterModule

export const locale = new Locale()
export const t = locale.t
