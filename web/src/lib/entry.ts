import { ApiError } from './api.ts'

/** Where somebody must go before a page opens: to the log-in, or to enrol a second factor; `null` when it is not that. */
export function entryFor(error: unknown, url: URL): string | null {
  if (!(error instanceof ApiError)) return null
  if (error.code === 'second_factor_missing') return '/account'
  return error.status === 401 ? `/login?next=${encodeURIComponent(url.pathname + url.search)}` : null
}
