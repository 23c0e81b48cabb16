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
  if (error.status === 403) return t('state.forbidden')
  if (error.status === 404) return t('state.absent')
  if (error.status === 429) return t('state.busy')
  if (error.status >= 500) return t('state.server', { status: error.status })
  return error.message
}

/** Whether it is for want of a right. */
export const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.status === 403
