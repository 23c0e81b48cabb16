import { z } from 'zod'

/** The two languages of the product. Simplified Chinese is the default everywhere. */
export const Lang = z.enum(['zh', 'en'])
export type Lang = z.infer<typeof Lang>

/** One text in both languages. */
export type Bilingual = { readonly zh: string; readonly en: string }

/**
 * Text as every store can keep it: without control characters but tab and line ends, and with no half of a surrogate
 * pair. Postgres refuses NUL, ClickHouse half pairs; one such text would stop the whole commit or the alerting.
 */
export function storableText(text: string): string {
  if (!SUSPECT.test(text)) return text
  return text.toWellFormed().replace(/[^\P{Cc}\t\n\r]/gu, '')
}

/** A control character or half of a pair: most texts have neither and are left as they are. */
const SUSPECT = /[\p{Cc}\p{Cs}]/u

/** The language a caller asks for, from an `Accept-Language` header; `zh` when absent or anything but English first. */
export function langFrom(header: string | undefined | null): Lang {
  return header?.trim().toLowerCase().startsWith('en') ? 'en' : 'zh'
}
