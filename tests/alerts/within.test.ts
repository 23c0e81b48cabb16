import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Alert } from '#domain/alert.ts'
import { alertInScope, holdsAlert } from '#domain/alert-scope.ts'
import { scopeOf } from '#domain/scope.ts'
import { alertsWithin, appendLog, liesIn, readLog, readOpenAlerts } from '../../api/alerts/log.ts'
import { alertOf, anyCases, anyGrants, anyPlace } from '../support/alert-scopes.ts'
import { openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
const stored: Alert[] = []
/** What alerts had not before they knew which places are of which sector, and before they knew all their places. */
const BY_SECTOR = ['bySector']
const PLACES = ['workRegions', 'homeRegions', 'sectors', 'isAcross', 'isPart', ...BY_SECTOR]

beforeAll(async () => {
  stores = await openTestStores()
  const drawn = fc.sample(anyCases, { numRuns: 120, seed: 1 }).map(alertOf)
  for (const [i, alert] of drawn.entries()) {
    const group = i % 3 === 0 ? `src_a/${i}` : `project:430503:${i}`
    stored.push({ ...alert, id: `alt_${i}`, group })
  }
  const entries = stored.map((alert) => ({ change: 'opened' as const, alert, by: null, note: null }))
  await stores.postgres.transaction((sql) => appendLog(sql, entries, Date.now()))
  for (const [i, alert] of stored.entries())
    if (i % 4 === 0) stored[i] = await withoutFields(alert, PLACES)
    else if (i % 4 === 1) stored[i] = await withoutFields(alert, BY_SECTOR)
})
afterAll(() => stores.close())

/** Takes fields out of an alert and of its log, as if it had been written without: how it is read then. */
async function withoutFields(alert: Alert, fields: string[]): Promise<Alert> {
  await stores.postgres.query('UPDATE alerts SET body = body - $1::text[] WHERE id = $2', [fields, alert.id])
  const [row] = await stores.postgres.query<{ body: unknown }>(
    'UPDATE alert_log SET body = body - $1::text[] WHERE "alertId" = $2 RETURNING body',
    [fields, alert.id],
  )
  return Alert.parse(row?.body)
}

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

test('a region asked for finds what is seen to lie there, and tells of no other place', async () => {
  const counts: number[] = []
  await fc.assert(
    fc.asyncProperty(anyGrants, anyPlace, async (grants, region) => {
      const scope = scopeOf(grants, true)
      const found = await stores.postgres.query<{ id: string }>(
        `SELECT id FROM alerts WHERE ${liesIn(scope, '$1')} AND ${alertsWithin(scope)} ORDER BY seq`,
        [region],
      )
      const seen = stored
        .filter((alert) => holdsAlert(scope, alert))
        .map((alert) => alertInScope(scope, alert))
        .filter((alert) => [alert.region, ...alert.workRegions].some((place) => place.startsWith(region)))
      counts.push(seen.length)
      expect(found.map(({ id }) => id)).toEqual(seen.map(({ id }) => id))
    }),
    { numRuns: 150 },
  )
  expect(new Set(counts).size).toBeGreaterThan(10)
})
