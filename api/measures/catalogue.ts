import type { MeasureId } from '#domain/measure.ts'
import type { Kind } from '#domain/signal.ts'

/**
 * How each measure is asked. Every measure is a few plain sums over change rows, so a stock, a flow, a series and a
 * roll-up are the same expression over different spans of time:
 *   `states`  how much of anything stands behind the number: a group where it is 0 is absent, not zero, unless it is of a
 *             flow that counted something there
 *   `sum`     the number itself, or the numerator
 *   `per`     the denominator, for shares and means
 */
export type CountedMeasure = {
  readonly from: Kind
  readonly states: string
  readonly sum: string
  readonly per?: string
  /** Persons a sum of money or a share rests on: one that rests on few is hidden from who may not see small counts. */
  readonly persons?: string
  /** It rests on the workers of the cases that were paid, which no sum over change rows tells: `payees.ts` does. */
  readonly restsOnPayees?: true
  /** Columns beside time and the caller's dimensions that the sums read: a roll-up without them cannot answer. */
  readonly reads: readonly Column[]
  /** For flows: whether a group that stands (its states up to the interval's end) but saw nothing in the interval is 0, not absent. */
  readonly isStanding?: true
  /** `cohort`: the interval picks cases by their first observation, and counts how they stand at its end. */
  readonly span?: 'cohort'
}

/** What a query reads: a column, or a place to a number of digits (2 province, 4 city, 6 county, 9 township). */
export type Column =
  | 'status'
  | 'sector'
  | 'channel'
  | 'source'
  | 'employer'
  | 'firstAt'
  | 'homeCodes'
  | `${'home' | 'work'}:${2 | 4 | 6 | 9}`

const OPEN = "status NOT IN ('settled', 'dismissed')"
const IS_OUT = "status = 'employed' AND work != '' AND substring(work, 1, 2) != substring(home, 1, 2)"

export const COUNTED: Record<Exclude<MeasureId, 'sources.silent'>, CountedMeasure> = {
  'workers.count': {
    from: 'workers',
    states: 'sum(people)',
    sum: "sumIf(people, status != 'withdrawn')",
    reads: ['status'],
  },
  'workers.outOfProvince': {
    from: 'workers',
    states: 'sum(people)',
    sum: `sumIf(people, ${IS_OUT})`,
    reads: ['status', 'home:2', 'work:2'],
  },
  'arrears.openCases': {
    from: 'arrears',
    states: 'sum(cases)',
    sum: `sumIf(cases, ${OPEN})`,
    reads: ['status'],
  },
  'arrears.owed': {
    from: 'arrears',
    states: 'sum(cases)',
    sum: `sumIf(owedFen, ${OPEN})`,
    persons: `sumIf(workers, ${OPEN})`,
    reads: ['status'],
  },
  'arrears.workers': {
    from: 'arrears',
    states: 'sum(cases)',
    sum: `sumIf(workers, ${OPEN})`,
    reads: ['status'],
  },
  'arrears.newCases': {
    from: 'arrears',
    states: 'sum(cases)',
    sum: 'sum(births)',
    reads: [],
    isStanding: true,
  },
  'arrears.recovered': {
    from: 'arrears',
    states: 'sum(cases)',
    sum: 'sum(recoveredFen)',
    restsOnPayees: true,
    reads: [],
    isStanding: true,
  },
  'arrears.settledShare': {
    from: 'arrears',
    states: 'sum(cases)',
    sum: "sumIf(cases, status = 'settled')",
    per: 'sum(cases)',
    persons: 'sum(workers)',
    reads: ['status', 'firstAt'],
    span: 'cohort',
  },
  'industry.headcount': {
    from: 'industry',
    states: 'sum(headcountReports)',
    sum: 'sum(headcount)',
    reads: [],
  },
  'industry.vacancies': { from: 'industry', states: 'sum(vacancyReports)', sum: 'sum(vacancies)', reads: [] },
  'industry.hires': { from: 'industry', states: 'sum(hiresReports)', sum: 'sum(hires)', reads: [] },
  'industry.departures': {
    from: 'industry',
    states: 'sum(departuresReports)',
    sum: 'sum(departures)',
    reads: [],
  },
  'industry.averageWage': {
    from: 'industry',
    states: 'sum(wageHeadcount)',
    sum: 'sum(wageWeightFen)',
    per: 'sum(wageHeadcount)',
    persons: 'sum(wageHeadcount)',
    reads: [],
  },
  'industry.wagePaidShare': {
    from: 'industry',
    states: 'sum(billFen)',
    sum: 'sum(paidFen)',
    per: 'sum(billFen)',
    reads: [],
  },
  'industry.accountCover': {
    from: 'industry',
    states: 'sum(coverBillFen)',
    sum: 'sum(coverBalanceFen)',
    per: 'sum(coverBillFen)',
    reads: [],
  },
}

/** Amount columns a source of rows must offer, by kind. */
export const AMOUNTS: Record<Kind, readonly string[]> = {
  workers: ['people'],
  arrears: ['cases', 'workers', 'owedFen', 'births', 'recoveredFen'],
  industry: [
    'headcount',
    'headcountReports',
    'vacancies',
    'vacancyReports',
    'wageWeightFen',
    'wageHeadcount',
    'coverBalanceFen',
    'coverBillFen',
    'hires',
    'hiresReports',
    'departures',
    'departuresReports',
    'paidFen',
    'billFen',
  ],
}

/** One grain of a roll-up: how wide its time buckets are and how far it can be split. Digits 2 province, 4 city, 6 county, 9 township. */
export type Rollup = {
  readonly table: string
  /** Which rows of the table; `null` where it has one grain only. */
  readonly grain: string | null
  readonly bucket: 'day' | 'month'
  readonly homeDigits: number
  readonly workDigits: number
  readonly columns: readonly string[]
}

const WORKERS = 'workers_rollup_v1'
const ARREARS = 'arrears_rollup_v1'

/** Roll-ups by kind, the cheapest first. The first that can answer is asked; the rest of the time span comes from the change rows. */
export const ROLLUPS: Record<Kind, readonly Rollup[]> = {
  workers: [
    {
      table: WORKERS,
      grain: 'month.home',
      bucket: 'month',
      homeDigits: 6,
      workDigits: 2,
      columns: ['status'],
    },
    {
      table: WORKERS,
      grain: 'month.work',
      bucket: 'month',
      homeDigits: 4,
      workDigits: 6,
      columns: ['status'],
    },
    {
      table: WORKERS,
      grain: 'month.sector',
      bucket: 'month',
      homeDigits: 4,
      workDigits: 2,
      columns: ['status', 'sector'],
    },
    { table: WORKERS, grain: 'day', bucket: 'day', homeDigits: 4, workDigits: 2, columns: ['status'] },
  ],
  arrears: [
    {
      table: ARREARS,
      grain: 'month',
      bucket: 'month',
      homeDigits: 0,
      workDigits: 6,
      columns: ['status', 'sector'],
    },
    { table: ARREARS, grain: 'day', bucket: 'day', homeDigits: 0, workDigits: 4, columns: ['status'] },
  ],
  industry: [
    {
      table: 'industry_per_month_v1',
      grain: null,
      bucket: 'month',
      homeDigits: 0,
      workDigits: 6,
      columns: ['sector'],
    },
  ],
}
