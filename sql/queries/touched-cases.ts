import { z } from 'zod'
import { namedQuery } from '../query.ts'

/** Params: `after`, `until` Int64 (µs), `afterSite` String, `rows` UInt32. */
export const TOUCHED_CASES = namedQuery(
  import.meta.url,
  z.object({ site: z.string(), caseKey: z.string() }),
  { unscoped: 'judging is for everybody' },
)
