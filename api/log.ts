import { type DestinationStream, type Logger, pino } from 'pino'
import { sqlStateOf } from '#sql/store-fault.ts'

/** What of a database's answer names things of ours. Its `detail`, `where` and `parameters` repeat values. */
const NAMES = ['code', 'severity', 'table', 'column', 'constraint', 'routine', 'syscall', 'errno'] as const
const DEPTH_MAX = 5

/** The log of the process: one JSON line an entry. Errors belong under `err`, where values are taken out of them. */
export function createLog(to?: DestinationStream): Logger {
  const options = { base: null, level: 'info', serializers: { err: loggable } }
  return to ? pino(options, to) : pino(options)
}

/**
 * An error as a log may hold it: what went wrong and where, and no value of a statement, a body or a parameter, since it
 * may be a person's number or name.
 */
export function loggable(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: `thrown: ${typeof error}` }
  const names = error as Partial<Record<(typeof NAMES)[number], unknown>>
  return {
    type: error.name,
    message: messageWithoutValues(error),
    ...Object.fromEntries(NAMES.flatMap((name) => (names[name] === undefined ? [] : [[name, names[name]]]))),
    ...(error.cause !== undefined && depth < DEPTH_MAX && { cause: loggable(error.cause, depth + 1) }),
    ...(error instanceof AggregateError &&
      depth < DEPTH_MAX && { errors: error.errors.map((one) => loggable(one, depth + 1)) }),
    // Only the places: the text above them begins with the message once more.
    at: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim()),
  }
}

function messageWithoutValues(error: Error): string {
  // Drizzle's message ends with the values of its statement.
  const message = error.message.replace(/\nparams: [\s\S]*$/, '')
  // Postgres quotes the value it could not read (class 22), JavaScript the text that is not JSON.
  const isQuoting = sqlStateOf(error)?.startsWith('22') || error instanceof SyntaxError
  return isQuoting ? message.replace(/".*"/s, '"…"') : message
}
