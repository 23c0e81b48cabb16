import { z } from 'zod'
import { namedQuery } from '../query.ts'

/** Params: `codes` Array(String), not empty: unified social credit codes of employers. */
export const EMPLOYER_SITES = namedQuery(import.meta.url, z.object({ site: z.string() }), {
  unscoped: 'names of sites only; what is asked of them is judged, or within a scope',
})
