import { expect, it } from 'vitest'
import { pick } from '../../ingestion/pick.ts'

/** One observation of one subject that counts how often it is compared. */
function observationOf(content: number, read: () => void) {
  return {
    historyKey: 'one',
    observedAt: 0,
    get contentHash() {
      read()
      return `hash ${content}`
    },
  }
}

it('reads each of many observations of one subject a few times, not once for every other', () => {
  const rows = 20_000
  let reads = 0
  const observations = Array.from({ length: rows }, (_, i) => observationOf(i % (rows / 2), () => reads++))
  const { fresh, verdicts } = pick([observations], new Map())
  expect([fresh.length, verdicts]).toEqual([rows / 2, [{ accepted: rows / 2, unchanged: rows / 2 }]])
  expect(reads / rows).toBeLessThan(5)
})
