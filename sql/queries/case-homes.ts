import { z } from 'zod'
import { namedQuery } from '../query.ts'

/** Params: `cases` Array(String): history keys; `from`, `until` Int64 (µs). */
export const CASE_HOMES = namedQuery(import.meta.url, z.object({ home: z.string() }), {
  unscoped: 'places only, to tell whose an alert is',
})
