import { type MergedPerson, mergeFields } from '#domain/merge.ts'
import { ancestorAt, isWithin } from '#domain/region.ts'
import { holds, type Scope } from '#domain/scope.ts'
import type { Engine } from '#sql/engine.ts'
import {
  HOUSEHOLD_HISTORY,
  PERSON_HISTORY,
  type PersonHistoryRow,
  REGION_HISTORY,
} from '#sql/queries/person-history.ts'

/** A person by the keyed hash of the ID number, with every field as it stands now. */
type Member = { personKey: string; fields: MergedPerson }

/**
 * Persons with their households. `households` are those linked by a household number; persons without one count as
 * persons only. `away` are employed outside the home township, as far as the work region says.
 */
export type HouseholdCounts = { households: number; persons: number; away: number }

/** Everybody of a scope whose home is in the region now, without those who withdrew. */
export async function readPersonsOf(engine: Engine, scope: Scope, region: string): Promise<Member[]> {
  const persons = mergedBy(await engine.query(REGION_HISTORY, { region }))
  return persons.filter(({ fields }) => isWithin(homeOf(fields), region) && isHeld(scope, fields))
}

/** Who of a scope is of the household now, without those who withdrew; empty when there is no such household. */
export async function readMembers(engine: Engine, scope: Scope, household: string): Promise<Member[]> {
  const persons = mergedBy(await engine.query(HOUSEHOLD_HISTORY, { household }))
  return persons.filter(({ fields }) => fields.household?.value === household && isHeld(scope, fields))
}

/** The counts of groups of persons, by what `groupOf` says of each. */
export function countsBy(
  persons: readonly Member[],
  groupOf: (fields: MergedPerson) => string,
): Map<string, HouseholdCounts> {
  const groups = Map.groupBy(persons, ({ fields }) => groupOf(fields))
  return new Map(
    [...groups].map(([group, members]) => {
      const keys = new Set(members.flatMap(({ fields }) => fields.household?.value ?? []))
      const away = members.filter(({ fields }) => isAway(fields)).length
      return [group, { households: keys.size, persons: members.length, away }]
    }),
  )
}

export function homeOf(fields: MergedPerson): string {
  return fields.homeRegion?.value ?? ''
}

/** Those of some persons, as they stand now, whom a scope holds; also those who withdrew. */
export async function readHeld(
  engine: Engine,
  scope: Scope,
  personKeys: readonly string[],
): Promise<Set<string>> {
  const rows = await engine.query(PERSON_HISTORY, { persons: personKeys })
  const persons = [...Map.groupBy(rows, ({ personKey }) => personKey)]
  return new Set(persons.flatMap(([key, history]) => (isHeld(scope, mergeFields(history)) ? key : [])))
}

function isHeld(scope: Scope, fields: MergedPerson): boolean {
  const [work, sector] = [fields.workRegion?.value ?? '', fields.sector?.value ?? '']
  return holds(scope, { homes: [homeOf(fields)], works: [work], sectors: [sector] })
}

function mergedBy(rows: readonly PersonHistoryRow[]): Member[] {
  const persons = Map.groupBy(rows, ({ personKey }) => personKey)
  return [...persons]
    .map(([personKey, history]) => ({ personKey, fields: mergeFields(history) }))
    .filter(({ fields }) => fields.status?.value !== 'withdrawn')
}

/** Who works in a region that only holds the home township may work in it: not known to be away. */
function isAway(fields: MergedPerson): boolean {
  const work = fields.workRegion?.value
  if (fields.status?.value !== 'employed' || !work) return false
  const home = ancestorAt(homeOf(fields), 'township') ?? homeOf(fields)
  return !isWithin(work, home) && !isWithin(home, work)
}
