import { halfWidth } from '#domain/text.ts'

/** What ledgers call the columns of one address, by their order: a province, a city, a county, a township, a village, a group. */
const PARTS: readonly (readonly string[])[] = [
  ['省', '省份'],
  ['市', '市州', '地市', '州市'],
  [
    '县',
    '区',
    '县区',
    '区县',
    '县市',
    '市县',
    '县市区',
    '市县区',
    '县(市、区)',
    '县(市区)',
    '县(区)',
    '区(县)',
  ],
  ['乡', '镇', '乡镇', '街道', '镇街', '乡镇街道', '乡(镇)', '乡镇(街道)', '乡镇、街道', '乡(镇、街道)'],
  ['村', '社区', '村居', '行政村', '村社区', '村(社区)', '村(居)', '村、社区'],
  ['组', '小组', '村民小组'],
]
const BY_LENGTH = PARTS.flatMap((words, level) => words.map((word) => ({ word, level }))).toSorted(
  (a, b) => b.word.length - a.word.length,
)

/**
 * The titles and levels that a title may be made of as that of a part of an address, the longest word for the part first: "户籍地 县",
 * "户籍地（乡镇）", "户籍村"; of 务工地市 both 务工 and 务工地.
 */
export function partsOfAddress(title: string): { base: string; level: number }[] {
  const plain = halfWidth(title).replace(/[\s*]/g, '')
  return BY_LENGTH.flatMap(({ word, level }) => {
    const end = plain.endsWith(word) ? word : `(${word})`
    return plain.endsWith(end) && plain.length > end.length
      ? { base: plain.slice(0, -end.length), level }
      : []
  })
}

/** Runs of columns that stand side by side, each a finer part of the address of one `field`; by the place of each column. */
export function addressesIn(
  fieldsAt: readonly ({ field: string; level: number } | null)[],
): Map<number, string> {
  const joined = new Map<number, string>()
  for (let from = 0; from < fieldsAt.length; ) {
    const field = fieldsAt[from]?.field
    let to = from + 1
    while (
      field &&
      fieldsAt[to]?.field === field &&
      (fieldsAt[to]?.level ?? 0) > (fieldsAt[to - 1]?.level ?? 0)
    )
      to++
    if (field && to - from > 1) for (let at = from; at < to; at++) joined.set(at, field)
    from = to
  }
  return joined
}
