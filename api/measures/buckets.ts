import { DAY_MS, type Interval, SHANGHAI_OFFSET_MS } from '#domain/time.ts'

/** The instant a bucket label stands for, ms. */
export function labelMs(interval: Interval, label: string): number {
  return interval === 'hour' ? Number(label) * 1000 : Date.parse(`${label}T00:00:00Z`) - SHANGHAI_OFFSET_MS
}

/** The label of a bucket by a column of the times of change rows. */
export function bucketOfTime(interval: Interval, column: string): string {
  const local = `toTimeZone(${column}, 'Asia/Shanghai')`
  switch (interval) {
    case 'hour':
      return `toString(toUnixTimestamp(toStartOfHour(${column})))`
    case 'day':
      return `toString(toDate(${local}))`
    case 'week':
      return `toString(toMonday(${local}))`
    case 'month':
      return `toString(toStartOfMonth(${local}))`
    default:
      return interval satisfies never
  }
}

/** The same from the days or months of a roll-up. */
export const BUCKET_OF_DATE: Record<Interval, string> = {
  hour: 'bucket',
  day: 'bucket',
  week: 'toMonday(bucket)',
  month: 'toStartOfMonth(bucket)',
}

/** End of the bucket that a case's first observation falls in, ms: until then its cohort may settle. */
export function bucketEnd(interval: Interval): string {
  const local = "toTimeZone(firstAt, 'Asia/Shanghai')"
  const ms = (date: string) => `(toInt64(toUInt32(${date})) * ${DAY_MS} - ${SHANGHAI_OFFSET_MS})`
  switch (interval) {
    case 'hour':
      return '((toInt64(toUnixTimestamp(toStartOfHour(firstAt))) + 3600) * 1000)'
    case 'day':
      return ms(`toDate(${local}) + 1`)
    case 'week':
      return ms(`toMonday(${local}) + 7`)
    case 'month':
      return ms(`addMonths(toStartOfMonth(${local}), 1)`)
    default:
      return interval satisfies never
  }
}
