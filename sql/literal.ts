import type { Param, Params } from './engine.ts'

const PLAIN = /^[\w/-]*$/
const PLACE = /\{(\w+):([A-Za-z0-9()]+)\}/g

/**
 * The statement with each `{name:Type}` place replaced by a literal of that type. The embedded engine serialises bound
 * parameters process-wide (a trivial bound query waits behind a heavy one), so there they are written into the text.
 *
 * Types: String, Int64, UInt8, Array(String).
 * @throws Error when a place has no value, a value has no place, or a value is not of the place's type.
 */
export function renderLiterals(sql: string, params: Params): string {
  const unused = new Set(Object.keys(params))
  const text = sql.replace(PLACE, (_place, name: string, type: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`query parameter ${name} is missing`)
    unused.delete(name)
    return literal(name, type, value)
  })
  if (unused.size > 0) throw new Error(`query has no place for ${[...unused].join(', ')}`)
  return text
}

function literal(name: string, type: string, value: Param): string {
  if (type === 'String' && typeof value === 'string') return quoted(value)
  if (type === 'Array(String)' && Array.isArray(value))
    return `[${value.map((item) => quoted(String(item))).join(',')}]`
  if (/^U?Int\d+$/.test(type) && (typeof value === 'bigint' || Number.isSafeInteger(value)))
    return String(value)
  throw new Error(`query parameter ${name} is not a ${type}`)
}

/** A ClickHouse string literal: backslash and quote escaped, other bytes as they are. */
export function quoted(text: string): string {
  if (PLAIN.test(text)) return `'${text}'`
  return `'${text.replace(/[\\']/g, '\\$&').replace(/\0/g, '\\0')}'`
}
