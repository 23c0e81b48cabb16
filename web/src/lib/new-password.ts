import { passwordFault } from '#domain/password.ts'
import { ApiError } from './api.ts'
import { failureText } from './failure.ts'
import type { Key } from './locale.svelte.ts'

type Words = (key: Key, values?: Record<string, string | number>) => string

/** What is wrong with a new password as typed twice; '' when nothing is that can be told here. */
export function newPasswordProblem(password: string, repeated: string, username: string, t: Words): string {
  const fault = passwordFault(password, username)
  if (fault !== null) return t(`password.fault.${fault}`)
  return password === repeated ? '' : t('setup.mismatch')
}

/** Why the server did not take a new password: it alone has the long list of the most common ones. */
export function passwordFailure(error: unknown, t: Words): string {
  return error instanceof ApiError && error.message.startsWith('password:')
    ? t('password.fault.common')
    : failureText(error, t)
}

/** Why a password or code that proves who one is was not taken. */
export function proofFailure(error: unknown, t: Words): string {
  if (!(error instanceof ApiError)) return failureText(error, t)
  if (error.status === 429) return t('password.shut', { minutes: Math.ceil((error.retryAfterS ?? 60) / 60) })
  if (error.message.startsWith('password:')) return t('password.fault.common')
  if (error.status === 400 || error.status === 401) return t('password.wrong')
  return failureText(error, t)
}
