import { describe, expect, it } from 'vitest'
import { IndustrySignal } from '#domain/signal.ts'
import {
  fieldsFor,
  freshValues,
  missingIn,
  monthsFor,
  rowOf,
  valuesOf,
} from '../../web/src/routes/report/fields.ts'

const NOW = Date.parse('2026-11-24T09:00:00+08:00')
const unit = { pointId: 'P1', region: '430724', sector: 'C', dueEvery: 'month' } as const
const keys = (form: 'instant' | 'period', over = {}) =>
  fieldsFor(form, { ...unit, ...over }).map(({ key }) => key)

describe('the forms', () => {
  it('have every field of the contract but what the unit and the clock know, and the event apart', () => {
    const asked = [...keys('period'), 'majorEvent', 'pointId', 'workRegion', 'sector', 'observedAt']
    expect(asked.sort()).toEqual(Object.keys(IndustrySignal.shape).sort())
    expect(keys('instant')).toEqual(['majorEvent', 'project', 'stopped'])
  })
  it('ask for the sector only where the unit has none', () => {
    expect(keys('instant', { sector: null })[0]).toBe('sector')
    expect(keys('period', { sector: null })).toContain('sector')
  })
  it('begin with the last whole period, by the calendar of Asia/Shanghai', () => {
    expect(freshValues('period', unit, NOW)).toEqual({ period: '2026-10' })
    const newYear = Date.parse('2027-01-01T00:30:00+08:00')
    expect(freshValues('period', unit, newYear)).toEqual({ period: '2026-12' })
    const daily = { ...unit, dueEvery: 'day' } as const
    expect(freshValues('period', daily, newYear)).toEqual({ period: '2026-12-31' })
    // After the National Day holiday the day before it is what is owed.
    expect(freshValues('period', daily, Date.parse('2026-10-08T08:00:00+08:00'))).toEqual({
      period: '2026-09-30',
    })
  })
  it('offer the months of three years, and one that was written before them', () => {
    const months = monthsFor('2026-10', '2026-03-31')
    expect([months.length, months[0], months[1], months[3], months.at(-1)]).toEqual([
      37,
      '2026-03',
      '2026-02',
      '2025-12',
      '2026-10',
    ])
    expect(monthsFor('', '2026-03-31').at(-1)).toBe('2023-04')
    expect(monthsFor('2019-05', '2026-03-31').at(-1)).toBe('2019-05')
    expect(monthsFor('2026-02', '2026-03-31')).toHaveLength(36)
  })
  it('say what is missing', () => {
    const period = fieldsFor('period', unit)
    expect(missingIn(period, {})).toEqual(['period'])
    expect(missingIn(period, { period: '2026-10' })).toEqual([''])
    expect(missingIn(period, { period: '2026-10', headcount: '0' })).toEqual([])
    expect(missingIn(fieldsFor('instant', unit), { majorEvent: ' ' })).toEqual(['majorEvent'])
  })
})

describe('a report', () => {
  const values = {
    period: '2026-10',
    headcount: '１,2\u200b34',
    averageWage: '5,123.40',
    stopped: 'false',
    hires: '',
    payDay: 'x',
  }
  it('is the signal that the inputs mean; what is no number goes as it was written, for the server to refuse', () => {
    expect(rowOf('period', unit, values, NOW)).toEqual({
      pointId: 'P1',
      period: '2026-10',
      observedAt: '2026-11-24T09:00:00.000+08:00',
      workRegion: '430724',
      sector: 'C',
      headcount: 1234,
      averageWage: '5,123.40',
      stopped: false,
      payDay: 'x',
    })
  })
  it('is taken by the contract when it is sound', () => {
    const { payDay: _, ...sound } = values
    expect(IndustrySignal.safeParse(rowOf('period', unit, sound, NOW)).success).toBe(true)
  })
  it('told at once stands on a line of its own, on the day it is told', () => {
    expect(rowOf('instant', unit, { majorEvent: '停产' }, NOW)).toMatchObject({
      pointId: 'P1#event',
      period: '2026-11-24',
      majorEvent: '停产',
    })
  })
  it('that was refused fills the inputs again', () => {
    expect(valuesOf({ period: '2026-10', headcount: -5, stopped: true })).toEqual({
      period: '2026-10',
      headcount: '-5',
      stopped: 'true',
    })
  })
})
