import { z } from 'zod'

/** The two languages of the product. Simplified Chinese is the default everywhere. */
export const Lang = z.enum(['zh', 'en'])
export type Lang = z.infer<typeof Lang>

/** One text in both languages. */
export type Bilingual = { readonly zh: string; readonly en: string }

/** The language a caller asks for, from an `Accept-Language` header; `zh` when absent or anything but English first. */
export function langFrom(header: string | undefined | null): Lang {
  return header?.trim().toLowerCase().startsWith('en') ? 'en' : 'zh'
}
