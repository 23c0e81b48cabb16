import { z } from 'zod'
import { namedQuery } from '../query.ts'
import { OpenRow, openOf } from './open-by-site.ts'

/** What is open of one case. */
const OpenCase = OpenRow.extend({ caseKey: z.string() }).transform(openOf)
export type OpenCase = z.infer<typeof OpenCase>

/** Params: `sites`, `keys` Array(String); `gathering`, `workers` (persons), `owed` (fen) Int64; where a page begins, as of `OPEN_BY_SITE`. */
export const OPEN_BY_CASE = namedQuery(import.meta.url, OpenCase, { unscoped: 'judging is for everybody' })
