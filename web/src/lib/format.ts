import type { Unit } from '#domain/measure.ts'
import type { Lang } from '#domain/text.ts'

/** A number as it is shown: the digits, and the unit that stands small and grey beside them (may be ''). */
export type Shown = { readonly number: string; readonly unit: string }

/** Missing values are shown with this, never with 0. */
export const NO_VALUE = '—'

/** In place of a value that rests on fewer than `k` people. */
export const hiddenText = (k: number) => `<${k}`

const UNIT_NAME: Record<Unit, Record<Lang, string>> = {
  persons: { zh: '人', en: 'people' },
  cases: { zh: '件', en: 'cases' },
  sources: { zh: '个', en: 'sources' },
  yuan: { zh: '元', en: 'yuan' },
  'yuan/month': { zh: '元/月', en: 'yuan/month' },
  share: { zh: '%', en: '%' },
}

/** English units of exactly one. */
const ONE: Partial<Record<Unit, string>> = { persons: 'person', cases: 'case', sources: 'source' }

/** Powers of ten at which a number is cut, largest first, with the mark put to it. */
const STEPS: Record<Lang, readonly { power: number; mark: string }[]> = {
  zh: [
    { power: 8, mark: '亿' },
    { power: 4, mark: '万' },
  ],
  en: [
    { power: 9, mark: 'B' },
    { power: 6, mark: 'M' },
    { power: 3, mark: 'K' },
  ],
}
/** Below this a number is shown in full, whatever the steps say. */
const SHORTEN_FROM = 10_000n

/**
 * The value of a measure in words for reading: 万/亿 with one decimal in Chinese, K/M/B in English. Yuan come as
 * decimal strings and are rounded in whole numbers, so no sum passes through a float.
 */
export function shownValue(value: string | number | null, unit: Unit, lang: Lang): Shown {
  const name = unitOf(value, unit, lang)
  if (value === null) return { number: NO_VALUE, unit: name }
  if (unit === 'share') return { number: decimal(hundredthsOf(Number(value) * 100), 0, 1), unit: name }
  const hundredths = hundredthsOf(value)
  const size = (hundredths < 0n ? -hundredths : hundredths) / 100n
  if (size < SHORTEN_FROM || unit === 'yuan/month') return { number: decimal(hundredths, 0, 0), unit: name }
  const step = stepFor(size, lang)
  const number = decimal(hundredths, step.power, 1)
  return lang === 'zh' ? { number, unit: step.mark + name } : { number: number + step.mark, unit: name }
}

/** The same as one text: "3,846.2 万元", "97.6%". */
export function shownText(value: string | number | null, unit: Unit, lang: Lang): string {
  const shown = shownValue(value, unit, lang)
  if (value === null) return shown.number
  return unit === 'share' ? shown.number + shown.unit : `${shown.number} ${shown.unit}`
}

/** The shortest form, for axes and legends whose title names the unit: "4,000万", "15M", "97.5%". */
export function shortText(value: string | number, unit: Unit, lang: Lang): string {
  const { number, unit: name } = shownValue(value, unit, lang)
  const mark = unit === 'share' ? '%' : lang === 'zh' && /^[万亿]/.test(name) ? name.slice(0, 1) : ''
  return number.replace(/\.0(?=\D*$)/, '') + mark
}

/** In the form of the wall's lists and places, whose titles have no room for a unit: "384.6 万人", "3.8M". */
export const listText = (value: string | number, unit: Unit, lang: Lang): string =>
  lang === 'zh' ? shownText(value, unit, lang) : shortText(value, unit, lang)

/** In whole units, nothing cut off: "3,846,213 人". */
export const fullText = (value: string | number, unit: Unit, lang: Lang): string =>
  `${decimal(hundredthsOf(value), 0, 0)} ${unitOf(value, unit, lang)}`

const unitOf = (value: string | number | null, unit: Unit, lang: Lang): string =>
  lang === 'en' && Number(value) === 1 ? (ONE[unit] ?? UNIT_NAME[unit].en) : UNIT_NAME[unit][lang]

/** A count with its thousands apart. */
export const countText = (count: number): string => decimal(hundredthsOf(count), 0, 0)

