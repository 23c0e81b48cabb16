import type { Pulse } from '#domain/live-events.ts'
import type { MeasureId } from '#domain/measure.ts'
import { measureFor } from '#domain/measure.ts'
import { HUNAN } from '#domain/region.ts'
import { DAY_MS, startOf } from '#domain/time.ts'
import { api } from '../../../lib/api.ts'
import { hunanFrom } from '../../../lib/geo.ts'
import { installation } from '../../../lib/installation.svelte.ts'
import type { Live } from '../../../lib/live/live.svelte.ts'
import { lunarYearMs } from '../../../lib/lunar.ts'
import { readHunan, readProvincePoints } from '../../../lib/maps.ts'
import { QUERY_MS_MIN, Query } from '../../../lib/query.svelte.ts'
import { daysBack, FIGURES, readFigure } from './figures.ts'
import { rankingOf } from './ranking.ts'

/** Long series change little between two pushes, and the newest value of a stock comes with the push itself. */
const SERIES_MS_MIN = 20_000
/** Silence is counted day by day on the server: ask rarely. */
const SILENT_MS_MIN = 120_000
/** In case a push was missed. */
const SAFETY_MS = 300_000
const CASE_DAYS = 30

/** Everything the wall asks the server for, asked again by push. */
export class WallData {
  readonly #onUnauthorised: () => void
  readonly figures
  readonly map
  readonly status
  readonly counties
  readonly cities
  readonly sectors
  readonly flows
  readonly newCases
  readonly lastYear

  constructor(onUnauthorised: () => void) {
    this.#onUnauthorised = onUnauthorised
    this.figures = FIGURES.map((spec) => ({
      spec,
      query: this.#query(
        () => readFigure(spec, Date.now()),
        spec.id === 'sources.silent' ? SILENT_MS_MIN : SERIES_MS_MIN,
      ),
    }))
    this.map = this.#query(readMap)
    this.status = this.#query(installation.status)
    this.counties = this.#query(() =>
      api.distribution({ measure: 'arrears.owed', by: 'work.county', region: HUNAN }),
    )
    this.cities = this.#query(readCities)
    this.sectors = this.#query(() => api.distribution({ measure: 'workers.count', by: 'sector' }))
    this.flows = this.#query(() =>
      api.distribution({ measure: 'workers.outOfProvince', by: 'home.city,work.province' }),
    )
    this.newCases = this.#query(() => readNewCases(Date.now(), 0), SERIES_MS_MIN)
    this.lastYear = this.#query(() => readNewCases(Date.now(), lunarYearMs(Date.now())), SAFETY_MS)
  }

  /** Asks for everything, then keeps it fresh until the returned function is called. */
  start(live: Live): () => void {
    this.#refreshAll()
    const stops = [live.onPulse((pulse) => this.#onPulse(pulse)), live.onReconnect(() => this.#refreshAll())]
    const timer = setInterval(() => this.#refreshAll(), SAFETY_MS)
    return () => {
      clearInterval(timer)
      for (const stop of stops) stop()
      for (const query of this.#all()) query.stop()
    }
  }

  #onPulse({ changed }: Pulse): void {
    if (changed.length === 0) return
    this.status.refresh()
    for (const { spec, query } of this.figures) if (isTouched(spec.id, changed)) query.refresh()
    if (changed.includes('arrears'))
      for (const query of [this.counties, this.cities, this.newCases]) query.refresh()
    if (changed.includes('workers')) for (const query of [this.sectors, this.flows]) query.refresh()
  }

  #refreshAll(): void {
    for (const query of this.#all()) query.refresh()
  }

  #all(): Query<unknown>[] {
    const { map, status, counties, cities, sectors, flows, newCases, lastYear } = this
    const isMapRead = map.current.kind === 'ready'
    return [
      ...(isMapRead ? [] : [map]),
      status,
      ...this.figures.map(({ query }) => query),
      counties,
      cities,
      sectors,
      flows,
      newCases,
      lastYear,
    ]
  }

  #query<T>(read: () => Promise<T>, msMin = QUERY_MS_MIN): Query<T> {
    return new Query(read, this.#onUnauthorised, msMin)
  }
}

function isTouched(id: MeasureId, changed: Pulse['changed']): boolean {
  const { signal } = measureFor(id)
  return signal !== 'sources' && changed.includes(signal)
}

async function readMap() {
  const [topology, points] = await Promise.all([readHunan(), readProvincePoints()])
  return { hunan: hunanFrom(topology), points }
}

/** What is owed in Hunan's cities, and in the provinces: of another one its cities would each be too small to be told. */
async function readCities() {
  const measure = 'arrears.owed'
  const [cities, provinces] = await Promise.all([
    api.distribution({ measure, by: 'work.city', region: HUNAN }),
    api.distribution({ measure, by: 'work.province' }),
  ])
  return rankingOf(cities.rows, provinces.rows)
}

/** New cases of the last 30 days, day by day; `backMs` earlier for the year before. */
async function readNewCases(nowMs: number, backMs: number): Promise<(number | null)[]> {
  const days = daysBack(nowMs - backMs, CASE_DAYS)
  const from = days[0] ?? nowMs
  const to = backMs === 0 ? nowMs : startOf('day', nowMs - backMs) + DAY_MS
  const series = await api.series({
    measure: 'arrears.newCases',
    interval: 'day',
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  })
  const byDay = new Map(
    series.rows.flatMap((row) =>
      row.value === null ? [] : [[Date.parse(row.t), Number(row.value)] as const],
    ),
  )
  return days.map((day) => byDay.get(day) ?? null)
}
