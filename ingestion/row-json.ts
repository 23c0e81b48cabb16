/** What was sent for a row, as JSON; `null` for what is nested so deep that it cannot be written out. */
export function rowJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch {
    return 'null'
  }
}

/** Rows as JSON: one whose value cannot be written out keeps none of the others from it. */
export function rowsJson(rows: readonly { value: unknown }[]): string {
  try {
    return JSON.stringify(rows)
  } catch {
    return JSON.stringify(rows.map((row) => ({ ...row, value: JSON.parse(rowJson(row.value)) })))
  }
}
