import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** Where an observation of a case lies. */
export const PLACED = { placed: { homes: 'homeCodes', work: 'workRegion', sector: 'sector' } }

/** Params: `cases` Array(String): history keys; `offset`, `limit` (observations) UInt32. */
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
  PLACED,
)
