import { ApiError } from './api.ts'

/** Where somebody must go before a page opens: to the log-in, a wall to its code, or to enrol a second factor; `null` when it is not that. */
export function entryFor(error: unknown, url: URL): string | null {
  if (!(error instanceof ApiError)) return null
  if (error.code === 'second_factor_missing') return '/account'
  if (error.status !== 401) return null
  return url.pathname === '/wall' ? '/pair' : `/login?next=${encodeURIComponent(url.pathname + url.search)}`
}
