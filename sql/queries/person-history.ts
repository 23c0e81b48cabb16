import { z } from 'zod'
import type { PersonObservation } from '#domain/merge.ts'
import { fenToYuan } from '#domain/money.ts'
import { BigInteger, Int, namedQuery } from '../query.ts'

/** An observation of a person as `mergeFields` takes it. Instants in ms; `monthlyWage` in yuan. */
const PersonHistoryRow = z.object({
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
export type PersonHistoryRow = z.infer<typeof PersonHistoryRow>

const query = namedQuery(import.meta.url, PersonHistoryRow, {
  unscoped: 'merging needs all of a person; api/households.ts leaves out who is out of reach',
})
const of = (name: string, who: string) => ({ ...query, name, sql: query.sql.replace('{who}', who) })
const where = (condition: string) => `(SELECT historyKey FROM workers_observations_v1 WHERE ${condition})`

/** Params: `persons` Array(String). */
export const PERSON_HISTORY = of('person-history', '{persons:Array(String)}')

/** Of everybody who was ever reported as of the region; some are of another now. Params: `region` String. */
export const REGION_HISTORY = of('region-history', where('startsWith(homeRegion, {region:String})'))

/** Of everybody who was ever reported as of the household; some are of another now. Params: `household` String. */
export const HOUSEHOLD_HISTORY = of('household-history', where('household = {household:String}'))
