import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

/** An open case: people, fen, the region as sent, and the instant (ms) of its latest observation. */
export const OpenCase = z.object({
  site: z.string(),
  caseKey: z.string(),
  workers: Int,
  owedFen: Int,
  gathering: Int,
  region: z.string(),
  homes: z.array(z.string()),
  sector: z.string(),
  employer: z.string(),
  project: z.string(),
  observedMs: Int,
})
export type OpenCase = z.infer<typeof OpenCase>

/** Params: `sites` Array(String). */
export const OPEN_CASES_BY_SITE = namedQuery(import.meta.url, OpenCase, {
  unscoped: 'judging is for everybody',
})
