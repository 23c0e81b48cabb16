/**
 * What was last read of one thing, by its key: reading it again may fail, which takes nothing from the page. `null` before
 * anything was read, and for another key.
 */
export function lastRead<T>(): (key: string, value: T | null) => T | null {
  let last: { key: string; value: T } | null = null
  return (key, value) => {
    if (value !== null) last = { key, value }
    return last?.key === key ? last.value : null
  }
}
