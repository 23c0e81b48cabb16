import { redirect } from '@sveltejs/kit'
import { ApiError } from './api.ts'
import { leaving } from './leaving.ts'

/** Where somebody must go before a page opens: to the log-in, a wall to its code, or to enrol a second factor; `null` when it is not that. */
export function entryFor(error: unknown, url: URL): string | null {
  if (!(error instanceof ApiError)) return null
  if (error.code === 'second_factor_missing') return '/account'
  if (error.status !== 401) return null
  return url.pathname === '/wall' ? '/pair' : logInFor(url)
}

/** For `load`, of a question that failed: leads to where somebody must go first. @throws Redirect. */
export function rejectWithoutEntry(error: unknown, url: URL): void {
  const entry = entryFor(error, url)
  if (entry !== null) redirect(307, entry)
}

/** The log-in. It leads back to where somebody was sent there from, but for who left. */
export function logInFor({ pathname, search }: Pick<URL, 'pathname' | 'search'>): string {
  return leaving.isUnderWay ? '/login' : `/login?next=${encodeURIComponent(pathname + search)}`
}
