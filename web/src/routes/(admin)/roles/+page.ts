import type { Me } from '../../../lib/api.ts'
import { rejectClosed } from '../../../lib/places.ts'
import { rolesApi } from '../../../lib/roles-api.ts'

type Load = { depends: (name: `${string}:${string}`) => void; parent: () => Promise<{ me: Me }> }

/** All roles, whichever the address asks for. */
export async function load({ depends, parent }: Load) {
  rejectClosed((await parent()).me, '/roles')
  depends('roles:list')
  try {
    return { ...(await rolesApi.list()), failure: null }
  } catch (error) {
    return { roles: null, mayChange: false, failure: error }
  }
}
