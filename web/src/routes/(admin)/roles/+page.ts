import type { Me } from '../../../lib/api.ts'
import { rejectClosed } from '../../../lib/places.ts'
import { rolesApi } from '../../../lib/roles-api.ts'

type Load = { url: URL; depends: (name: `${string}:${string}`) => void; parent: () => Promise<{ me: Me }> }

/** All roles, whichever the address asks for. */
export async function load({ url, depends, parent }: Load) {
  rejectClosed((await parent()).me, '/roles', url)
  depends('roles:list')
  try {
    return { list: await rolesApi.list(), failure: null }
  } catch (error) {
    return { list: null, failure: error }
  }
}
