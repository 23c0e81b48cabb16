import { z } from 'zod'
import { namedQuery } from '../query.ts'

/** Params: `phoneKey` String. At most 10,000. */
export const PERSONS_BY_PHONE = namedQuery(import.meta.url, z.object({ personKey: z.string() }), {
  unscoped: 'keys only; the routes leave out who is out of reach',
})
