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
  const places = new Map<string, { region: string; tier: Tier; ids: string[] }>()
  for (const { id, region, tier } of alerts) {
    if (tier === 'blue' || region.length < 4) continue
    const code = region.slice(0, region.length < 6 ? 4 : 6)
    const place = places.get(code)
    if (!place) places.set(code, { region: code, tier, ids: [id] })
    else {
      place.ids.push(id)
      if (tierRank(tier) > tierRank(place.tier)) place.tier = tier
    }
  }
  return [...places.values()].sort(
    (a, b) =>
      tierRank(b.tier) - tierRank(a.tier) || b.ids.length - a.ids.length || a.region.localeCompare(b.region),
  )
}
