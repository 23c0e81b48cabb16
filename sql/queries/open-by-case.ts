import { z } from 'zod'
import { namedQuery } from '../query.ts'
import { Open } from './open-by-site.ts'

/** What is open of one case. */
export const OpenCase = Open.extend({ caseKey: z.string() })
export type OpenCase = z.infer<typeof OpenCase>

/** Params: `sites`, `keys` Array(String); `gathering`, `workers` (persons), `owed` (fen) Int64. */
export const OPEN_BY_CASE = namedQuery(import.meta.url, OpenCase, { unscoped: 'judging is for everybody' })
