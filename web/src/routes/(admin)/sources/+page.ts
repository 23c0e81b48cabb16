import { sourcesApi } from '../../../lib/sources-api.ts'

type Load = { depends: (name: `${string}:${string}`) => void }

/** All sources, whatever the address asks for: choosing among what is there asks nobody. */
export async function load({ depends }: Load) {
  depends('sources:list')
  try {
    return { sources: (await sourcesApi.sources()).sources, failure: null }
  } catch (error) {
    return { sources: null, failure: error }
  }
}
