/** Codes of faults that a caller, an operator or a person can act on. `api/app.ts` alone turns them into HTTP. */
export type ErrorCode =
  | 'bad_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'second_factor_missing'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'changed_since'
  | 'gone'
  | 'too_large'
  | 'too_slow'
  | 'unsupported_media'
  | 'unprocessable'
  | 'period_locked'
  | 'queue_full'
  | 'too_often'
  | 'store_away'
  | 'bad_setting'
  | 'directory_in_use'
  | 'migration_edited'
  | 'migration_newer'

/**
 * A fault with a code and a message that says what to change. Anything else that is thrown is a defect: logged whole
 * and answered "internal error". `retryAfterS` (seconds) goes with `queue_full`, `too_often`
 * and `store_away`. `zh` says the message in Chinese, where a page shows it. `refused` says what of a right was missing,
 * for the audit log: its name, and the place it does not reach.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly retryAfterS: number | null
  readonly zh: string | null
  readonly refused: { right?: string; place?: string }
  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; retryAfterS?: number; zh?: string; refused?: AppError['refused'] } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.retryAfterS = options.retryAfterS ?? null
    this.zh = options.zh ?? null
    this.refused = options.refused ?? {}
  }
}
