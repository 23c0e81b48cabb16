import { peopleApi } from '../../../lib/people-api.ts'
import { viewFrom } from './view.ts'

type Load = { url: URL; depends: (name: `${string}:${string}`) => void }

/** A page of the people that the address asks for, and the roles there are. */
export async function load({ url, depends }: Load) {
  depends('people:list')
  const { text, state, page } = viewFrom(url.searchParams)
  try {
    const [list, { roles }] = await Promise.all([
      peopleApi.list({ search: text, state: state ?? undefined, page }),
      peopleApi.roles(),
    ])
    return { list, roles, failure: null }
  } catch (error) {
    return { list: null, roles: [], failure: error }
  }
}
