import { HUNAN } from '#domain/region.ts'
import type { Flows } from '../../../lib/api.ts'

/** Provinces that lines are drawn to; with these about nine in ten out-of-province workers are on the map. */
const DESTINATIONS = 8
/** A line thinner than this part of the thickest one only adds fog. */
const THINNEST = 0.012

export type Destination = { readonly code: string; readonly workers: number }
export type Flow = { readonly home: string; readonly work: string; readonly workers: number }

/** Out-of-province workers by prefecture and province: the largest destinations and the lines worth drawing, thin first. */
export function topFlows(rows: Flows['rows']): { destinations: Destination[]; flows: Flow[] } {
  const totals = new Map<string, number>()
  const pairs = new Map<string, Flow>()
  for (const row of rows) {
    const [home, work, workers] = [row.home.slice(0, 4), row.work.slice(0, 2), Number(row.value)]
    if (
      !row.home.startsWith(HUNAN) ||
      home.length < 4 ||
      work === HUNAN ||
      !/^\d\d$/.test(work) ||
      workers <= 0
    )
      continue
    totals.set(work, (totals.get(work) ?? 0) + workers)
    const key = `${home}>${work}`
    pairs.set(key, { home, work, workers: (pairs.get(key)?.workers ?? 0) + workers })
  }
  const destinations = [...totals]
    .map(([code, workers]) => ({ code, workers }))
    .sort((a, b) => b.workers - a.workers || a.code.localeCompare(b.code))
    .slice(0, DESTINATIONS)
  const shown = new Set(destinations.map(({ code }) => code))
  const kept = [...pairs.values()].filter(({ work }) => shown.has(work))
  const most = Math.max(0, ...kept.map(({ workers }) => workers))
  return {
    destinations,
    flows: kept.filter(({ workers }) => workers >= most * THINNEST).sort((a, b) => a.workers - b.workers),
  }
}
