import type { Me } from '../../../lib/api.ts'
import { rejectClosed } from '../../../lib/places.ts'
import { wallsApi } from '../../../lib/walls-api.ts'

type Load = { depends: (name: `${string}:${string}`) => void; parent: () => Promise<{ me: Me }> }

/** All walls that were ever let in. */
export async function load({ depends, parent }: Load) {
  rejectClosed((await parent()).me, '/walls')
  depends('walls:list')
  try {
    return { walls: (await wallsApi.list()).walls, failure: null }
  } catch (error) {
    return { walls: null, failure: error }
  }
}
