import { halfWidth } from './text.ts'
import { isDay } from './time.ts'

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const ID_CHECKS = '10X98765432'

/**
 * Whether a text is a resident ID number: 17 digits and a check character by ISO 7064 MOD 11-2, with a birth date that
 * exists, of the 20th or 21st century. The area code is not checked against today's list: people hold cards with abolished codes.
 * Source: GB 11643-1999.
 */
export function isIdNumber(text: string): boolean {
  if (text.length !== 18 || text[0] === '0') return false
  let sum = 0
  for (let i = 0; i < 17; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return false
    sum += digit * (ID_WEIGHTS[i] ?? 0)
  }
  if (ID_CHECKS[sum % 11] !== text[17]) return false
  const year = Number(text.slice(6, 10))
  return year >= 1900 && year < 2100 && isDay(year, Number(text.slice(10, 12)), Number(text.slice(12, 14)))
}

/** The check character for the first 17 digits of a resident ID number. Source: GB 11643-1999. */
export function idCheckCharacter(first17: string): string {
  let sum = 0
  for (let i = 0; i < 17; i++) sum += (first17.charCodeAt(i) - 48) * (ID_WEIGHTS[i] ?? 0)
  return ID_CHECKS[sum % 11] ?? ''
}

/** Birth date `YYYY-MM-DD` carried by a valid resident ID number. */
export function birthOf(idNumber: string): string {
  return `${idNumber.slice(6, 10)}-${idNumber.slice(10, 12)}-${idNumber.slice(12, 14)}`
}

/** Sex carried by a valid resident ID number: the 17th digit is odd for men. */
export function sexOf(idNumber: string): 'male' | 'female' {
  return (idNumber.charCodeAt(16) - 48) % 2 === 1 ? 'male' : 'female'
}

const CODE_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
/** The place of each character in the alphabet, by its code. */
const CODE_VALUES = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, CODE_ALPHABET.indexOf(String.fromCharCode(code))),
)
const CODE_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

/** Whether a text is a unified social credit code: 18 characters, check by MOD 31-3. Source: GB 32100-2015. */
export function isEmployerCode(text: string): boolean {
  return /^[0-9A-HJ-NPQRTUWXY]{18}$/.test(text) && employerCheckCharacter(text) === text[17]
}

/** The check character for the first 17 characters of a unified social credit code. Source: GB 32100-2015. */
export function employerCheckCharacter(first17: string): string {
  let sum = 0
  for (let i = 0; i < 17; i++) sum += (CODE_VALUES[first17.charCodeAt(i)] ?? 0) * (CODE_WEIGHTS[i] ?? 0)
  return CODE_ALPHABET[(31 - (sum % 31)) % 31] ?? ''
}

/**
 * Free text with anything that looks like a resident ID number or a telephone number masked, so that a clerk's note
 * cannot carry a person into the analytics store. Seven and more digits in a row are masked but for the first three, of
 * whatever width and with whichever blanks, dashes or unseen characters between them.
 */
export function maskIdentifiers(text: string): string {
  return text.replace(LONG_NUMBER, shortened)
}

const LONG_NUMBER = /[\d０-９][\d０-９\p{Zs}\p{Pd}\p{Cf}]{5,}[\d０-９XxＸｘ]/gu
const shortened = (digits: string) => `${digits.slice(0, 3)}****`

/** A title of a column or a reason as it is kept: masked as free text, but for days, which tell columns and batches apart. */
export function maskTitle(title: string): string {
  return title.replace(LONG_NUMBER, (digits) => (DAYS.test(digits) ? digits : shortened(digits)))
}

const DAY = '20\\d\\d\\p{Pd}?(?:0[1-9]|1[0-2])\\p{Pd}?(?:0[1-9]|[12]\\d|3[01])'
/** "2026-01-31", "20260101-20260131". */
const DAYS = new RegExp(`^${DAY}(?:\\p{Pd}${DAY})?$`, 'u')

/**
 * A code or name with each resident ID number and mobile number in it replaced by what `veil` makes of it, whatever stands before
 * and behind it, also where they stand in groups: 138-1234-5678. Some registers number a case by the number of who came with it:
 * masked it would be one with other cases, so it stays one of its own. So does a serial of many digits that is taken for a number
 * of a person: of those of 26 digits one in two thousand.
 */
export function veilIdentifiers(text: string, veil: (number: string) => string): string {
  if (!mayHoldPersonNumber(text)) return text
  let veiled = ''
  let at = 0
  for (const { number, from, until } of idNumbersWithin(text)) {
    veiled += `${mobilesVeiled(text.slice(at, from), veil)}#${veil(number)}`
    at = until
  }
  return veiled + mobilesVeiled(text.slice(at), veil)
}

/** Whether a text has as many digits as a mobile number, in groups or not. Most codes and names have not. */
export function mayHoldPersonNumber(text: string): boolean {
  return text.length >= DIGITS_OF_MOBILE && MANY_DIGITS.test(text)
}

