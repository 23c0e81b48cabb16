import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Params: `cases` Array(String): history keys. At most 1,000 observations. */
export const CASE_EVIDENCE = namedQuery(
  import.meta.url,
  z.object({
    caseKey: z.string(),
    caseId: z.string(),
    source: z.string(),
    observedMs: Int,
    receivedMs: Int,
    channel: z.string(),
    workRegion: z.string(),
    sector: z.string(),
    employer: z.string(),
    project: z.string(),
    status: z.string(),
    workers: Int,
    owedFen: Int,
    paidFen: Int,
    gathering: Int,
    note: z.string(),
  }),
  { placed: { homes: 'homeCodes', work: 'workRegion', sector: 'sector' } },
)
