import { expect, test } from 'vitest'
import { killRounds } from '../support/kill.ts'

test('kill -9 at any moment loses nothing that was acknowledged, counts nothing twice, and leaves the alerts right', async () => {
  let rows = 0
  for await (const round of killRounds(3, 20_261_124)) {
    expect(round.faults, `round ${round.round}`).toEqual([])
    rows += round.rows
  }
  expect(rows).toBeGreaterThan(100)
}, 120_000)
