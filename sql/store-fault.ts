import { AppError } from '#domain/error.ts'

/** How long what was under way when its connection broke, or its writer lost the lock, may still reach a store. */
export const SETTLE_MS = 2_000

/** Engine errors that mean "the disk or the store failed, try later", not "the statement is wrong". */
const AWAY =
  /NOT_ENOUGH_SPACE|not enough space|CANNOT_WRITE|No space left|CANNOT_OPEN_FILE|CANNOT_CREATE|FILE_DOESNT_EXIST|MEMORY_LIMIT|TOO_MANY_PARTS|NETWORK_ERROR|ECONN|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|socket hang up|Timeout|ENOENT|ENOSPC|filesystem error|errno/i

/** What a proxy in front of a server that is away, or a server that is starting or stopping, answers. */
const GATEWAY = /\b50[234]\b|Bad Gateway|Service Unavailable/

/** SQLSTATE classes of a database that is away: connection, resources (a full disk), operator (shutting down), system. */
const AWAY_STATES = /^(08|53|57|58)/

/** The fault as AppError `store_away` when the store is at fault, else the engine's message without any value in it. */
export function storeFault(cause: unknown): unknown {
  if (cause instanceof AppError) return cause
  const message = messageOf(cause)
  if (!isStoreAway(cause)) return new Error(withoutValues(message))
  return new AppError('store_away', 'the analytics store cannot take this now; try again', {
    cause: new Error(withoutValues(message)),
    retryAfterS: 5,
    zh: '数据存储暂时不能用，请稍后再试',
  })
}

/** Whether an error of either store's driver says that the store is away or failed. */
export function isStoreAway(cause: unknown): boolean {
  const message = messageOf(cause)
  return (
    AWAY.test(message) ||
    GATEWAY.test(message) ||
    AWAY_STATES.test(sqlStateOf(cause) ?? '') ||
    certificateFaultOf(cause) !== null
  )
}

/** By which code Node refuses the certificate of a server (expired, self-signed, of another host); `null` for any other error. */
export function certificateFaultOf(cause: unknown): string | null {
  const { code } = (cause ?? {}) as { code?: unknown }
  const isOne = typeof code === 'string' && /CERT|^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/.test(code)
  return isOne ? code : null
}

/**
 * A database error as AppError `store_away` when the database is away or has no room, else as it came. What has no
 * SQLSTATE never came from the database: the connection failed, or the embedded one has stopped.
 */
export function postgresFault(cause: unknown): unknown {
  if (cause instanceof AppError) return cause
  const state = sqlStateOf(cause)
  if (state !== null && !AWAY_STATES.test(state)) return cause
  return new AppError('store_away', 'the database cannot be reached or has no room; try again', {
    cause,
    retryAfterS: 5,
    zh: '数据库连不上或空间已满，请稍后再试',
  })
}

/** The five-character SQLSTATE of an error that a database answered with; `null` for any other. */
export function sqlStateOf(cause: unknown): string | null {
  const { code } = (cause ?? {}) as { code?: unknown }
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE' ? code : null
}

/** The message of an error; where it gathers several (one for each address of a host), theirs. */
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(messageOf).join('; ')
  return cause instanceof Error ? cause.message : String(cause)
}

/**
 * An engine message without the values of its statement: they may be rows, and the message goes to a log. Where a row
 * cannot be read the engine shows it column by column, from "Row 1:" on.
 */
function withoutValues(message: string): string {
  return message
    .replace(/\n\s*Row \d+:[\s\S]*$/, '')
    .replace(/'(?:[^'\\]|\\.)*'/g, "'…'")
    .slice(0, 500)
}
