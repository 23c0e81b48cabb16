import { describe, expect, test } from 'vitest'
import { ActReason, LookReason } from '#domain/audit.ts'
import { maskIdentifiers, normalIdNumber, normalPhone } from '#domain/person.ts'
import { SIGNALS } from '#domain/signal.ts'
import { plainText } from '#domain/text.ts'
import { arrears, idNumber, worker } from '../support/signals.ts'

/** As telephones, chats and web pages paste them with what is copied. */
const UNSEEN = ['\u200b', '\u200e', '\u202d', '\u202c', '\u2060', '\ufeff', '\u00ad', '\u3164', '\u{e0041}']
const wide = (text: string) =>
  text.replace(/[0-9A-Za-z]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0))

describe('what nobody sees', () => {
  test.each(UNSEEN)('makes no other case, person, place or telephone: %j', (mark) => {
    const within = (text: string) => `${mark}${text.slice(0, 3)}${mark}${text.slice(3)}${mark}`
    const plain = arrears({ caseId: 'LD-2026-1', project: '安置房' })
    const pasted = {
      ...plain,
      caseId: within('LD-2026-1'),
      workRegion: within('430503'),
      project: within('安置房'),
    }
    expect(SIGNALS.arrears.parse(pasted)).toEqual(SIGNALS.arrears.parse(plain))
    const person = worker({ idNumber: idNumber(7), phone: '13812345678' })
    const copied = { ...person, idNumber: within(idNumber(7)), phone: within('13812345678') }
    expect(SIGNALS.workers.parse(copied)).toEqual(SIGNALS.workers.parse(person))
    expect([normalIdNumber(within(idNumber(7))), normalPhone(within('13812345678'))]).toEqual([
      idNumber(7),
      '13812345678',
    ])
  })

  test.each(UNSEEN)('is no name and no code by itself: %j', (mark) => {
    for (const field of ['caseId', 'employer'])
      expect(SIGNALS.arrears.safeParse(arrears({ [field]: mark })).error?.issues).toMatchObject([
        { path: [field], params: { code: 'required' } },
      ])
    for (const reason of [ActReason, LookReason]) {
      expect(reason.safeParse(` ${mark.repeat(6)} `).success).toBe(false)
      expect(reason.parse(`核对${mark}工资发放对象`)).toBe('核对工资发放对象')
    }
  })
})

test('digits and letters are as wide as they are typed elsewhere; brackets of firms stay', () => {
  expect(plainText('　示例建筑（１２）Ｂ公司　')).toBe('示例建筑（12）B公司')
  expect(SIGNALS.arrears.parse(arrears({ caseId: wide('LD-1') })).caseId).toBe('LD-1')
})

test.each([
  '13812345678',
  wide('13812345678'),
  '138\u00a01234\u30005678',
  '138–1234－5678',
  '138\u200b1234\u200b5678',
  wide('43052219850315001X'),
  `${idNumber(7).slice(0, 6)} ${idNumber(7).slice(6)}`,
])('a number of a person in a text is masked however it is written: %s', (number) => {
  const masked = maskIdentifiers(`找张工 ${number}，欠薪 512000.00 元，46人`)
  expect(masked).toBe(`找张工 ${number.slice(0, 3)}****，欠薪 512000.00 元，46人`)
})

test('a reason holds no number of a person, and the days it speaks of where it is of an act', () => {
  for (const reason of [ActReason, LookReason])
    expect(reason.parse(`本人 ${idNumber(7)}（13812345678）要求`)).toBe('本人 430****（138****）要求')
  expect(ActReason.parse('2026-11-20 的表重复上传')).toBe('2026-11-20 的表重复上传')
})

describe('an amount', () => {
  const owed = (amount: unknown) => {
    const { data, error } = SIGNALS.arrears.safeParse(arrears({ owed: amount }))
    return data
      ? data.owed
      : error?.issues.map((issue) => (issue as { params?: { code: string } }).params?.code)
  }

  test('may have separators of thousands, and is never read a hundred times too large', () => {
    expect(['1,234.50', '12,345,678', '-0', '１，２３４．５'].map(owed)).toEqual([
      123450, 1234567800, 0, 123450,
    ])
    for (const amount of ['512000,00', '1,5', '1,,2', '12,34,567', '1234,567', ',5', '1.234,50'])
      expect([amount, owed(amount)]).toEqual([amount, ['wrong_format']])
  })

  test('that is too large is said to be', () => {
    for (const amount of ['90071992547409.93', 1e13, '99999999999999999999', '100000000000.01'])
      expect([amount, owed(amount)]).toEqual([amount, ['too_large']])
    expect(owed('100000000000.00')).toBe(1e13)
  })
})
