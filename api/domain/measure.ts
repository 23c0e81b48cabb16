import { z } from 'zod'
import type { Kind } from './signal.ts'
import type { Bilingual } from './text.ts'

/** The ways an answer can be split. `home.*` is where people are registered, `work.*` where they work. */
export const DIMENSIONS = [
  'home.province',
  'home.city',
  'home.county',
  'home.township',
  'work.province',
  'work.city',
  'work.county',
  'work.township',
  'sector',
  'status',
  'channel',
  'source',
  'employer',
] as const
export const Dimension = z.enum(DIMENSIONS)
export type Dimension = z.infer<typeof Dimension>

/** Units: persons, cases, sources (whole numbers); yuan (decimal string, two decimals); yuan/month (the same); share (0 to 1 and beyond). */
export type Unit = 'persons' | 'cases' | 'yuan' | 'yuan/month' | 'share' | 'sources'

/**
 * A named number. `stock` holds as of an instant, `flow` over a half-open interval. `role` is the side a `region`
 * filter speaks about when the caller does not say.
 */
export type Measure = {
  readonly id: string
  readonly kind: 'stock' | 'flow'
  readonly unit: Unit
  readonly title: Bilingual
  readonly definition: Bilingual
  readonly signal: Kind | 'sources'
  readonly dimensions: readonly Dimension[]
  readonly role: 'home' | 'work'
  /** Whether a rise is good, bad or neither; colours a change by meaning, not by sign. */
  readonly rise: 'good' | 'bad' | 'neutral'
}

const PLACES = (role: 'home' | 'work') => DIMENSIONS.filter((dimension) => dimension.startsWith(`${role}.`))
const WORKERS = [
  ...PLACES('home'),
  ...PLACES('work'),
  'sector',
  'status',
  'source',
  'employer',
] as Dimension[]
const ARREARS = [...PLACES('work'), 'sector', 'status', 'channel', 'source', 'employer'] as Dimension[]
const INDUSTRY = [...PLACES('work'), 'sector', 'source'] as Dimension[]

