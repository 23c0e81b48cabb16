import type { Me } from '../../../lib/api.ts'
import { rejectClosed } from '../../../lib/places.ts'
import { wallsApi } from '../../../lib/walls-api.ts'

type Load = { url: URL; depends: (name: `${string}:${string}`) => void; parent: () => Promise<{ me: Me }> }

/** All walls that were ever let in. */
export async function load({ url, depends, parent }: Load) {
  rejectClosed((await parent()).me, '/walls', url)
  depends('walls:list')
  try {
    return { walls: (await wallsApi.list()).walls, failure: null }
  } catch (error) {
    return { walls: null, failure: error }
  }
}