const DIGITS_OF_MOBILE = 11
const MANY_DIGITS = /\d(?:[\s\p{Pd}]{0,3}\d){10}/u

const mobilesVeiled = (text: string, veil: (number: string) => string) =>
  text.replace(MOBILE, (found) => `#${veil(normalPhone(found))}`)

const MOBILE =
  /(?<![\dA-Z])(?:(?:\+|00)?86[\s\p{Pd}]{0,3})?1[3-9]\d(?:\d{8}|[\s\p{Pd}]{1,3}\d{4}[\s\p{Pd}]{1,3}\d{4})(?![\dA-Z])/giu

/** The resident ID numbers that stand in a text and where, tried from every digit: the day of birth and the check decide. */
function idNumbersWithin(text: string): { number: string; from: number; until: number }[] {
  return [...text.matchAll(ID_NUMBER)].flatMap(({ index, 1: written = '' }) => {
    const number = normalIdNumber(written)
    return isIdNumber(number) ? { number, from: index, until: index + written.length } : []
  })
}

const GAP = '[\\s\\p{Pd}]{0,3}'
/** Looked at from each place without taking it, as a number may begin within what looked like one. Births are of two centuries. */
const ID_NUMBER = new RegExp(
  `(?=([1-9](?:${GAP}\\d){5}${GAP}(?:1${GAP}9|2${GAP}0)(?:${GAP}\\d){9}${GAP}[\\dX]))`,
  'giu',
)

/** The resident ID numbers that stand in a text, each once, in the form that is hashed. */
export function idNumbersIn(text: string): string[] {
  return [...new Set(idNumbersWithin(halfWidth(text)).map(({ number }) => number))]
}

/** The same of a value written as JSON: of a tab or a line break before a number, or within it, its letter is no part of the text. */
export function idNumbersInJson(json: string): string[] {
  return idNumbersIn(json.replace(JSON_ESCAPE, ' '))
}

const JSON_ESCAPE = /\\(?:[bfnrt]|u[\da-f]{4})/gi

/** Whether there is a number of a person in a text, as `veilIdentifiers` would replace, also in full width. */
export function holdsPersonNumber(text: string): boolean {
  const plain = halfWidth(text)
  return veilIdentifiers(plain, () => '') !== plain
}

/**
 * Whether a text may be this ID number mistyped: one character is another, missing or too many, two neighbours are swapped, or the
 * last three are not as they were, which is how spreadsheets keep it as a number. Or it is the one of 15 digits that cards had
 * until 1999: without the century and the check.
 */
export function isMistyped(text: string, idNumber: string): boolean {
  if (text.slice(0, 15) === idNumber.slice(0, 15)) return true
  if (text === idNumber.slice(0, 6) + idNumber.slice(8, 17)) return true
  const at = [...idNumber].findIndex((character, i) => text[i] !== character)
  const [typed, right] = [text.slice(at), idNumber.slice(at)]
  return (
    typed.slice(1) === right.slice(1) ||
    typed === right.slice(1) ||
    typed.slice(1) === right ||
    (typed[0] === right[1] && typed[1] === right[0] && typed.slice(2) === right.slice(2))
  )
}

/** What names a person: kept sealed in the identity vault and nowhere else. `phone` is '' when none was sent. */
export type Identity = { idNumber: string; name: string; phone: string }

/** A resident ID number as it is typed or pasted, in the one form that is hashed: half-width, no blanks or dashes, a capital X. */
export function normalIdNumber(text: string): string {
  // Most are that already.
  if (/^\d{17}[\dX]$/.test(text)) return text
  return halfWidth(text)
    .replace(/[\s\p{Pd}]/gu, '')
    .toUpperCase()
}

/** A telephone number as it is typed or pasted, half-width and without what groups its digits: blanks, dashes, brackets. */
export function ungroupedPhone(text: string): string {
  return halfWidth(text).replace(/[\s\p{Pd}()]/gu, '')
}

/** A telephone number in the one form that is hashed: ungrouped, without country code 86. */
export function normalPhone(text: string): string {
  // Most are that already.
  if (/^1\d{10}$/.test(text)) return text
  return ungroupedPhone(text).replace(/^(\+|00)?86(?=[01])/, '')
}

/** A name as shown before it is deliberately opened: its first character, and a star for each of the others. */
export function maskName(name: string): string {
  const [first = '', ...others] = [...name]
  return first + '*'.repeat(others.length)
}

/** A resident ID number with its first four and last three characters. */
export function maskIdNumber(idNumber: string): string {
  return masked(idNumber, 4, 3)
}

/** A telephone number with its first three and last four digits. */
export function maskPhone(phone: string): string {
  return masked(phone, 3, 4)
}

function masked(text: string, first: number, last: number): string {
  const hidden = Math.max(0, text.length - first - last)
  return text.slice(0, first) + '*'.repeat(hidden) + text.slice(first + hidden)
}
