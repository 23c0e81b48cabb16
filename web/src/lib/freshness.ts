import type { Stale } from '#domain/live-events.ts'
import { DAY_MS } from '#domain/time.ts'
import { sinceText } from './clock.ts'
import type { Connection } from './live/live.svelte.ts'
import type { Key } from './locale.svelte.ts'

/** How far the wall can be believed, worst first. All but `connecting` and `live` dim the room; a silent source is counted, not a fault of the whole. */
export type Freshness =
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly isLong: boolean }
  | { readonly kind: 'store'; readonly sinceMs: number }
  | { readonly kind: 'old'; readonly dataMs: number }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }

/** A blink of the network is no news; from here on it is said in minutes. */
const LONG_MS = 60_000
/** Sources report daily: a day without any of them means that something is broken, not that nothing happened. */
const OLD_MS = DAY_MS

export function freshnessOf(
  connection: Connection,
  stale: readonly Stale[],
  dataMs: number | null,
  nowMs: number,
): Freshness {
  if (connection.kind === 'lost')
    return { kind: 'lost', sinceMs: connection.since, isLong: nowMs - connection.since > LONG_MS }
  const store = stale.find((one) => one.what === 'store' && one.since !== null)
  if (store?.since) return { kind: 'store', sinceMs: Date.parse(store.since) }
  if (dataMs !== null && nowMs - dataMs > OLD_MS) return { kind: 'old', dataMs }
  if (connection.kind === 'connecting') return { kind: 'connecting' }
  return { kind: 'live' }
}

/** Whether figures may be wrong by now, so that the room goes dim before anyone is misled. */
export function isDim(freshness: Freshness): boolean {
  return freshness.kind === 'lost' || freshness.kind === 'store' || freshness.kind === 'old'
}

type Words = (key: Key, values?: Record<string, string | number>) => string

/** What is wrong, in one line; '' when nothing is. */
export function troubleText(freshness: Freshness, nowMs: number, t: Words): string {
  switch (freshness.kind) {
    case 'lost': {
      if (!freshness.isLong) return t('fresh.reconnecting')
      const minutes = Math.floor((nowMs - freshness.sinceMs) / 60_000)
      return t('fresh.offline', { minutes, time: sinceText(freshness.sinceMs, nowMs) })
    }
    case 'store':
      return t('fresh.storeStale', { time: sinceText(freshness.sinceMs, nowMs) })
    case 'old':
      return t('fresh.old', { time: sinceText(freshness.dataMs, nowMs) })
    case 'connecting':
      return t('fresh.connecting')
    case 'live':
      return ''
    default:
      return freshness satisfies never
  }
}