/** The catalogue: what each measure means. How each is asked stands in `api/measures/`. Source: design, measures. */
export const MEASURES = {
  'workers.count': {
    kind: 'stock',
    unit: 'persons',
    signal: 'workers',
    dimensions: WORKERS,
    role: 'home',
    rise: 'neutral',
    title: { zh: '农民工总量', en: 'Migrant workers' },
    definition: { zh: '最新观测不是“退出”的人数', en: 'Persons whose latest observation is not withdrawn' },
  },
  'workers.outOfProvince': {
    kind: 'stock',
    unit: 'persons',
    signal: 'workers',
    dimensions: WORKERS,
    role: 'home',
    rise: 'neutral',
    title: { zh: '省外务工', en: 'Working out of province' },
    definition: {
      zh: '在业且务工省份不同于户籍省份的人数',
      en: 'Employed persons whose work province is not their home province',
    },
  },
  'arrears.openCases': {
    kind: 'stock',
    unit: 'cases',
    signal: 'arrears',
    dimensions: ARREARS,
    role: 'work',
    rise: 'bad',
    title: { zh: '未结案件', en: 'Open cases' },
    definition: {
      zh: '最新状态既非“已结清”也非“不成立”的案件数',
      en: 'Cases whose latest status is neither settled nor dismissed',
    },
  },
  'arrears.owed': {
    kind: 'stock',
    unit: 'yuan',
    signal: 'arrears',
    dimensions: ARREARS,
    role: 'work',
    rise: 'bad',
    title: { zh: '未结欠薪', en: 'Wages owed' },
    definition: { zh: '未结案件尚欠金额之和', en: 'Sum still owed over the open cases' },
  },
  'arrears.workers': {
    kind: 'stock',
    unit: 'persons',
    signal: 'arrears',
    dimensions: [...PLACES('home'), ...ARREARS],
    role: 'work',
    rise: 'bad',
    title: { zh: '涉及农民工', en: 'Workers owed' },
    definition: { zh: '未结案件涉及人数之和', en: 'Workers of the open cases' },
  },
  'arrears.newCases': {
    kind: 'flow',
    unit: 'cases',
    signal: 'arrears',
    dimensions: ARREARS,
    role: 'work',
    rise: 'bad',
    title: { zh: '新增案件', en: 'New cases' },
    definition: { zh: '按首次观测时间计的案件数', en: 'Cases by the time of their first observation' },
  },
  'arrears.recovered': {
    kind: 'flow',
    unit: 'yuan',
    signal: 'arrears',
    dimensions: ARREARS,
    role: 'work',
    rise: 'good',
    title: { zh: '追回工资', en: 'Wages recovered' },
    definition: {
      zh: '同一案件相邻两次观测间已追回金额的增长，计在后一次的时间',
      en: 'Growth of the paid sum between consecutive observations of a case, at the later one’s time',
    },
  },
  'arrears.settledShare': {
    kind: 'flow',
    unit: 'share',
    signal: 'arrears',
    dimensions: ARREARS,
    role: 'work',
    rise: 'good',
    title: { zh: '结清率', en: 'Settled share' },
    definition: {
      zh: '期间首次观测的案件中，期末已结清的比例',
      en: 'Of the cases first observed in the interval, those settled by its end',
    },
  },
  'industry.headcount': {
    kind: 'stock',
    unit: 'persons',
    signal: 'industry',
    dimensions: INDUSTRY,
    role: 'work',
    rise: 'good',
    title: { zh: '监测点在岗人数', en: 'Headcount at points' },
    definition: {
      zh: '各监测点最新一期（62 天内）在岗人数之和',
      en: 'Latest period per point, not older than 62 days',
    },
  },
  'industry.vacancies': {
    kind: 'stock',
    unit: 'persons',
    signal: 'industry',
    dimensions: INDUSTRY,
    role: 'work',
    rise: 'neutral',
    title: { zh: '缺工人数', en: 'Vacancies' },
    definition: {
      zh: '各监测点最新一期（62 天内）缺工人数之和',
      en: 'Latest period per point, not older than 62 days',
    },
  },
  'industry.hires': {
    kind: 'flow',
    unit: 'persons',
    signal: 'industry',
    dimensions: INDUSTRY,
    role: 'work',
    rise: 'good',
    title: { zh: '新招人数', en: 'Hires' },
    definition: { zh: '按报告期计的新招人数', en: 'Hires by period' },
  },
  'industry.departures': {
    kind: 'flow',
    unit: 'persons',
    signal: 'industry',
    dimensions: INDUSTRY,
    role: 'work',
    rise: 'bad',
    title: { zh: '离职人数', en: 'Departures' },
    definition: { zh: '按报告期计的离职人数', en: 'Departures by period' },
  },
  'industry.averageWage': {
    kind: 'stock',
    unit: 'yuan/month',
    signal: 'industry',
    dimensions: INDUSTRY,
    role: 'work',
    rise: 'good',
    title: { zh: '平均月工资', en: 'Average wage' },
    definition: {
      zh: '各监测点最新一期平均工资，按在岗人数加权',
      en: 'Headcount-weighted mean of the latest periods',
    },
  },
  'industry.wagePaidShare': {
    kind: 'flow',
    unit: 'share',
    signal: 'industry',
    dimensions: INDUSTRY,
    role: 'work',
    rise: 'good',
    title: { zh: '工资发放率', en: 'Wages paid share' },
    definition: {
      zh: '期间各期实发工资之和 ÷ 应发工资之和',
      en: 'Wages paid ÷ wage bill over the periods in the interval',
    },
  },
  'industry.accountCover': {
    kind: 'stock',
    unit: 'share',
    signal: 'industry',
    dimensions: INDUSTRY,
    role: 'work',
    rise: 'good',
    title: { zh: '专户保障率', en: 'Account cover' },
    definition: {
      zh: '各监测点最新一期专户余额之和 ÷ 应发工资之和',
      en: 'Account balances ÷ wage bill of the latest periods',
    },
  },
  'sources.silent': {
    kind: 'stock',
    unit: 'sources',
    signal: 'sources',
    dimensions: [...PLACES('work').slice(0, 3), 'source'],
    role: 'work',
    rise: 'bad',
    title: { zh: '静默来源', en: 'Silent sources' },
    definition: {
      zh: '超过应报时间与宽限仍无数据的来源数',
      en: 'Sources past their due time by more than their grace',
    },
  },
} as const satisfies Record<string, Omit<Measure, 'id'>>

export type MeasureId = keyof typeof MEASURES
export const MeasureId = z.enum(Object.keys(MEASURES) as [MeasureId, ...MeasureId[]])

/** The measure of an id, with the id in it. */
export function measureFor(id: MeasureId): Measure {
  return { id, ...MEASURES[id] }
}

/**
 * One row of an answer: the dimensions asked for under their names, and the value (yuan as a string). `value` is `null`,
 * and `hidden` true, where it rests on too few people for whoever asks.
 */
export const AnswerRow = z
  .object({ value: z.union([z.string(), z.number(), z.null()]), hidden: z.literal(true).optional() })
  .catchall(z.union([z.string(), z.number(), z.null(), z.boolean()]))
export type AnswerRow = z.infer<typeof AnswerRow>

/**
 * What every analytics endpoint answers. `asOf`: the instant a stock is of, or the end of a flow's interval. `knownAt`:
 * everything received until then is in the answer; a caller that gives `knownAt` gets the same rows for ever. `hidesBelow`:
 * counts of fewer persons are hidden and the others rounded to its multiples; `null` where all is told exactly.
 */
export const Answer = z
  .object({
    measure: MeasureId,
    unit: z.string(),
    asOf: z.string(),
    knownAt: z.string().nullable(),
    hidesBelow: z.int().nullable(),
    rows: z.array(AnswerRow),
  })
  .meta({ id: 'Answer' })
export type Answer = z.infer<typeof Answer>
