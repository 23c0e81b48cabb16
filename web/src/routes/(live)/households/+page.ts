import type { Dimension } from '#domain/measure.ts'
import { type Level, levelOf, type RegionCode } from '#domain/region.ts'
import { api, dimensionOf, type Me } from '../../../lib/api.ts'
import { rejectWithoutEntry } from '../../../lib/entry.ts'
import { isForbidden } from '../../../lib/failure.ts'
import { householdsApi } from '../../../lib/households-api.ts'
import { installation } from '../../../lib/installation.svelte.ts'
import { rejectClosed } from '../../../lib/places.ts'
import { townshipOf, viewFrom } from './view.ts'

/** What the address asks for. A failure is data too: the page keeps its frame and says what failed. */
export async function load({ url, parent }: { url: URL; parent: () => Promise<{ me: Me | null }> }) {
  const { me } = await parent()
  rejectClosed(me, '/households', url)
  const view = viewFrom(url.searchParams)
  const township = townshipOf(view.region)
  const nothing = { view, status: null, below: null, counts: null, village: null }
  try {
    const [status, below, counts, village] = await Promise.all([
      installation.status(),
      township === null ? personsBelow(view.region) : null,
      township === null ? null : householdsApi.counts(township),
      township === null || township === view.region ? null : householdsApi.counts(view.region),
    ])
    return { ...nothing, status, below, counts, village, failure: null }
  } catch (error) {
    rejectWithoutEntry(error, url)
    return { ...nothing, failure: error }
  }
}

/** The level below each that is chosen on the way to a township. */
const BELOW: Partial<Record<Level, Dimension>> = {
  province: 'home.city',
  city: 'home.county',
  county: 'home.township',
}

/** Persons by region below this one, to see where there is something to choose; `null` for who may not see figures. */
async function personsBelow(region: RegionCode) {
  const by = BELOW[levelOf(region)]
  if (by === undefined) return null
  return await api.distribution({ measure: 'workers.count', by, region, role: 'home' }).then(
    ({ rows, hidesBelow }) => ({ hidesBelow, rows: new Map(rows.map((row) => [dimensionOf(row, by), row])) }),
    (error) => {
      if (isForbidden(error)) return null
      throw error
    },
  )
}
