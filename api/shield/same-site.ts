import type { MiddlewareHandler } from 'hono'
import { AppError } from '#domain/error.ts'

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses what a page of another site has a browser do in a person's name. Browsers say where a request comes from by
 * `Origin` and `Sec-Fetch-Site`; other clients send neither and have no cookie that a page could misuse. A key in
 * `Authorization` is nothing a browser adds by itself.
 */
export function rejectOtherSites(publicUrl: string | null): MiddlewareHandler {
  return async (c, next) => {
    const site = c.req.header('sec-fetch-site')
    const isOurs =
      isOwnOrigin(c.req.header('origin'), c.req.header('host'), publicUrl) &&
      (site === undefined || site === 'same-origin' || site === 'none')
    if (!isOurs && !READING.has(c.req.method) && c.req.header('authorization') === undefined)
      throw new AppError(
        'forbidden',
        'this request was made by a page of another site; open ours and try again',
      )
    await next()
  }
}

/** Whether a page of `origin` is one of ours: served from this host, or from the public address. No origin is no page. */
export function isOwnOrigin(
  origin: string | undefined,
  host: string | undefined,
  publicUrl: string | null,
): boolean {
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  const { host: from, origin: whole } = new URL(origin)
  return from === host || (publicUrl !== null && whole === publicUrl)
}
