import { isWithin } from './region.ts'
import { toShanghaiIso } from './time.ts'

/**
 * How the observations of one person become one state. Several ledgers speak of the same person (stations, pension,
 * medical insurance, homestead), each of a part: for each field the most recent observation that said it stands, by
 * observation time, then receipt. A field that is absent, '' or an empty list was not said; it never erases. Two things
 * follow from what an observation does say:
 * - Work ends: when the status leaves `employed`, the work told before is over. A returned worker has no workplace.
 * - Home: a coarser region that holds the finer one known says nothing new (a station knows the county, the homestead
 *   ledger the village). A household is of the place it was told with, as the same number is one of several villages of a
 *   township: told with a coarser home it says nothing new either, and it stays behind when another home is known.
 */
type Said = {
  homeRegion: string
  household: string
  status: string
  workRegion: string
  sector: string
  occupation: string
  employer: string
  employerCode: string
  project: string
  monthlyWage: string | null
  contractSigned: boolean | null
  insured: boolean | null
  skills: readonly string[]
}
type PersonField = keyof Said

/** One observation of a person as it is kept: what it said, who said it, and both times in ms. */
export type PersonObservation = Said & { source: string; observedMs: number; receivedMs: number }

/** The value of a field that stands, from which source, observed and received when (ISO 8601, Asia/Shanghai). */
type MergedField<F extends PersonField = PersonField> = {
  value: Said[F]
  source: string
  observedAt: string
  receivedAt: string
}
/** A person as merged; a field that nobody has said is absent. */
export type MergedPerson = { [F in PersonField]?: MergedField<F> }

const FIELDS = [
  'homeRegion',
  'household',
  'status',
  'workRegion',
  'sector',
  'occupation',
  'employer',
  'employerCode',
  'project',
  'monthlyWage',
  'contractSigned',
  'insured',
  'skills',
] as const satisfies readonly PersonField[]

const WORK_FIELDS = [
  'workRegion',
  'sector',
  'occupation',
  'employer',
  'employerCode',
  'project',
  'monthlyWage',
] as const satisfies readonly PersonField[]

/** Whether a change of status ends the work told before. */
export function endsWork(before: string, after: string): boolean {
  return before === 'employed' && after !== 'employed'
}

/** The home region after an observation: the one known where the one said holds it, else the one said. */
export function homeAfter(known: string, said: string): string {
  return isWithin(known, said) ? known : said
}

/**
 * The state of a person after `history`, which stands in the order that the merging goes by: observation time, receipt,
 * place within the receipt. Cut it to know the state at an earlier instant. Empty when there is no observation.
 */
export function mergeFields(history: readonly PersonObservation[]): MergedPerson {
  const merged: MergedPerson = {}
  for (const observation of history) {
    const { status, homeRegion } = merged
    if (status && endsWork(status.value, observation.status))
      for (const field of WORK_FIELDS) delete merged[field]
    const knownHome = homeRegion?.value ?? ''
    const home = homeAfter(knownHome, observation.homeRegion)
    if (home !== knownHome) delete merged.household
    for (const field of FIELDS) {
      const isOfHome = field === 'homeRegion' || field === 'household'
      if (isSaid(observation[field]) && (!isOfHome || home === observation.homeRegion))
        put(merged, field, observation)
    }
  }
  return merged
}

function isSaid(value: Said[PersonField]): boolean {
  return value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
}

function put<F extends PersonField>(
  merged: { [K in F]?: MergedField<K> },
  field: F,
  observation: PersonObservation,
): void {
  merged[field] = {
    value: observation[field],
    source: observation.source,
    observedAt: toShanghaiIso(observation.observedMs),
    receivedAt: toShanghaiIso(observation.receivedMs),
  }
}
