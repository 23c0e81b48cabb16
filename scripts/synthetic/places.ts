import { childrenOf, HUNAN, regionName, regionShortName } from '#domain/region.ts'
import { DESTINATIONS, OUTFLOW_COUNTIES, PREFECTURE_RESIDENTS, PREFECTURE_SHARE, TILT } from './figures.ts'
import { type Random, Weighted } from './random.ts'

/** A county of Hunan: its share of the province's migrant workers by home, and of its jobs and cases by place. */
export type County = {
  readonly code: string
  readonly prefecture: string
  readonly homeShare: number
  readonly jobShare: number
  readonly townships: readonly string[]
}

/** A region code as forms carry it: six digits for provinces, cities and counties, more below. */
export function gb(code: string): string {
  return code.padEnd(6, '0')
}

/** The counties of Hunan in code order. Shares sum to 1 each; within a prefecture they follow the number of townships. */
export const COUNTIES: readonly County[] = childrenOf(HUNAN).flatMap((prefecture) => countiesOf(prefecture))

function countiesOf(prefecture: string): County[] {
  const counties = childrenOf(prefecture).map((code) => {
    const townships = childrenOf(code)
    const size = Math.max(townships.length, 4)
    const isDistrict = nameOf(code).endsWith('区')
    const outflow = OUTFLOW_COUNTIES.includes(code) ? 1.5 : isDistrict ? 0.5 : 1
    return {
      code,
      townships: townships.length > 0 ? townships : [code],
      home: size * outflow,
      job: size * (isDistrict ? 2 : 1),
    }
  })
  const home = (PREFECTURE_SHARE[prefecture] ?? 0) / sum(Object.values(PREFECTURE_SHARE))
  const job = (PREFECTURE_RESIDENTS[prefecture] ?? 0) / sum(Object.values(PREFECTURE_RESIDENTS))
  const homes = sum(counties.map((county) => county.home))
  const jobs = sum(counties.map((county) => county.job))
  return counties.map(({ code, townships, ...size }) => ({
    code,
    prefecture,
    townships,
    homeShare: (home * size.home) / homes,
    jobShare: (job * size.job) / jobs,
  }))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

const jobCounties = new Weighted(COUNTIES.map((county) => [county, county.jobShare] as const))
const countiesByPrefecture = Map.groupBy(COUNTIES, (county) => county.prefecture)

/** The counties of a prefecture, in code order. */
export function countiesIn(prefecture: string): readonly County[] {
  return countiesByPrefecture.get(prefecture) ?? []
}

/** A workplace in Hunan outside the home county: half in the same prefecture, the rest where the jobs are. */
export function placeInProvince(home: County, random: Random): string {
  const near = countiesIn(home.prefecture)
  const county = random.chance(0.5) ? random.pick(near) : jobCounties.draw(random)
  return random.pick((county === home ? random.pick(near) : county).townships)
}

const destinationsByPrefecture = new Map<string, Weighted<string>>()

/** A workplace outside Hunan: a county of a destination city, by the figures and the prefecture's own habits. */
export function placeOutside(prefecture: string, random: Random): string {
  let cities = destinationsByPrefecture.get(prefecture)
  if (!cities) {
    const tilt = TILT[prefecture] ?? {}
    cities = new Weighted(
      Object.entries(DESTINATIONS).map(
        ([city, share]) => [city, share * (tilt[city.slice(0, 2)] ?? 1)] as const,
      ),
    )
    destinationsByPrefecture.set(prefecture, cities)
  }
  return placeWithin(cities.draw(random), random)
}

/** A county of a city, or the city itself where it has none in our list (Dongguan, Zhongshan). */
function placeWithin(city: string, random: Random): string {
  const counties = childrenOf(city)
  return counties.length > 0 ? random.pick(counties) : city
}

/** The Chinese name of a region. */
export function nameOf(code: string): string {
  return regionName(code).zh
}

/** The name a company carries: 邵东, 新晃, 攸县. */
export function shortName(code: string): string {
  return regionShortName(code).zh
}

const citiesAround = new Map<string, Weighted<string>>()

/** A workplace inside a station's region: a city of it by the figures when it covers a province. */
export function placeAround(region: string, random: Random): string {
  if (region.length > 2) return placeWithin(region, random)
  let cities = citiesAround.get(region)
  if (!cities) {
    cities = new Weighted(Object.entries(DESTINATIONS).filter(([city]) => city.startsWith(region)))
    citiesAround.set(region, cities)
  }
  return placeWithin(cities.draw(random), random)
}
