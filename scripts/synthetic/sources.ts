import { HUNAN } from '#domain/region.ts'
import type { Kind } from '#domain/signal.ts'
import { DAY_MS, HOUR_MS } from '#domain/time.ts'
import { workingDayBefore, workingDayEnd } from '#domain/working-day.ts'
import { COUNTIES, nameOf } from './places.ts'
import { POINTS } from './points.ts'
import { hashText } from './random.ts'

/** How a station sends: most have an interface, some upload the CSV template by hand. */
export type Format = 'ndjson' | 'ndjson+gzip' | 'json' | 'csv'

/**
 * A source as the network plans it. `slug` is its name inside the generator (ids come from the API). `serves` is the
 * region whose people it registers: its own for an office, the home prefecture or province for a station abroad.
 */
export type SourcePlan = {
  readonly slug: string
  readonly role: 'county' | 'prefecture' | 'station' | 'point' | 'ledger'
  readonly name: string
  readonly kinds: readonly Kind[]
  readonly region: string
  readonly serves: string
  readonly dueEvery: 'day' | 'month' | null
  readonly graceHours: number
  readonly format: Format
}

const PREFECTURES = [...new Set(COUNTIES.map((county) => county.prefecture))]
const OFFICE_GRACE_HOURS = 240

/** The five provincial stations abroad: 珠三角, 长三角, 京津冀, 福建, 湖北 (§5.3). Each watches a whole province. */
const PROVINCIAL_STATIONS = ['44', '31', '11', '35', '42']

/** Cities where each prefecture keeps stations (§5.3: one to three each, about 70% of them in Guangdong). */
const PREFECTURE_STATIONS: Readonly<Record<string, readonly string[]>> = {
  '4301': ['4403', '4201'],
  '4302': ['4406'],
  '4303': ['4403'],
  '4304': ['4403', '4419', '4401'],
  '4305': ['4403', '4419', '3301'],
  '4306': ['4401', '3205'],
  '4307': ['4403', '3301'],
  '4308': ['3302'],
  '4309': ['4419', '3101'],
  '4310': ['4403', '4413'],
  '4311': ['4420', '4406', '4403'],
  '4312': ['4419', '3303'],
  '4313': ['4401', '4406'],
  '4331': ['3301'],
}

/** The daily point that has not reported for four working days at the end of the history, and the one that is overdue from the next full hour. */
const IS_SILENT = 'point-N10'
const FALLS_SILENT = 'point-N09'
const SILENT_DAYS = 4

/** Sources that fell silent: their history ends early and the live phase never uses them. */
export function isQuiet(slug: string): boolean {
  return slug === IS_SILENT || slug === FALLS_SILENT
}

/** Where a source's history ends, ms: `now`, or earlier for one that fell silent. */
export function historyEnd(slug: string, now: number): number {
  // With the report of the working day before the last but one, written the morning after: that of the last but one is overdue.
  if (slug === FALLS_SILENT) return workingDayBefore(now, 2) + DAY_MS
  return slug === IS_SILENT ? workingDayBefore(now, SILENT_DAYS) : now
}

/**
 * Hours of grace a source is created with. The report of a working day is due by the end of the next one; the point that
 * falls silent owes that of the last but one, so that with this grace it is overdue from the next full hour.
 */
export function graceHoursFor(source: SourcePlan, now: number): number {
  return source.slug === FALLS_SILENT
    ? Math.floor((now - workingDayEnd(workingDayBefore(now) + 1)) / HOUR_MS) + 1
    : source.graceHours
}

/** The whole reporting network, one source an office, in a fixed order: 122 + 14 + 5 + 27 + the monitoring points + 14 ledgers. */
export const NETWORK: readonly SourcePlan[] = [
  ...COUNTIES.map((county) => office('county', county.code)),
  ...PREFECTURES.map((prefecture) => office('prefecture', prefecture)),
  ...PROVINCIAL_STATIONS.map((region) => station(HUNAN, region)),
  ...PREFECTURES.flatMap((prefecture) =>
    (PREFECTURE_STATIONS[prefecture] ?? []).map((city) => station(prefecture, city)),
  ),
  ...POINTS.map((point) => pointSource(point.id, point.name, point.county, point.isDaily)),
  ...PREFECTURES.map((prefecture) => ledger(prefecture)),
]

function office(role: 'county' | 'prefecture', region: string): SourcePlan {
  const slug = `${role}-${region}`
  return {
    slug,
    role,
    name: `${nameOf(region)}农民工办`,
    kinds: ['workers', 'arrears'],
    region,
    serves: region,
    dueEvery: 'month',
    graceHours: OFFICE_GRACE_HOURS,
    format: formatFor(slug),
  }
}

function station(home: string, region: string): SourcePlan {
  const slug = `station-${home}-${region}`
  return {
    slug,
    role: 'station',
    name: `${home === HUNAN ? '湖南省' : nameOf(home)}驻${nameOf(region)}农民工服务站`,
    kinds: ['workers', 'arrears'],
    region,
    serves: home,
    format: formatFor(slug),
    dueEvery: 'month',
    graceHours: OFFICE_GRACE_HOURS,
  }
}

function pointSource(id: string, name: string, county: string, isDaily: boolean): SourcePlan {
  const slug = `point-${id}`
  return {
    slug,
    role: 'point',
    name,
    kinds: ['industry'],
    region: county,
    serves: county,
    format: formatFor(slug),
    dueEvery: isDaily ? 'day' : 'month',
    graceHours: isDaily ? 12 : OFFICE_GRACE_HOURS,
  }
}

/** The pension register of a prefecture, handed over when somebody asks for it: never due. */
function ledger(prefecture: string): SourcePlan {
  const slug = `ledger-${prefecture}`
  return {
    slug,
    role: 'ledger',
    name: `${nameOf(prefecture)}养老保险经办中心`,
    kinds: ['workers'],
    region: prefecture,
    serves: prefecture,
    format: formatFor(slug),
    dueEvery: null,
    graceHours: OFFICE_GRACE_HOURS,
  }
}

/** Five in eight send NDJSON, two of those packed; the others JSON or the CSV template. */
function formatFor(slug: string): Format {
  const formats: Format[] = [
    'ndjson',
    'ndjson',
    'ndjson',
    'ndjson+gzip',
    'ndjson+gzip',
    'json',
    'json',
    'csv',
  ]
  return formats[hashText(slug) % formats.length] ?? 'ndjson'
}

const bySlug = new Map(NETWORK.map((source) => [source.slug, source]))

/** @throws RangeError when the network has no source of that slug. */
export function sourceFor(slug: string): SourcePlan {
  const source = bySlug.get(slug)
  if (!source) throw new RangeError(`the synthetic network has no source ${slug}`)
  return source
}
