import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { earlierReports } from '#domain/earlier-report.ts'
import { SIGNALS } from '#domain/signal.ts'
import { DAY_MS, isPeriod } from '#domain/time.ts'
import { industry } from '../support/signals.ts'

/** Every day and month of the century, walked through by V8's calendar. */
const REAL = new Set<string>()
for (let ms = Date.UTC(2000, 0, 1); ms < Date.UTC(2100, 0, 1); ms += DAY_MS) {
  const day = new Date(ms).toISOString().slice(0, 10)
  REAL.add(day).add(day.slice(0, 7))
}

const two = (n: number) => String(n).padStart(2, '0')
const upTo = (last: number) => Array.from({ length: last + 1 }, (_, n) => two(n))

describe('a period', () => {
  it('is just what is a day or a month of the century', () => {
    const taken = upTo(99).flatMap((year) =>
      upTo(20).flatMap((month) => {
        const text = `20${year}-${month}`
        return [text, ...upTo(40).map((day) => `${text}-${day}`)].filter(isPeriod)
      }),
    )
    expect(new Set(taken)).toEqual(REAL)
  })

  it('is no text written in another way', () => {
    const near = fc
      .tuple(fc.constantFrom(...REAL), fc.nat(10), fc.string({ maxLength: 2 }), fc.nat(2))
      .map(([text, at, put, cut]) => text.slice(0, at) + put + text.slice(at + cut))
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => isPeriod(text) === REAL.has(text)),
      { seed: 20261128, numRuns: 5_000 },
    )
  })

  it.each(['2026-02-30', '2025-02-29', '2026-04-31', '2026-13', '2026-00', '2026-10-00', '2026-1'])(
    'is not %s, for a signal as for an earlier report, and both say where and what is expected',
    (period) => {
      expect(SIGNALS.industry.safeParse(industry({ period })).error?.issues[0]).toMatchObject({
        path: ['period'],
        params: { code: 'wrong_format', detail: '2026-11 / 2026-11-24' },
      })
      expect(
        earlierReports(Date.now, null).safeParse([{ period, receivedAt: null }]).error?.issues,
      ).toMatchObject([{ path: [0, 'period'], message: 'must be a day or a month, 2026-10-31 or 2026-10' }])
    },
  )

  it.each(['2024-02-29', '2026-02-28', '2026-06', '2026-10-31'])(
    'is %s, for a signal as for an earlier report',
    (period) => {
      expect(SIGNALS.industry.parse(industry({ period }))).toMatchObject({ period })
      expect(earlierReports(Date.now, null).parse([{ period, receivedAt: null }])).toMatchObject([{ period }])
    },
  )
})
