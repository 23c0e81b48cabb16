import { z } from 'zod'
import { namedQuery } from '../query.ts'

/** Params: `keys` Array(String): case keys. */
export const OPEN_SITES = namedQuery(import.meta.url, z.object({ site: z.string() }), {
  unscoped: 'judging is for everybody',
})
