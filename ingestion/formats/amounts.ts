import { fenToYuan } from '#domain/money.ts'

/**
 * Yuan of an amount whose unit stands in its own cell, in words or digits: 1.2万元, 3万5千, 叁万伍仟元整, 12000元5角,
 * ¥12000（大写：壹万贰仟元整）; `null` where it says none or may mean two: 三万五 is 35,000 to who speaks and 30,005 to who counts,
 * 约1万元 is no amount, and of two in one cell that differ neither is known.
 */
export function yuanInWords(text: string): string | null {
  const [, one = text, other] = /^([^()]+)\((?:大写|小写)?:?([^()]+)\)$/.exec(text) ?? []
  const fen = fenOf(one)
  if (fen === null || (other !== undefined && fenOf(other) !== fen)) return null
  return fenToYuan(fen).replace(/\.00$/, '')
}

/** Whether an amount counts in a larger unit, as one without any in the same column may too; 伍佰元整 is only written out. */
export const countsLarger = (text: string): boolean => /[万亿萬]|[\d０-９]\s*[百千]/.test(text)

const MONEY =
  /^(?:人民币|RMB|CNY)?:?¥?([^元圆角分整正]+?)(?:(?:元|圆|块钱?)(?:零?([^元圆角分整正])角)?(?:零?([^元圆角分整正])分)?)?([整正])?$/i

function fenOf(text: string): number | null {
  const [, yuan = '', tenths = '0', hundredths = '0'] = MONEY.exec(text.replace(/\s/g, '')) ?? []
  const fen = /^\d/.test(yuan) ? fenOfDigits(yuan) : fenOfWords(yuan, /[元圆块]/.test(text))
  const small = [tenths, hundredths].map((digit) => DIGITS.get(digit) ?? Number(digit))
  if (fen === null || !small.every((digit) => Number.isInteger(digit) && digit < 10)) return null
  const [ten = 0, one = 0] = small
  return (ten > 0 || one > 0) && fen % 100 > 0 ? null : fen + ten * 10 + one
}

const UNITS: Readonly<Record<string, number>> = {
  百: 100,
  佰: 100,
  千: 1_000,
  仟: 1_000,
  万: 10_000,
  萬: 10_000,
  十万: 100_000,
  百万: 1_000_000,
  千万: 10_000_000,
  亿: 100_000_000,
}
/** Beyond this no amount is taken, and below it all fen are exact. */
const FEN_MAX = 1e15

/** "12,000", "1.2万", "3万5千", "1亿2千万". What is finer than a fen is none. */
function fenOfDigits(text: string): number | null {
  const [, amount = '', unit = '', rest = ''] =
    /^(\d{1,12}(?:\.\d{1,8})?|\d{1,3}(?:,\d{3})+(?:\.\d{1,8})?)((?:[十百千]?万|[百佰千仟萬亿])?)((?:\d[百佰千仟]?万?)*)$/.exec(
      text,
    ) ?? []
  if (amount === '') return null
  const [whole = '', decimals = ''] = amount.replaceAll(',', '').split('.')
  const exact = Number(whole + decimals) * 100 * (UNITS[unit] ?? 1)
  const fen = exact / 10 ** decimals.length
  if (exact > Number.MAX_SAFE_INTEGER || fen > FEN_MAX || !Number.isInteger(fen)) return null
  if (rest === '') return fen
  // Of 3万5千 each part has its own unit, the next a smaller one.
  const below = partsOf(rest, UNITS[unit] ?? 1)
  return below === null || decimals !== '' ? null : fen + below * 100
}

function partsOf(text: string, above: number): number | null {
  let sum = 0
  let last = above
  for (const [, digit, unit = ''] of text.matchAll(/(\d)(千万|百万|[百佰千仟万]|$)/g)) {
    const size = UNITS[unit]
    if (size === undefined || size >= last) return null
    last = size
    sum += Number(digit) * size
  }
  return sum
}

const DIGITS: ReadonlyMap<string, number> = new Map(
  ['零〇', '一壹', '二贰两', '三叁', '四肆', '五伍', '六陆', '七柒', '八捌', '九玖'].flatMap((names, digit) =>
    [...names].map((name) => [name, digit] as const),
  ),
)

/** "叁万零伍佰", "拾万": what stands without 元 must have a unit of ten thousands, as 五百 alone may count anything. */
function fenOfWords(text: string, hasYuan: boolean): number | null {
  const plain = [...text]
    .map((word) => DIGITS.get(word) ?? PLAIN[word] ?? word)
    .join('')
    .replace(/^0+(?=.)/, '')
  const [, hundredMillions, tenThousands, ones = ''] =
    /^(?:([^亿]+)亿)?(?:([^万亿]+)万)?([^万亿]*)$/.exec(plain) ?? []
  if (!hasYuan && hundredMillions === undefined && tenThousands === undefined) return null
  const sections = [hundredMillions, tenThousands, ones || undefined]
  let sum = 0
  let isFirst = true
  for (const section of sections) {
    sum *= 10_000
    if (section === undefined) continue
    const own = sectionOf(section, isFirst)
    if (own === null) return null
    sum += own
    isFirst = false
  }
  return sum === 0 && plain !== '0' ? null : sum * 100
}

const PLAIN: Readonly<Record<string, string>> = {
  拾: '十',
  佰: '百',
  仟: '千',
  萬: '万',
  億: '亿',
}

/** Up to 9,999 in words whose digits are digits: "3千0 5十". A last digit alone follows its ten, a 零, or nothing. */
function sectionOf(text: string, isFirst: boolean): number | null {
  const [whole, thousands, hundreds, tens, ten, zero, ones] =
    /^0?(?:([1-9])千)?(?:0?([1-9])百)?(?:0?([1-9])十|(十))?(?:(0)?([1-9]))?0?$/.exec(text) ?? []
  if (whole === undefined || whole === '' || (ten && (!isFirst || thousands || hundreds))) return null
  const isAlone = isFirst && !thousands && !hundreds
  if (ones && !tens && !ten && !zero && !isAlone && !text.startsWith('0')) return null
  return (
    Number(thousands ?? 0) * 1_000 +
    Number(hundreds ?? 0) * 100 +
    (ten ? 1 : Number(tens ?? 0)) * 10 +
    Number(ones ?? 0)
  )
}
