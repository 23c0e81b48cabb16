import type { Me } from '../../../lib/api.ts'
import { rejectClosed } from '../../../lib/places.ts'
import { sourcesApi } from '../../../lib/sources-api.ts'

type Load = { url: URL; depends: (name: `${string}:${string}`) => void; parent: () => Promise<{ me: Me }> }

/** All sources, whatever the address asks for: choosing among what is there asks nobody. */
export async function load({ url, depends, parent }: Load) {
  rejectClosed((await parent()).me, '/sources', url)
  depends('sources:list')
  try {
    return { sources: (await sourcesApi.sources()).sources, failure: null }
  } catch (error) {
    return { sources: null, failure: error }
  }
}
