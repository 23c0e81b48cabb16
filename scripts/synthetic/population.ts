import { HUNAN } from '#domain/region.ts'
import { SPLIT } from './figures.ts'
import { COUNTIES, type County } from './places.ts'
import { NETWORK, type SourcePlan } from './sources.ts'

/**
 * Persons [from, until) of a county, registered by one source. `station` is the region of the station abroad that
 * registered them, or `null` for an office at home. Offices see fewer leavers because stations register some:
 * `localShare` scales the share that stays, `outsideShareOfAway` is the share out of the province among the others.
 */
export type Slice = {
  readonly source: string
  readonly county: County
  readonly from: number
  readonly until: number
  readonly station: string | null
  readonly localShare: number
  readonly outsideShareOfAway: number
}

/** Of a county's persons: registered by the prefecture's stations, by provincial stations, by the prefecture office. Model. */
const BY_STATIONS = 0.06
const BY_PROVINCIAL = 0.02
const BY_PREFECTURE = 0.02
const AT_HOME = 1 - BY_STATIONS - BY_PROVINCIAL
const OUTSIDE = SPLIT.outOfProvince - BY_STATIONS - BY_PROVINCIAL

/** Who registers whom: every person of the registry is in exactly one slice. */
export function slicesOf(workers: number): Slice[] {
  return apportion(workers).flatMap(([county, persons]) => {
    let from = 0
    return sharesOf(county).map(([source, share], i, all): Slice => {
      const until = i === all.length - 1 ? persons : Math.min(persons, from + Math.round(persons * share))
      const slice: Slice = {
        source: source.slug,
        county,
        from,
        until,
        station: source.role === 'station' ? source.region : null,
        localShare: 1 / AT_HOME,
        outsideShareOfAway: OUTSIDE / (OUTSIDE + SPLIT.inProvince),
      }
      from = until
      return slice
    })
  })
}

/** Sources of a county's persons with their shares; its own office comes last and takes the remainder. */
function sharesOf(county: County): [SourcePlan, number][] {
  const find = (serves: string, role: SourcePlan['role']) =>
    NETWORK.filter((source) => source.role === role && source.serves === serves)
  const own = find(county.prefecture, 'station')
  const provincial = find(HUNAN, 'station')
  return [
    ...own.map((source): [SourcePlan, number] => [source, BY_STATIONS / own.length]),
    ...provincial.map((source): [SourcePlan, number] => [source, BY_PROVINCIAL / provincial.length]),
    ...find(county.prefecture, 'prefecture').map((source): [SourcePlan, number] => [source, BY_PREFECTURE]),
    ...find(county.code, 'county').map((source): [SourcePlan, number] => [source, 0]),
  ]
}

/** Persons a county, by largest remainder, so that they add up exactly. */
function apportion(workers: number): [County, number][] {
  const exact = COUNTIES.map((county) => ({ county, quota: county.homeShare * workers }))
  let left = workers - exact.reduce((sum, { quota }) => sum + Math.floor(quota), 0)
  const byRemainder = exact.toSorted((a, b) => (b.quota % 1) - (a.quota % 1))
  const rounded = new Map(
    byRemainder.map(({ county, quota }) => [county, Math.floor(quota) + (left-- > 0 ? 1 : 0)]),
  )
  return COUNTIES.map((county) => [county, rounded.get(county) ?? 0])
}
