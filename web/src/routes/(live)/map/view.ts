import {
  type Dimension,
  MEASURES,
  type Measure,
  type MeasureId,
  MeasureId as MeasureIds,
} from '#domain/measure.ts'
import { canonicalRegion, HUNAN, isWithin, levelOf, parentOf } from '#domain/region.ts'
import { Sector } from '#domain/sector.ts'
import { DAY_MS, isCalendarDate, periodStart, shanghaiDay, startOf } from '#domain/time.ts'

/** Everything the analyst's page shows, as it stands in the address bar. */
export type View = {
  readonly region: string
  readonly measure: MeasureId
  readonly role: 'home' | 'work'
  /** How fine the province is cut; below the province the next level is the only one. */
  readonly detail: 'city' | 'county'
  readonly sector: Sector | null
  /** The day a stock is of and a flow ends with, `YYYY-MM-DD`; `null` is now. */
  readonly at: string | null
  /** Days a flow is added over; where it is added over whole months, about as many as those have. */
  readonly span: number
  readonly sort: { readonly by: SortKey; readonly isDescending: boolean }
}
const SORT_KEYS = ['name', 'value', 'change'] as const
export type SortKey = (typeof SORT_KEYS)[number]
const SPANS = [7, 30, 90, 365] as const

const DEFAULTS = { measure: 'arrears.owed', sort: '-value' } as const
/** Points report by the month and late: 30 days would often hold no period at all. */
const spanDefault = (measure: MeasureId) => (MEASURES[measure].signal === 'industry' ? 90 : 30)

/** The view of an address. What cannot be read, or does not fit the measure, falls back to the default. */
export function viewFrom(search: URLSearchParams): View {
  const measure = MeasureIds.safeParse(search.get('measure')).data ?? DEFAULTS.measure
  const definition = MEASURES[measure]
  const region = canonicalRegion(search.get('region') ?? HUNAN)
  const by = search.get('by')
  const at = search.get('at')
  const span = spansOf(measure).find((days) => String(days) === search.get('span')) ?? spanDefault(measure)
  const sort = search.get('sort') ?? DEFAULTS.sort
  const sortBy = SORT_KEYS.find((key) => sort.replace('-', '') === key)
  return {
    region: region !== null && isWithin(region, HUNAN) && region.length <= 6 ? region : HUNAN,
    measure,
    role: (by === 'home' || by === 'work') && rolesOf(definition).includes(by) ? by : definition.role,
    detail: search.get('detail') === 'county' ? 'county' : 'city',
    sector: hasSector(definition) ? (Sector.safeParse(search.get('sector')).data ?? null) : null,
    at: at !== null && isCalendarDate(at) ? at : null,
    span,
    sort: sortBy ? { by: sortBy, isDescending: sort.startsWith('-') } : { by: 'value', isDescending: true },
  }
}

/** The address of a view; what is at its default is left out. */
export function addressOf(view: View): string {
  const search = new URLSearchParams()
  const put = (name: string, value: string, fallback: string) => value !== fallback && search.set(name, value)
  put('region', view.region, HUNAN)
  put('measure', view.measure, DEFAULTS.measure)
  put('by', view.role, MEASURES[view.measure].role)
  put('detail', view.detail, 'city')
  put('sector', view.sector ?? '', '')
  put('at', view.at ?? '', '')
  put('span', String(view.span), String(spanDefault(view.measure)))
  put('sort', (view.sort.isDescending ? '-' : '') + view.sort.by, DEFAULTS.sort)
  const text = search.toString()
  return text === '' ? '/map' : `/map?${text}`
}

/** The view with another measure; what does not fit that one is dropped when the address is read. */
export function withMeasure(view: View, id: string): View {
  const measure = MeasureIds.safeParse(id).data ?? view.measure
  const { role, dimensions } = MEASURES[measure]
  const span = view.span === spanDefault(view.measure) ? spanDefault(measure) : view.span
  return { ...view, measure, span, role: rolesOf({ dimensions }).includes(view.role) ? view.role : role }
}

