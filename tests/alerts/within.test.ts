import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Alert } from '#domain/alert.ts'
import { alertInScope, holdsAlert } from '#domain/alert-scope.ts'
import { scopeOf } from '#domain/scope.ts'
import { appendLog, readLog, readOpenAlerts } from '../../api/alerts/log.ts'
import { alertOf, anyCases, anyGrants } from '../support/alert-scopes.ts'
import { openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
const stored: Alert[] = []
/** What alerts had not before they knew all their places. */
const NEW = ['workRegions', 'homeRegions', 'sectors', 'isAcross', 'isPart'] as const

beforeAll(async () => {
  stores = await openTestStores()
  const drawn = fc.sample(anyCases, { numRuns: 120, seed: 1 }).map(alertOf)
  for (const [i, alert] of drawn.entries()) stored.push({ ...alert, id: `alt_${i}`, group: `g${i}` })
  const entries = stored.map((alert) => ({ change: 'opened' as const, alert, by: null, note: null }))
  await stores.postgres.transaction((sql) => appendLog(sql, entries, Date.now()))
  const old = stored.filter((_, i) => i % 4 === 0).map(({ id }) => id)
  await stores.postgres.query('UPDATE alerts SET body = body - $1::text[] WHERE id = ANY($2)', [NEW, old])
  await stores.postgres.query('UPDATE alert_log SET body = body - $1::text[] WHERE "alertId" = ANY($2)', [
    NEW,
    old,
  ])
  for (const [i, alert] of stored.entries())
    if (old.includes(alert.id))
      stored[i] = Alert.parse({ ...alert, workRegions: [], homeRegions: [], sectors: [] })
})
afterAll(() => stores.close())

test('the store gives every scope the alerts that it holds, as it may see them, those from before included', async () => {
  const counts: number[] = []
  await fc.assert(
    fc.asyncProperty(anyGrants, async (grants) => {
      const scope = scopeOf(grants, true)
      const held = stored
        .filter((alert) => holdsAlert(scope, alert))
        .map((alert) => alertInScope(scope, alert))
      counts.push(held.length)
      const { alerts } = await readOpenAlerts(stores.postgres, scope)
      expect(alerts.toReversed()).toEqual(held)
      const entries = await readLog(stores.postgres, scope, 0, 1000)
      expect(entries.map(({ alert }) => alert)).toEqual(held)
    }),
    { numRuns: 150 },
  )
  expect(new Set(counts).size).toBeGreaterThan(10)
})
