import { describe, expect, it } from 'vitest'
import {
  changeOf,
  decimal,
  fullText,
  hundredthsOf,
  listText,
  moodOf,
  shortText,
  shownText,
  shownValue,
} from '../../web/src/lib/format.ts'

describe('shown values', () => {
  it('shortens with 万 and 亿 and one decimal in Chinese', () => {
    expect(shownText(4127, 'persons', 'zh')).toBe('4,127 人')
    expect(shownText(17_023_911, 'persons', 'zh')).toBe('1,702.4 万人')
    expect(shownText('38462000.00', 'yuan', 'zh')).toBe('3,846.2 万元')
    expect(shownText('123456789.01', 'yuan', 'zh')).toBe('1.2 亿元')
  })

  it('shortens with K, M and B in English', () => {
    expect(shownText(17_023_911, 'persons', 'en')).toBe('17.0M people')
    expect(shownText('38462000.00', 'yuan', 'en')).toBe('38.5M yuan')
    expect(shownText(731_900, 'persons', 'en')).toBe('731.9K people')
    expect(shownText(1, 'sources', 'en')).toBe('1 source')
  })

  it('takes the next step up when rounding reaches it', () => {
    expect(shownText('99999999.00', 'yuan', 'zh')).toBe('1.0 亿元')
    expect(shownText(999_960, 'persons', 'en')).toBe('1.0M people')
  })

  it('shows no data as a dash, never as 0', () => {
    expect(shownValue(null, 'yuan', 'zh')).toEqual({ number: '—', unit: '元' })
    expect(shownText(0, 'cases', 'zh')).toBe('0 件')
  })

  it('shows shares as percentages and wages in full', () => {
    expect(shownText(0.9756, 'share', 'zh')).toBe('97.6%')
    expect(shownText('5120.40', 'yuan/month', 'zh')).toBe('5,120 元/月')
  })

  it('keeps every fen of a sum that a float could not hold', () => {
    expect(hundredthsOf('90071992547409.93')).toBe(9_007_199_254_740_993n)
    expect(decimal(9_007_199_254_740_993n, 0, 2)).toBe('90,071,992,547,409.93')
  })

  it('has one form for the lists of the wall, and the whole number for who asks', () => {
    expect(listText(3_846_213, 'persons', 'zh')).toBe('384.6 万人')
    expect(listText(8_123, 'persons', 'zh')).toBe('8,123 人')
    expect(listText(3_846_213, 'persons', 'en')).toBe('3.8M')
    expect(fullText(3_846_213, 'persons', 'zh')).toBe('3,846,213 人')
    expect(fullText(1, 'persons', 'en')).toBe('1 person')
    expect(fullText('51200000.49', 'yuan', 'zh')).toBe('51,200,000 元')
  })

  it('drops empty decimals where the title names the unit', () => {
    expect(shortText(40_000_000, 'yuan', 'zh')).toBe('4,000万')
    expect(shortText(15_000_000, 'persons', 'en')).toBe('15M')
    expect(shortText(0.5, 'share', 'zh')).toBe('50%')
  })
})

describe('changes', () => {
  it('are differences for small counts, percentages for large ones, points for shares', () => {
    expect(changeOf(4127, 4339, 'persons', 'zh')).toEqual({ text: '−212', direction: -1 })
    expect(changeOf('939.00', '1000.00', 'yuan', 'zh')).toEqual({ text: '−6.1%', direction: -1 })
    expect(changeOf('12010.00', '1000.00', 'yuan', 'zh')).toEqual({ text: '+1,101%', direction: 1 })
    expect(changeOf(0.976, 0.964, 'share', 'zh')).toEqual({ text: '+1.2 个百分点', direction: 1 })
  })

  it('are nothing without both values', () => {
    expect(changeOf(5, null, 'cases', 'zh')).toBeNull()
    expect(changeOf('5.00', '0.00', 'yuan', 'zh')).toBeNull()
  })

  it('mean well or ill by what the measure is, not by the sign', () => {
    const down = changeOf(1, 3, 'cases', 'zh')
    expect(moodOf(down, 'bad')).toBe('good')
    expect(moodOf(down, 'good')).toBe('bad')
    expect(moodOf(down, 'neutral')).toBe('neutral')
    expect(moodOf(changeOf(3, 3, 'cases', 'zh'), 'bad')).toBe('neutral')
  })
})
