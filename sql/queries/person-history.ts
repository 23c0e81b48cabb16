import { z } from 'zod'
import type { PersonObservation } from '#domain/merge.ts'
import { fenToYuan } from '#domain/money.ts'
import { BigInteger, Int, namedQuery } from '../query.ts'

/** An observation of a person as `mergeFields` takes it. Instants in ms; `monthlyWage` in yuan. */
export const PersonHistoryRow = z.object({
  personKey: z.string(),
  source: z.string(),
  observedMs: Int,
  receivedMs: Int,
  homeRegion: z.string(),
  household: z.string(),
  status: z.string(),
  workRegion: z.string(),
  sector: z.string(),
  occupation: z.string(),
  employer: z.string(),
  employerCode: z.string(),
  project: z.string(),
  monthlyWage: BigInteger.nullable().transform((fen) => (fen === null ? null : fenToYuan(fen))),
  contractSigned: z.boolean().nullable(),
  insured: z.boolean().nullable(),
  skills: z.array(z.string()),
}) satisfies z.ZodType<PersonObservation & { personKey: string }>

/** Params: `persons` Array(String). */
export const PERSON_HISTORY = namedQuery(import.meta.url, PersonHistoryRow)