/** The name of a unit by itself, with the mark a fixed power of ten puts before it ("万元"; English: "10k yuan"). */
export function unitName(unit: Unit, lang: Lang, power: 0 | 4 | 8 = 0): string {
  if (power === 0) return UNIT_NAME[unit][lang]
  if (lang === 'zh') return (power === 4 ? '万' : '亿') + UNIT_NAME[unit].zh
  return `${power === 4 ? '10k' : '100M'} ${UNIT_NAME[unit].en}`
}

function stepFor(size: bigint, lang: Lang): { power: number; mark: string } {
  const steps = STEPS[lang]
  const at = steps.findIndex(({ power }) => size >= 10n ** BigInt(power))
  const step = steps[at] ?? steps[steps.length - 1] ?? { power: 0, mark: '' }
  const larger = at > 0 ? steps[at - 1] : undefined
  // 9,999.96 万 would round to 10,000.0 万: that is 1.0 亿.
  const roundsUp =
    larger !== undefined &&
    (size * 20n) / 10n ** BigInt(step.power) >= 20n * 10n ** BigInt(larger.power - step.power) - 1n
  return roundsUp && larger ? larger : step
}

/** Whole hundredths of a decimal string or number; digits beyond are cut off a string, rounded off a number. */
export function hundredthsOf(value: string | number): bigint {
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.round(value * 100)) : 0n
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(value.trim())
  if (!match) return hundredthsOf(Number(value))
  const whole = BigInt(match[2] ?? '0') * 100n + BigInt((match[3] ?? '').slice(0, 2).padEnd(2, '0'))
  return match[1] === '-' ? -whole : whole
}

/** `hundredths` ÷ 100 ÷ 10^`power`, rounded half away from zero to `digits`, grouped: (384620000n, 4, 1) → "384.6". */
export function decimal(hundredths: bigint, power: number, digits: number): string {
  const size = hundredths < 0n ? -hundredths : hundredths
  const divisor = 10n ** BigInt(power + 2)
  const scaled = (size * 10n ** BigInt(digits) * 2n + divisor) / (divisor * 2n)
  const text = scaled.toString().padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, ',')
  const sign = hundredths < 0n && scaled !== 0n ? '−' : ''
  return digits === 0 ? sign + whole : `${sign}${whole}.${text.slice(-digits)}`
}

/** A change between two values of a measure, ready to show, or `null` when one of them is missing. */
export type Change = { readonly text: string; readonly direction: -1 | 0 | 1 }

/** Counts below this change by a difference, larger ones by a percentage: "−212", "+0.3%". */
const PERCENT_FROM = 10_000

/** The change from `before` to `now`: percentage points for shares, else a difference or a percentage. */
export function changeOf(
  now: string | number | null,
  before: string | number | null,
  unit: Unit,
  lang: Lang,
): Change | null {
  if (now === null || before === null) return null
  const from = Number(before)
  const difference = Number(now) - from
  if (unit === 'share') return signed(difference * 100, 1, lang === 'zh' ? ' 个百分点' : ' pp')
  const isSmall = unit !== 'yuan' && unit !== 'yuan/month' && Math.abs(from) < PERCENT_FROM
  if (isSmall || from === 0) {
    if (unit === 'yuan') return null
    return signed(difference, 0, '')
  }
  const percent = (difference / Math.abs(from)) * 100
  // Tenths of a percent say nothing where something grew more than tenfold.
  return signed(percent, Math.abs(percent) < 1_000 ? 1 : 0, '%')
}

function signed(value: number, digits: number, suffix: string): Change {
  const size = decimal(hundredthsOf(Math.abs(value)), 0, digits)
  const direction = Number(size.replaceAll(',', '')) === 0 ? 0 : value < 0 ? -1 : 1
  return { text: `${direction === 0 ? '±' : direction < 0 ? '−' : '+'}${size}${suffix}`, direction }
}

/** What a change means for a measure whose rise is good, bad or neither. */
export function moodOf(change: Change | null, rise: 'good' | 'bad' | 'neutral'): 'good' | 'bad' | 'neutral' {
  if (change === null || change.direction === 0 || rise === 'neutral') return 'neutral'
  return change.direction > 0 === (rise === 'good') ? 'good' : 'bad'
}
