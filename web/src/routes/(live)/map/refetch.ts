import type { Kind } from '#domain/signal.ts'
import type { Live } from '../../../lib/live/live.svelte.ts'

/** At most one refetch in this time, however often data moves. */
const MS_MIN = 5_000
/** In case a push was missed. */
const SAFETY_MS = 300_000

/** Calls `refetch` when a push says that data of the kind on the page moved; returns how to stop. */
export function refetchOnPulse(live: Live, kindNow: () => Kind | 'sources', refetch: () => void): () => void {
  let askedAt = Date.now()
  let timer: ReturnType<typeof setTimeout> | undefined
  const ask = () => {
    timer = undefined
    askedAt = Date.now()
    refetch()
  }
  const soon = () => {
    timer ??= setTimeout(ask, Math.max(0, askedAt + MS_MIN - Date.now()))
  }
  const stops = [
    live.onPulse(({ changed }) => changed.some((kind) => kind === kindNow()) && soon()),
    live.onReconnect(soon),
  ]
  const safety = setInterval(soon, SAFETY_MS)
  return () => {
    clearTimeout(timer)
    clearInterval(safety)
    for (const stop of stops) stop()
  }
}
