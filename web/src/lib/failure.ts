import { ApiError } from './api.ts'
import type { Key } from './locale.svelte.ts'

/** How to tell a person why something could not be read: a string of the locale, or the server's own words. */
export function failureText(
  error: unknown,
  t: (key: Key, values?: Record<string, string | number>) => string,
): string {
  if (!(error instanceof ApiError)) return t('state.unreadable')
  if (error.code === 'offline') return t('state.offline')
  if (error.code === 'timeout') return t('state.timeout')
  if (error.code === 'unreadable') return t('state.unreadable')
  if (error.status >= 500) return t('state.server', { status: error.status })
  return error.message
}
