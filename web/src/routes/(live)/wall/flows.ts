import type { AnswerRow } from '#domain/measure.ts'
import { HUNAN, isWithin } from '#domain/region.ts'
import { dimensionOf } from '../../../lib/api.ts'

/** Provinces that lines are drawn to; with these about nine in ten out-of-province workers are on the map. */
const DESTINATIONS = 8
/** A line thinner than this part of the thickest one only adds fog. */
const THINNEST = 0.012

export type Destination = { readonly code: string; readonly workers: number }
export type Flow = { readonly home: string; readonly work: string; readonly workers: number }

/**
 * Out-of-province workers, split by home city and work province (of many no city is known there): the largest destinations
 * and the lines worth drawing, thin first.
 */
export function topFlows(rows: readonly AnswerRow[]): { destinations: Destination[]; flows: Flow[] } {
  const totals = new Map<string, number>()
  const all: Flow[] = []
  for (const row of rows) {
    const [home, work] = [dimensionOf(row, 'home.city'), dimensionOf(row, 'work.province')]
    const workers = Number(row.value)
    if (!isWithin(home, HUNAN) || work === HUNAN || work === 'unknown' || workers <= 0) continue
    totals.set(work, (totals.get(work) ?? 0) + workers)
    all.push({ home, work, workers })
  }
  const destinations = [...totals]
    .map(([code, workers]) => ({ code, workers }))
    .sort((a, b) => b.workers - a.workers || a.code.localeCompare(b.code))
    .slice(0, DESTINATIONS)
  const shown = new Set(destinations.map(({ code }) => code))
  const kept = all.filter(({ work }) => shown.has(work))
  const most = Math.max(0, ...kept.map(({ workers }) => workers))
  return {
    destinations,
    flows: kept.filter(({ workers }) => workers >= most * THINNEST).sort((a, b) => a.workers - b.workers),
  }
}
