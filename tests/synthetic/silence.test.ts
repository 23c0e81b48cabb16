import { expect, test } from 'vitest'
import { HOUR_MS } from '#domain/time.ts'
import { isSilent } from '../../api/measures/silent.ts'
import { graceHoursFor, isQuiet, NETWORK } from '../../scripts/synthetic/sources.ts'
import { batchesOf, history, NOW } from './support.ts'

const lastOf = new Map<string, number>()
for (const { source, rows } of batchesOf(history({ workers: 120_000 })))
  for (const row of rows) lastOf.set(source, Math.max(lastOf.get(source) ?? 0, Date.parse(row.observedAt)))
const silentAt = (atMs: number) =>
  NETWORK.filter((source) =>
    isSilent(
      { ...source, graceHours: graceHoursFor(source, NOW), createdAt: new Date(NOW) },
      lastOf.get(source.slug) ?? null,
      atMs,
    ),
  ).map(({ slug }) => slug)

test('one daily point is silent from the start, a second from the next full hour, nobody else', () => {
  expect(silentAt(NOW)).toEqual(['point-N10'])
  expect(silentAt(Math.floor(NOW / HOUR_MS) * HOUR_MS + HOUR_MS + 1)).toEqual(['point-N09', 'point-N10'])
  expect(NETWORK.filter(({ slug }) => isQuiet(slug))).toHaveLength(2)
})

test('the network is 122 counties, 14 prefectures, 32 stations abroad, 60 points and 14 ledgers, each name once', () => {
  const count = (role: string) => NETWORK.filter((source) => source.role === role).length
  expect([count('county'), count('prefecture'), count('station'), count('point'), count('ledger')]).toEqual([
    122, 14, 32, 60, 14,
  ])
  expect(new Set(NETWORK.map(({ name }) => name)).size).toBe(NETWORK.length)
})
