import type { Me } from '../../../lib/api.ts'
import { peopleApi } from '../../../lib/people-api.ts'
import { rejectClosed } from '../../../lib/places.ts'
import { rolesApi } from '../../../lib/roles-api.ts'
import { viewFrom } from './view.ts'

type Load = { url: URL; depends: (name: `${string}:${string}`) => void; parent: () => Promise<{ me: Me }> }

/** A page of the people that the address asks for, and the roles there are. */
export async function load({ url, depends, parent }: Load) {
  rejectClosed((await parent()).me, '/people', url)
  depends('people:list')
  const { text, state, page } = viewFrom(url.searchParams)
  try {
    const [list, { roles }] = await Promise.all([
      peopleApi.list({ search: text, state: state ?? undefined, page }),
      rolesApi.list(),
    ])
    return { list, roles, failure: null }
  } catch (error) {
    return { list: null, roles: [], failure: error }
  }
}
