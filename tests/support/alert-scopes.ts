import fc from 'fast-check'
import type { Alert } from '#domain/alert.ts'
import type { Grant } from '#domain/scope.ts'
import { ALERT } from '../../api/openapi/examples.ts'

const PLACES = ['43', '4305', '430503', '430503001', '430503002', '430502', '440306', '']
const SECTORS = ['C', 'E', 'F']
/** A region that may be asked for. */
export const anyPlace = fc.constantFrom(...PLACES.filter(Boolean))
const some = (codes: string[], from: number) =>
  fc.uniqueArray(fc.constantFrom(...codes), { minLength: from, maxLength: 3 })
/** Open cases of one alert. */
export const anyCases = fc.array(
  fc.record({
    work: fc.constantFrom(...PLACES),
    homes: some(PLACES, 0),
    sector: fc.constantFrom(...SECTORS),
  }),
  { minLength: 1, maxLength: 4 },
)
export const anyGrants = fc.array(
  fc.record<Grant>({
    regions: some(PLACES.filter(Boolean), 0),
    side: fc.constantFrom('home', 'work', 'both'),
    sectors: some(SECTORS, 0),
  }),
  { maxLength: 4 },
)
export type Case = { work: string; homes: string[]; sector: string }

/** The longest beginning that a region can have and all share. */
export const commonOf = (works: string[]) =>
  PLACES.filter((place) => works.every((work) => work.startsWith(place))).sort(
    (a, b) => b.length - a.length,
  )[0] ?? ''
/** In order, each once. */
export const unique = (codes: string[]) => [...new Set(codes)].sort()
const placesOf = (all: Case[]) => ({
  workRegions: unique(all.map(({ work }) => work)),
  homeRegions: unique(all.flatMap(({ homes }) => homes)),
})
export const alertOf = (all: Case[]): Alert => {
  const sectors = unique(all.map(({ sector }) => sector))
  const bySector = sectors.map((sector) => ({
    sector,
    ...placesOf(all.filter((one) => one.sector === sector)),
  }))
  return {
    ...ALERT,
    region: commonOf(all.map(({ work }) => work)),
    ...placesOf(all),
    sector: all[0]?.sector ?? '',
    sectors,
    bySector: sectors.length > 1 ? bySector : [],
  }
}
