import { halfWidth } from '#domain/text.ts'

/** A unit of thousands or more at the end of a title or in its brackets: "欠薪金额（万元）", "从业人数 万人", "月工资（千元/月）". */
const LARGER_UNIT =
  /[百千万亿]+\s*(元|人|人次|名|家|户)(\/[年月日天人户])?[)\]】〕}]?\*?$|[([【〔{](单位:?\s*)?[百千万亿]+[)\]】〕}]/
/** One among other words in the brackets of a title: "欠薪金额（单位为万元，含税）"; none of an amount, "（5万元以上）". */
const LARGER_UNIT_INSIDE =
  /[([【〔{][^)\]】〕}]*(?<![\d.百千万亿])[百千万亿]+\s*(元|人|人次|名|家|户)[^)\]】〕}]*[)\]】〕}]/

/** Whether a title has a unit of thousands or more. */
export function titleSaysLarger(title: string): boolean {
  const plain = halfWidth(title).trim()
  return LARGER_UNIT.test(plain) || LARGER_UNIT_INSIDE.test(plain)
}

/** Whether a title has yuan for its unit: "金额（元）". */
export const saysYuan = (title: string): boolean =>
  /(^|[^百千万亿])元[)\]】〕}]?\*?$/.test(halfWidth(title).trim())

/** Whether a title counts one by one: "人数（人）". */
export const saysOne = (title: string): boolean =>
  /[([【〔{](?:单位:?)?(?:人|人次|名|家|户|个)[)\]】〕}]\*?$/.test(halfWidth(title).trim())

/**
 * Larger units of money that no number stands before, "5 万元", "五十余万元", "上万元", nor a threshold after, "万元以上": so they are
 * the unit of other numbers, whatever the words around.
 */
const LARGER_YUAN =
  /(?<![\d.一二三四五六七八九十两几数余多来近上每逾超过满足]\s*)(?<![百千万亿])[百千万亿]+\s*元(?!\s*(?:以[上下内]|及以|左右|户|级))|[([【〔{](?:单位:?\s*)?[百千万亿]+[)\]】〕}]/u
/** Of people only beside the word for it: "万人" is in many a slogan. */
const LARGER_COUNT = /单位[^。;]{0,12}?[百千万亿]+\s*(?:人|名|家|户)/u

/** Whether a line above the columns, or a note below them, says that their amounts are in a larger unit: "单位：人、万元", "金额均以万元计". */
export const saysLargerYuan = (text: string): boolean => LARGER_YUAN.test(halfWidth(text))

/** The same of people, firms and households: "单位：万人". */
export const saysLargerCount = (text: string): boolean => LARGER_COUNT.test(halfWidth(text))

/** A cell that says in what its column counts, and nothing else: "万元", "（人）", "元/月", "%". */
export const isUnit = (text: string): boolean =>
  /^[([【〔{]?(?:单位:?\s*)?(?:人民币)?\s*(?:[百千万亿]*\s*(?:元|人次|人|名|个|家|户|件)(?:\/[年月日天人户])?|[年月日天岁%])[)\]】〕}]?$/.test(
    halfWidth(text).trim(),
  )

/** A title that is only about units, of its own column or of others: "单位：人、万元", "（万元）". */
export const isOnlyUnits = (title: string): boolean =>
  isUnit(title) || /^[([【〔{]?\s*单位\s*[:：]/u.test(halfWidth(title).trim())