/** The sides a measure can be placed by. */
export function rolesOf(measure: Pick<Measure, 'dimensions'>): ('home' | 'work')[] {
  return (['home', 'work'] as const).filter((role) => measure.dimensions.includes(`${role}.city`))
}

export function hasSector(measure: Pick<Measure, 'dimensions'>): boolean {
  return measure.dimensions.includes('sector')
}

/**
 * Whether a flow is added over whole months that are over: points report by the month, and a month counts at its start,
 * so that spans of days would hold unequal numbers of reports.
 */
export function isMonthly(measure: MeasureId): boolean {
  return MEASURES[measure].kind === 'flow' && MEASURES[measure].signal === 'industry'
}

/** How many months a span of days stands for, 0 for one of a week. */
export const monthsIn = (span: number): number => Math.round((span / 365) * 12)

/** The spans to choose from for a measure, in days. */
export function spansOf(measure: MeasureId): readonly number[] {
  return SPANS.filter((days) => !isMonthly(measure) || monthsIn(days) > 0)
}

/** Start of the month that lies `count` months before the one that begins at `startMs`. */
export function monthsBefore(startMs: number, count: number): number {
  return count <= 0 ? startMs : monthsBefore(startOf('month', startMs - 1), count - 1)
}

/** The dimension the region of a view is split by, or `null` when the measure knows nothing finer. */
export function splitOf(view: View): Dimension | null {
  const { dimensions } = MEASURES[view.measure] as { dimensions: readonly Dimension[] }
  const level =
    levelOf(view.region) === 'province'
      ? view.detail
      : levelOf(view.region) === 'city'
        ? 'county'
        : 'township'
  const split: Dimension = `${view.role}.${level}`
  return dimensions.includes(split) ? split : null
}

/** The view one level up; `null` at the province. */
export function upFrom(view: View): View | null {
  const parent = parentOf(view.region)
  return parent === null ? null : { ...view, region: parent }
}

/** Bounds of the span a flow is added over, and where the one it is compared with begins, which ends where this begins. */
type Spans = { readonly beforeMs: number; readonly fromMs: number; readonly toMs: number }

/**
 * The times to ask with: now and the one to compare with, a week before for a stock, the span before for a flow. `endMs`
 * is the first instant after what the view shows; `months` the spans of a flow that is added over whole months.
 */
export function timesOf(
  view: View,
  nowMs: number,
): { now: Record<string, string>; before: Record<string, string>; endMs: number; months: Spans | null } {
  const endMs = view.at === null ? nowMs : Math.min(nowMs, periodStart(view.at) + DAY_MS)
  if (MEASURES[view.measure].kind === 'stock') {
    const atMs = endMs - 1
    return { now: { at: iso(atMs) }, before: { at: iso(atMs - 7 * DAY_MS) }, endMs, months: null }
  }
  const months = isMonthly(view.measure) ? monthSpans(view.span, endMs) : null
  const { beforeMs, fromMs, toMs } = months ?? daySpans(view.span, endMs)
  return {
    now: { from: iso(fromMs), to: iso(toMs) },
    before: { from: iso(beforeMs), to: iso(fromMs) },
    endMs,
    months,
  }
}

function daySpans(span: number, endMs: number): Spans {
  return { beforeMs: endMs - 2 * span * DAY_MS, fromMs: endMs - span * DAY_MS, toMs: endMs }
}

/** As many whole months on both sides, the last of them over at `endMs`. */
function monthSpans(span: number, endMs: number): Spans {
  const toMs = startOf('month', endMs)
  const fromMs = monthsBefore(toMs, monthsIn(span))
  return { beforeMs: monthsBefore(fromMs, monthsIn(span)), fromMs, toMs }
}

/** The months from `fromMs` until `toMs`: "2026-10", "2026-08 – 2026-10". */
export function monthsText(fromMs: number, toMs: number): string {
  const [first, last] = [fromMs, toMs - 1].map((ms) => shanghaiDay(ms).slice(0, 7))
  return first === last ? `${first}` : `${first} – ${last}`
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
