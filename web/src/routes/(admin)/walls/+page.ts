import { wallsApi } from '../../../lib/walls-api.ts'

type Load = { depends: (name: `${string}:${string}`) => void }

/** All walls that were ever let in. */
export async function load({ depends }: Load) {
  depends('walls:list')
  try {
    return { walls: (await wallsApi.list()).walls, failure: null }
  } catch (error) {
    return { walls: null, failure: error }
  }
}
