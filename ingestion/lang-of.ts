import type { Context } from 'hono'
import { type Lang, langFrom } from '#domain/text.ts'

/** The language of a file: a link to it cannot say by a header which language the page is in. */
export function langOf(c: Context): Lang {
  return langFrom(c.req.query('lang') ?? c.req.header('accept-language'))
}
