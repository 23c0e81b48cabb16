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

/**
 * A text without the characters that nobody sees: zero-width blanks, marks of direction, soft hyphens. Telephones, chats and web
 * pages paste them with what is copied, and nobody could tell why the number is refused or the case is another one.
 */
function withoutUnseen(text: string): string {
  return text.replace(UNSEEN, '')
}

const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

/** A text in which every form of a character is its plain one, full-width ones half-width, and nothing is that nobody sees. */
export function halfWidth(text: string): string {
  return ASCII.test(text) ? text : withoutUnseen(text).normalize('NFKC')
}

/** Most codes, numbers and dates are of these alone, in which there is nothing to do. */
const ASCII = /^[ -~]*$/

/**
 * A name, a code or a note as it is kept and compared: storable, without what nobody sees, digits and Latin letters of half width,
 * no blanks around. Brackets stay as wide as they are, which is how names of firms are written.
 */
export function plainText(text: string): string {
  if (PLAIN.test(text)) return text.trim()
  return withoutUnseen(storableText(text))
    .replace(FULL_WIDTH, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0))
    .trim()
}

const FULL_WIDTH = /[０-９Ａ-Ｚａ-ｚ]/g
/** Most texts are of these alone, in which there is nothing to do. */
const PLAIN = /^[ -~\u4e00-\u9fff（）]*$/

/** The language a caller asks for, from an `Accept-Language` header; `zh` when absent or anything but English first. */
export function langFrom(header: string | undefined | null): Lang {
  return header?.trim().toLowerCase().startsWith('en') ? 'en' : 'zh'
}
