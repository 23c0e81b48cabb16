import { api, type Me } from '../../../lib/api.ts'
import { rejectWithoutEntry } from '../../../lib/entry.ts'
import { hunanFrom } from '../../../lib/geo.ts'
import { installation } from '../../../lib/installation.svelte.ts'
import { readHunan } from '../../../lib/maps.ts'
import { rejectClosed } from '../../../lib/places.ts'

type Load = {
  url: URL
  depends: (name: `${string}:${string}`) => void
  parent: () => Promise<{ me: Me | null }>
}

/** All units, whatever the address asks for: choosing among what is there asks nobody. */
export async function load({ url, depends, parent }: Load) {
  depends('live:units')
  rejectClosed((await parent()).me, '/registry', url)
  const hunan = await readHunan().then(hunanFrom, () => null)
  try {
    const [{ units }, status] = await Promise.all([api.units(), installation.status()])
    return { units, status, hunan, failure: null }
  } catch (error) {
    rejectWithoutEntry(error, url)
    return { units: null, status: null, hunan, failure: error }
  }
}
