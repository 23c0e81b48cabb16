/** What was sent for a row, as JSON; `null` for what is nested so deep that it cannot be written out. */
export function rowJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch {
    return 'null'
  }
}
