import type { Batch, LeftOut } from '#domain/batch.ts'
import { DAY_MS, HOUR_MS } from '#domain/time.ts'
import { agoOf } from '../../../lib/clock.ts'
import { decimal, hundredthsOf, NO_VALUE } from '../../../lib/format.ts'
import type { Key } from '../../../lib/locale.svelte.ts'

type Words = (key: Key, values?: Record<string, string | number>) => string

/** When something happened: relative up to an hour, then absolute; "never" when it did not. */
export function whenText(iso: string | null, nowMs: number, t: Words): string {
  if (iso === null) return t('sources.never')
  const ago = agoOf(Date.parse(iso), nowMs)
  if (ago.kind === 'now') return t('time.now')
  return ago.kind === 'minutes' ? t('time.minutes', { count: ago.minutes }) : ago.text
}

/** How far the newest observation lies behind now; a dash without one. */
export function behindText(iso: string | null, nowMs: number, t: Words): string {
  if (iso === null) return NO_VALUE
  const passed = Math.max(0, nowMs - Date.parse(iso))
  if (passed < HOUR_MS) return t('sources.behindNone')
  return passed < 2 * DAY_MS
    ? t('sources.behindHours', { count: Math.floor(passed / HOUR_MS) })
    : t('sources.behindDays', { count: Math.floor(passed / DAY_MS) })
}

/** A share as a percentage; a dash where there was nothing. */
export function shareText(share: number | null): string {
  return share === null ? NO_VALUE : `${decimal(hundredthsOf(share * 100), 0, 1)}%`
}

/** Rows that are named of one reason; beyond that a list is not read. */
const ROWS_NAMED = 12

/** Which lines of a file were left out and why; '' for none. */
export function leftOutText({ count, lines }: LeftOut, t: Words): string {
  if (count === 0) return ''
  const parts = (['header', 'numbers', 'serial', 'total', 'signature', 'note', 'hidden'] as const).flatMap(
    (why) => {
      const rows = lines.filter((line) => line.why === why).map(({ row }) => row)
      if (rows.length === 0) return []
      const named = rows.slice(0, ROWS_NAMED).join(t('upload.leftOut.and'))
      return t(`upload.leftOut.${why}`, { rows: rows.length > ROWS_NAMED ? `${named}…` : named })
    },
  )
  return t('upload.leftOut', { count, lines: parts.join(t('upload.leftOut.then')) })
}

/** Which sheets of a file were not read. */
export const otherSheetsText = (sheets: readonly string[], t: Words): string =>
  t('batch.otherSheets', { sheets: sheets.join(t('upload.leftOut.and')) })

/** How much of a batch is done, from 0 to 1. */
export function doneShare({ state, bytesDone, bytesTotal }: Batch): number {
  if (state === 'done') return 1
  return bytesDone === null || !bytesTotal ? 0 : Math.min(1, bytesDone / bytesTotal)
}

/** An address or block as people write it: a single address without the length of its block. */
export const plainNetwork = (network: string) => network.replace(/(\.\d+)\/32$|\/128$/, '$1')
