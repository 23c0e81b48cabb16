/** Days from 1904-01-01 (0) to where the other count begins (1899-12-30, as it holds 1900 for a leap year). */
const DAYS_1904 = 1_462

/**
 * The date and time of the number that a spreadsheet keeps it by, to the second, `YYYY-MM-DDTHH:mm:ss`; `null` before 1910 and
 * after 2100, where a number is not meant as one.
 */
export function isoOfSerial(serial: number, is1904 = false): string | null {
  const days = is1904 ? serial + DAYS_1904 : serial
  if (days < 3_654 || days > 73_415) return null
  const ms = Date.UTC(1899, 11, 30) + Math.round(days * 86_400) * 1000
  return new Date(ms).toISOString().slice(0, 19)
}
