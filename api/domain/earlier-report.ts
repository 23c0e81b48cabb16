import { z } from 'zod'
import { isPeriod, periodEnd, periodStart } from './time.ts'

/** A report that was due before the unit came here: `YYYY-MM-DD` or `YYYY-MM`, and when it was received (ms); `null`: never. */
export type EarlierReport = { period: string; receivedMs: number | null }

/** What periods are where reports are due by the day, or by the month. */
export const PERIOD_OWED = { day: 'a day, 2026-10-31', month: 'a month, 2026-10' } as const

/** Whether a period is one of those that are owed; where nothing is due (`null`), any may be. */
export function isOwed(every: 'day' | 'month' | null, period: string): boolean {
  return every === null || period.length === (every === 'day' ? 10 : 7)
}

/**
 * Reports that were due before a unit came here, as the system before had them: this one received none of them in time.
 * `hereSinceMs` tells when it came: what falls due later is sent here, and never said afterwards. `every`: how its source owes
 * them; a period of another length would be looked for in vain, and count as missing.
 */
export function earlierReports(hereSinceMs: () => number, every: 'day' | 'month' | null) {
  return z
    .array(
      z
        .object({
          period: z.string().refine(isPeriod, 'must be a day or a month, 2026-10-31 or 2026-10'),
          receivedAt: z.iso
            .datetime({
              offset: true,
              error: 'must be a time with offset, 2026-11-05T09:00:00+08:00, or null',
            })
            .nullable(),
        })
        .transform(
          ({ period, receivedAt }): EarlierReport => ({
            period,
            receivedMs: receivedAt === null ? null : Date.parse(receivedAt),
          }),
        )
        .refine(({ period }) => isOwed(every, period), {
          path: ['period'],
          error:
            every === null
              ? ''
              : `must be ${PERIOD_OWED[every]}, as the unit's source is due by the ${every}`,
        })
        .refine(({ period }) => periodEnd(period) <= hereSinceMs(), {
          path: ['period'],
          error: 'must be over when the unit comes here; later reports are sent here',
        })
        .refine(({ period, receivedMs }) => receivedMs === null || receivedMs >= periodStart(period), {
          path: ['receivedAt'],
          error: 'must not lie before its period begins',
        })
        .refine(({ receivedMs }) => receivedMs === null || receivedMs <= Date.now(), {
          path: ['receivedAt'],
          error: 'must not lie in the future',
        }),
    )
    .max(1000)
    .refine(
      (all) => new Set(all.map(({ period }) => period)).size === all.length,
      'must name each period once',
    )
}
