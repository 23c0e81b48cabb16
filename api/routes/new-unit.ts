import { z } from 'zod'
import { PutUnit } from '#domain/organisation.ts'
import { isCalendarDate, periodEnd, periodStart } from '#domain/time.ts'

const Day = z
  .string()
  .refine((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isCalendarDate(text), 'must be a day, 2026-11-24')
export const DutyEntries = z
  .array(
    z
      .object({
        firstDay: Day,
        lastDay: Day,
        name: z.string().trim().min(1, 'must not be empty').max(50),
        phone: z
          .string()
          .regex(/^[0-9+() -]{5,30}$/, 'must be a phone number')
          .nullable()
          .default(null),
      })
      .refine((entry) => entry.firstDay <= entry.lastDay, 'lastDay must not lie before firstDay'),
  )
  .max(1000)

/** Reports that were due before the unit came here, as the system before had them: this one received none of them in time. */
const EarlierReports = z
  .array(
    z
      .object({
        period: z
          .string()
          .refine(
            (text) => /^20\d{2}-\d{2}(-\d{2})?$/.test(text) && isCalendarDate(`${text}-01`.slice(0, 10)),
            'must be a day or a month, 2026-10-31 or 2026-10',
          ),
        receivedAt: z.iso
          .datetime({ offset: true, error: 'must be a time with offset, 2026-11-05T09:00:00+08:00, or null' })
          .nullable(),
      })
      .transform(({ period, receivedAt }) => ({
        period,
        receivedMs: receivedAt === null ? null : Date.parse(receivedAt),
      }))
      .refine(({ period }) => periodEnd(period) <= Date.now(), {
        path: ['period'],
        error: 'must be over; the report of one that is not is sent here',
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
  .refine((all) => new Set(all.map(({ period }) => period)).size === all.length, 'must name each period once')

const WithUnit = z.looseObject({ duty: DutyEntries.default([]), earlierReports: EarlierReports.default([]) })
/** A unit with its duty calendar and what it reported before; the faults of the unit are told by their own paths. */
export const NewUnit = WithUnit.transform(({ duty, earlierReports, ...rest }, context) => {
  const unit = PutUnit.safeParse(rest)
  if (unit.success) return { ...unit.data, duty, earlierReports }
  for (const { path, message } of unit.error.issues) context.addIssue({ code: 'custom', path, message })
  return z.NEVER
})
export const NewUnits = z.object({ units: z.array(NewUnit).min(1, 'must name at least one unit').max(5000) })
