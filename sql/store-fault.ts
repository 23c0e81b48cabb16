import { AppError } from '#domain/error.ts'

/** Engine errors that mean "the disk or the store failed, try later", not "the statement is wrong". */
const AWAY =
  /NOT_ENOUGH_SPACE|not enough space|CANNOT_WRITE|No space left|CANNOT_OPEN_FILE|CANNOT_CREATE|FILE_DOESNT_EXIST|MEMORY_LIMIT|TOO_MANY_PARTS|NETWORK_ERROR|ECONNREFUSED|ECONNRESET|ETIMEDOUT|socket hang up|Timeout|ENOENT|ENOSPC|filesystem error|errno/i

/** The fault as AppError `store_away` when the store is at fault, else the engine's message without any value in it. */
export function storeFault(cause: unknown): unknown {
  if (cause instanceof AppError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  if (!AWAY.test(message)) return new Error(withoutValues(message))
  return new AppError('store_away', 'the analytics store cannot take this now; try again', {
    cause: new Error(withoutValues(message)),
    retryAfterS: 5,
  })
}

/** An engine message without the values of its statement: they may be rows, and the message goes to a log. */
function withoutValues(message: string): string {
  return message.replace(/'(?:[^'\\]|\\.)*'/g, "'…'").slice(0, 500)
}
