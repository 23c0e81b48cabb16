import { redirect } from '@sveltejs/kit'
import { ApiError, api } from '../../../lib/api.ts'
import { hunanFrom } from '../../../lib/geo.ts'
import { readHunan } from '../../../lib/maps.ts'

type Load = { url: URL; depends: (name: `${string}:${string}`) => void }

/** All units once, and the open one. The filters are not read here: choosing among what is there asks nobody. */
export async function load({ url, depends }: Load) {
  depends('live:units')
  const open = url.searchParams.get('unit')
  const hunan = await readHunan().then(hunanFrom, () => null)
  try {
    const [list, unit, status] = await Promise.all([api.units(), open ? readUnit(open) : null, api.status()])
    return { units: list.units, unit, hunan, status, failure: null }
  } catch (error) {
    if (error instanceof ApiError && error.status === 401)
      redirect(307, `/login?next=${encodeURIComponent(`/registry${location.search}`)}`)
    return { units: null, unit: null, hunan, status: null, failure: error }
  }
}

/** The open unit, or why it is not there: one that is gone must not take the list with it. */
async function readUnit(id: string) {
  try {
    return { kind: 'found', unit: await api.unit(id) } as const
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) throw error
    return { kind: 'failed', error } as const
  }
}
