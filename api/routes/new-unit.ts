import { z } from 'zod'
import { earlierReports } from '#domain/earlier-report.ts'
import { PutUnit } from '#domain/organisation.ts'
import { isCalendarDate } from '#domain/time.ts'

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

const WithUnit = z.looseObject({
  duty: DutyEntries.default([]),
  earlierReports: earlierReports(Date.now, null).default([]),
})
/** A unit with its duty calendar and what it reported before; the faults of the unit are told by their own paths. */
export const NewUnit = WithUnit.transform(({ duty, earlierReports, ...rest }, context) => {
  const unit = PutUnit.safeParse(rest)
  if (unit.success) return { ...unit.data, duty, earlierReports }
  for (const { path, message } of unit.error.issues) context.addIssue({ code: 'custom', path, message })
  return z.NEVER
})
export const NewUnits = z.object({ units: z.array(NewUnit).min(1, 'must name at least one unit').max(5000) })
