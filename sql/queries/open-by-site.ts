import { z } from 'zod'
import { PlacesOfSector } from '#domain/alert.ts'
import { BigInteger, Int, namedQuery } from '../query.ts'

/**
 * What is open: cases, people, fen, people gathered, and what an alert shows of it: the region that holds it all, status as
 * sent, and the instant (ms) of the latest observation.
 */
export const Open = z.object({
  site: z.string(),
  cases: Int,
  workers: Int,
  owedFen: BigInteger,
  gathering: Int,
  region: z.string(),
  works: z.array(z.string()),
  homes: z.array(z.string()),
  sector: z.string(),
  sectors: z.array(z.string()),
  /** Which places are of which sector, in the order of these; none where there is one. */
  bySector: z.array(PlacesOfSector),
  employer: z.string(),
  project: z.string(),
  status: z.string(),
  observedMs: Int,
})
export type Open = z.infer<typeof Open>

/** Params: `sites` Array(String). */
export const OPEN_BY_SITE = namedQuery(import.meta.url, Open, { unscoped: 'judging is for everybody' })
