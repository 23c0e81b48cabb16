import { idCheckCharacter } from '#domain/person.ts'
import { AGE_BANDS, LOCAL_BY_AGE, MALE } from './figures.ts'
import { type Random, Weighted } from './random.ts'

/**
 * Synthetic people. Everything that identifies one says that it is invented: the second character of every name is
 * 例, 样, 拟 or 虚 (example, sample, imitation, void); phones start with 140, a range given to things and not to people; and
 * the sequence part of an ID number counts the persons of a county instead of a registry's births.
 */

const SURNAMES = new Weighted<string>([
  ['李', 79],
  ['王', 62],
  ['张', 60],
  ['刘', 72],
  ['陈', 62],
  ['周', 45],
  ['杨', 40],
  ['黄', 36],
  ['彭', 32],
  ['唐', 28],
  ['肖', 28],
  ['罗', 27],
  ['谢', 22],
  ['邓', 22],
  ['曾', 20],
  ['胡', 19],
  ['吴', 19],
  ['何', 18],
  ['蒋', 17],
  ['朱', 15],
  ['曹', 12],
  ['贺', 11],
  ['龙', 11],
  ['欧阳', 4],
  ['向', 9],
  ['田', 8],
  ['石', 8],
  ['文', 7],
  ['易', 7],
  ['段', 6],
])
const MARKS = ['例', '样', '拟', '虚']
const MALE_GIVEN = [...'军强勇伟华明辉斌建平志文波涛超刚林峰杰海']
const FEMALE_GIVEN = [...'芳丽艳娟英玲霞敏红梅燕秀兰香珍琴慧云萍霖']

export type Person = {
  readonly idNumber: string
  readonly name: string
  readonly phone: string
  readonly isMale: boolean
  readonly age: number
  readonly isLocal: boolean
}

const ages = new Weighted(AGE_BANDS)
/** Birthdays are spread over 365 days and 50 sequence numbers a sex, so a hundred of numbers is full after this many. */
const PER_HUNDRED = 365 * 50

/** Persons a county can hold without two of them sharing an ID number. */
export const PERSONS_PER_COUNTY_MAX = PER_HUNDRED * 10

/**
 * Person `index` of a county: sex, age and whether he stays in his township (at `localShare` times the share his age
 * has) come from `random`; the ID number is unique in the county because day of birth and sequence number are dealt out by index.
 */
export function personOf(
  random: Random,
  county: string,
  index: number,
  year: number,
  localShare = 1,
): Person {
  if (index >= PERSONS_PER_COUNTY_MAX)
    throw new RangeError(`${county} holds at most ${PERSONS_PER_COUNTY_MAX} synthetic persons`)
  const [from, until] = ages.draw(random)
  const age = from + random.below(until - from)
  const isLocal = random.chance(LOCAL_BY_AGE[age <= 40 ? 0 : age <= 50 ? 1 : 2] * localShare)
  const isMale = random.chance(isLocal ? MALE.local : MALE.away)
  const idNumber = idNumberOf(county, index, year - age, isMale)
  const given = random.pick(isMale ? MALE_GIVEN : FEMALE_GIVEN)
  return {
    idNumber,
    name: SURNAMES.draw(random) + random.pick(MARKS) + given,
    phone: phoneOf(random),
    isMale,
    age,
    isLocal,
  }
}

const BIRTHDAYS = Array.from({ length: 365 }, (_, day) =>
  new Date(Date.UTC(2001, 0, 1 + day)).toISOString().slice(5, 10).replace('-', ''),
)

/** The ID number of person `index` of a county. */
export function idNumberOf(county: string, index: number, birthYear: number, isMale: boolean): string {
  const hundred = 9 - Math.floor(index / PER_HUNDRED)
  const pair = index % 50
  const day = (Math.floor((index % PER_HUNDRED) / 50) * 37) % 365
  const first17 = `${county}${birthYear}${BIRTHDAYS[day]}${hundred}${String(pair * 2 + (isMale ? 1 : 0)).padStart(2, '0')}`
  return first17 + idCheckCharacter(first17)
}

function phoneOf(random: Random): string {
  return `140${String(random.below(100_000_000)).padStart(8, '0')}`
}
