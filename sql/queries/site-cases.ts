import { z } from 'zod'
import { namedQuery } from '../query.ts'

/** Params: `sites` Array(String). */
export const SITE_CASES = namedQuery(import.meta.url, z.object({ caseKey: z.string() }), {
  unscoped: 'keys only; what is asked of them is within a scope',
})
