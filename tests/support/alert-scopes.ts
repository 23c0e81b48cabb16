import fc from 'fast-check'
import type { Alert } from '#domain/alert.ts'
import type { Grant } from '#domain/scope.ts'
import { ALERT } from '../../api/openapi/examples.ts'

const PLACES = ['43', '4305', '430503', '430503001', '430503002', '430502', '440306', '']
const SECTORS = ['C', 'E', 'F']
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
const commonOf = (works: string[]) =>
  PLACES.filter((place) => works.every((work) => work.startsWith(place))).sort(
    (a, b) => b.length - a.length,
  )[0] ?? ''
const unique = (codes: string[]) => [...new Set(codes)].sort()
export const alertOf = (all: Case[]): Alert => ({
  ...ALERT,
  region: commonOf(all.map(({ work }) => work)),
  workRegions: unique(all.map(({ work }) => work)),
  homeRegions: unique(all.flatMap(({ homes }) => homes)),
  sector: all[0]?.sector ?? '',
  sectors: unique(all.map(({ sector }) => sector)),
})
