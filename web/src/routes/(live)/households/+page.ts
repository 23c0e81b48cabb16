import type { Me } from '../../../lib/api.ts'
import { rejectWithoutEntry } from '../../../lib/entry.ts'
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
  const nothing = { view, status: null, counts: null, village: null }
  try {
    const [status, counts, village] = await Promise.all([
      installation.status(),
      township === null ? null : householdsApi.counts(township),
      township === null || township === view.region ? null : householdsApi.counts(view.region),
    ])
    return { ...nothing, status, counts, village, failure: null }
  } catch (error) {
    rejectWithoutEntry(error, url)
    return { ...nothing, failure: error }
  }
}
