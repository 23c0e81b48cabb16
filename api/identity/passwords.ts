import { dictionary } from '@zxcvbn-ts/language-common'
import { AppError } from '#domain/error.ts'
import {
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  type PasswordFault,
  passwordFault,
} from '#domain/password.ts'

/** The passwords that attackers try first, from published leaks; shorter ones are refused for their length. */
const LISTED = new Set(dictionary['passwords-common'].filter((one) => one.length >= PASSWORD_LENGTH_MIN))

const MESSAGES: Record<PasswordFault, string> = {
  short: `must have at least ${PASSWORD_LENGTH_MIN} characters`,
  long: `must have at most ${PASSWORD_LENGTH_MAX} characters`,
  userName: 'must not be the user name, or little more than it',
  common: 'is one of the most common passwords; choose one that nobody would try',
}

/** Why a password is not taken, as text that follows its name; `null` when it is. */
export function passwordRefusal(password: string, username: string): string | null {
  const fault = passwordFault(password, username, (lower) => LISTED.has(lower))
  return fault && MESSAGES[fault]
}

/** @throws AppError `bad_request` that says which rule a password breaks, never the password. */
export function rejectPassword(password: string, username: string): void {
  const refusal = passwordRefusal(password, username)
  if (refusal !== null) throw new AppError('bad_request', `password: ${refusal}`)
}
