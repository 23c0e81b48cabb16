/**
 * Money is whole fen (1/100 yuan) inside and a decimal string in yuan at the edges; never a float in between.
 * Fen fit a JavaScript integer up to 90 trillion yuan; sums that come back from the engine stay bigint-safe strings.
 */

const YUAN = /^(-?)(\d{1,12})(?:\.(\d{1,2}))?$/

/**
 * Whole fen of a yuan amount written as a decimal string ("1234.5") or an exact number with at most two decimals.
 * `null` when it is not such an amount (exponent, more than two decimals, more than 12 digits, blanks inside).
 */
export function yuanToFen(yuan: string | number): number | null {
  const match = YUAN.exec(typeof yuan === 'number' ? String(yuan) : yuan)
  if (!match) return null
  const fen = Number(match[2]) * 100 + Number((match[3] ?? '').padEnd(2, '0'))
  return match[1] === '-' && fen !== 0 ? -fen : fen
}

/** The yuan string with exactly two decimals of whole fen: `123450n` → "1234.50". Takes any Int64. */
export function fenToYuan(fen: bigint | number | string): string {
  const value = BigInt(fen)
  const digits = (value < 0n ? -value : value).toString().padStart(3, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
