import { DAY_MS } from '#domain/time.ts'
import { ledgersOf } from '../../scripts/synthetic/history.ts'
import type { History } from '../../scripts/synthetic/live.ts'

/** A morning in November 2025, so that the history never lies in the future. */
export const NOW = Date.parse('2025-11-24T11:00:00+08:00')

export function history(part: Partial<History> = {}): History {
  return { seed: 1, workers: 6000, from: NOW - 730 * DAY_MS, now: NOW, ...part }
}

/** All batches of a history, source after source. */
export function* batchesOf(of: History) {
  for (const ledger of ledgersOf(of)) yield* ledger.batches()
}
