import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  employerCheckCharacter,
  idCheckCharacter,
  isEmployerCode,
  isIdNumber,
  isMistyped,
} from '#domain/person.ts'
import { SIGNALS } from '#domain/signal.ts'
import { arrears, worker } from '../support/signals.ts'

/** The same by the letter of GB 11643-1999: shape, check character, and a day that the calendar has. */
function isIdNumberByLetter(text: string): boolean {
  const date = text.replace(/^.{6}(....)(..)(..).*$/s, '$1-$2-$3')
  return (
    /^[1-9]\d{16}[\dX]$/.test(text) &&
    idCheckCharacter(text) === text[17] &&
    new Date(`${date}T00:00:00Z`).toJSON()?.slice(0, 10) === date &&
    date >= '1900' &&
    date < '2100'
  )
}

const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`))
/** Numbers with the right check character whose other digits are anything, so that the day often does not exist. */
const numbers = fc
  .tuple(
    digits(6),
    fc.constantFrom('19', '20', '18', '21'),
    digits(2),
    fc.integer({ min: 0, max: 1399 }),
    digits(5),
  )
  .map(([home, century, year, day, serial]) => {
    const first17 = `${home}${century}${year}${String(day).padStart(4, '0')}${serial}`.slice(0, 17)
    return first17 + idCheckCharacter(first17)
  })
const nearly = (texts: fc.Arbitrary<string>) =>
  fc
    .tuple(texts, fc.nat(18), fc.constantFrom('', '0', 'X', 'x', '５', ' ', ':', '/', 'I', '\n', '中'))
    .map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + 1))

test('an ID number is one by the letter of the standard, and nothing else is', () => {
  expect(isIdNumber('11010519491231002X')).toBe(true)
  expect(isIdNumber('110105190002290013')).toBe(false)
  let valid = 0
  fc.assert(
    fc.property(fc.oneof(numbers, nearly(numbers), fc.string()), (text) => {
      expect([text, isIdNumber(text)]).toEqual([text, isIdNumberByLetter(text)])
      if (isIdNumber(text)) valid++
    }),
    { seed: 20261128, numRuns: 5_000 },
  )
  expect(valid).toBeGreaterThan(100)
})

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
/** The same by the letter of GB 32100-2015: the weights are the powers of 3 modulo 31. */
function isEmployerCodeByLetter(text: string): boolean {
  if (text.length !== 18 || [...text].some((one) => !ALPHABET.includes(one))) return false
  const sum = [...text.slice(0, 17)].reduce(
    (all, one, i) => all + Number((ALPHABET.indexOf(one) * 3 ** i) % 31),
    0,
  )
  return ALPHABET[(31 - (sum % 31)) % 31] === text[17]
}

test('an ID number is no employer code, though one in 31 of them is by its check', () => {
  const number = '43052219850315061X'
  expect([isIdNumber(number), isEmployerCode(number)]).toEqual([true, true])
  for (const [kind, row] of [
    ['workers', worker({ employerCode: number })],
    ['arrears', arrears({ employerCode: ` ${number.toLowerCase()} ` })],
  ] as const)
    expect(SIGNALS[kind].safeParse(row).error?.issues).toMatchObject([
      { path: ['employerCode'], params: { code: 'bad_employer_code' } },
    ])
  // Where the code of a county is read as a year, it is none that anybody is born in.
  const code = '914301210101000015'
  expect(SIGNALS.workers.safeParse(worker({ employerCode: code })).success).toBe(true)
})

const codes = fc
  .array(fc.constantFrom(...ALPHABET), { minLength: 17, maxLength: 17 })
  .map((characters) => characters.join('') + employerCheckCharacter(characters.join('')))

test('an employer code is one by the letter of the standard, and nothing else is', () => {
  expect(isEmployerCode('91350100M000100Y43')).toBe(true)
  let valid = 0
  fc.assert(
    fc.property(fc.oneof(codes, nearly(codes), fc.string()), (text) => {
      expect([text, isEmployerCode(text)]).toEqual([text, isEmployerCodeByLetter(text)])
      if (isEmployerCode(text)) valid++
    }),
    { seed: 20261128, numRuns: 2_000 },
  )
  expect(valid).toBeGreaterThan(300)
})

test.each([
  ['another character', '430503198001011234', true],
  ['one missing', '43050319900101234', true],
  ['two missing', '4305031990011234', false],
  ['one twice', '4305003199001011234', true],
  ['neighbours swapped', '430530199001011234', true],
  ['its last digits lost by a spreadsheet', '430503199001011000', true],
  ['two characters', '430504199101011234', false],
  ['as it was in 15 digits', '430503900101123', true],
  ['another of 15 digits', '430503900101124', false],
  ['nothing', '', false],
  ['somebody of the same day and place', '430503199001012317', false],
])('a number may be another mistyped: %s', (_, text, is) => {
  expect(isMistyped(text, '430503199001011234')).toBe(is)
})
