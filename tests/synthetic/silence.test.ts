import { expect, test } from 'vitest'
import { DAY_MS, HOUR_MS, periodEnd, startOf } from '#domain/time.ts'
import { isSilent } from '../../api/measures/silent.ts'
import { DUE_DAYS } from '../../scripts/synthetic/earlier-reports.ts'
import { graceHoursFor, historyEnd, isQuiet, NETWORK } from '../../scripts/synthetic/sources.ts'
import { batchesOf, history, NOW } from './support.ts'

const isDaily = (slug: string) => NETWORK.find((one) => one.slug === slug)?.dueEvery === 'day'
const dueDaysOf = ({ dueEvery }: (typeof NETWORK)[number]) => DUE_DAYS[dueEvery ?? 'month']
const lastOf = new Map<string, number>()
for (const { source, rows } of batchesOf(history({ workers: 120_000 })))
  for (const row of rows) {
    // The wages of a daily point come by the month.
    if ('period' in row && isDaily(source) !== (row.period.length === 10)) continue
    const heardMs = 'period' in row ? periodEnd(row.period) - 1 : Date.parse(row.observedAt)
    lastOf.set(source, Math.max(lastOf.get(source) ?? 0, heardMs))
  }
const silentAt = (atMs: number) =>
  NETWORK.filter((source) =>
    isSilent(
      {
        ...source,
        dueDays: dueDaysOf(source),
        graceHours: graceHoursFor(source, NOW),
        createdAt: new Date(NOW),
      },
      lastOf.get(source.slug) ?? null,
      atMs,
    ),
  ).map(({ slug }) => slug)

test('one daily point is silent from the start, a second from the next full hour, nobody else', () => {
  expect(silentAt(NOW)).toEqual(['point-N10'])
  expect(silentAt(Math.floor(NOW / HOUR_MS) * HOUR_MS + HOUR_MS + 1)).toEqual(['point-N09', 'point-N10'])
  expect(NETWORK.filter(({ slug }) => isQuiet(slug))).toHaveLength(2)
})

test.each(['2026-11-28T11:20', '2026-11-30T00:00', '2026-10-05T23:59', '2026-10-08T09:00'])(
  'so it is on a Saturday, a Monday, within and after a long holiday: %s',
  (text) => {
    const now = Date.parse(`${text}+08:00`)
    const isSilentAt = (slug: string, atMs: number) => {
      const source = NETWORK.find((one) => one.slug === slug)
      if (!source) throw new Error(slug)
      const graceHours = graceHoursFor(source, now)
      const asMade = { ...source, dueDays: dueDaysOf(source), graceHours, createdAt: new Date(now) }
      // What it wrote on the last morning of its history tells of the day before.
      return isSilent(asMade, startOf('day', historyEnd(slug, now) - DAY_MS) - 1, atMs)
    }
    expect(isSilentAt('point-N10', now)).toBe(true)
    expect(isSilentAt('point-N09', now)).toBe(false)
    expect(isSilentAt('point-N09', Math.floor(now / HOUR_MS) * HOUR_MS + HOUR_MS + 1)).toBe(true)
  },
)

test('the network is 122 counties, 14 prefectures, 32 stations abroad, 60 points and 14 ledgers, each name once', () => {
  const count = (role: string) => NETWORK.filter((source) => source.role === role).length
  expect([count('county'), count('prefecture'), count('station'), count('point'), count('ledger')]).toEqual([
    122, 14, 32, 60, 14,
  ])
  expect(new Set(NETWORK.map(({ name }) => name)).size).toBe(NETWORK.length)
})
