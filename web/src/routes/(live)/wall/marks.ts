import type { Alert } from '#domain/alert.ts'
import type { Tier } from '#domain/tier.ts'
import { tierRank } from '#domain/tier.ts'

/** The alerts of one place: the worst tier, and which they are. */
export type PlaceAlerts = { readonly region: string; readonly tier: Tier; readonly ids: readonly string[] }

/**
 * Alerts by county (or city where no county is known), worst first. Blue ones, gaps in papers or data, are counted on
 * the wall but not put on the map: it shows where people are waiting.
 */
export function alertsByPlace(alerts: readonly Alert[]): PlaceAlerts[] {
  const places = new Map<string, PlaceAlerts>()
  for (const { id, region, tier } of alerts) {
    if (tier === 'blue' || region.length < 4) continue
    const code = region.slice(0, region.length < 6 ? 4 : 6)
    const known = places.get(code)
    const worst = known && tierRank(known.tier) > tierRank(tier) ? known.tier : tier
    places.set(code, { region: code, tier: worst, ids: [...(known?.ids ?? []), id] })
  }
  return [...places.values()].sort(
    (a, b) =>
      tierRank(b.tier) - tierRank(a.tier) || b.ids.length - a.ids.length || a.region.localeCompare(b.region),
  )
}
