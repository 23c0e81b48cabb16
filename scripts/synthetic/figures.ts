import type { Sector } from '#domain/sector.ts'

/**
 * The figures the synthetic province is drawn from. "NBS" is the migrant-worker survey of the National Bureau of
 * Statistics (农民工监测调查报告); "model" marks a proposal of the domain research that no publication states.
 */

/** Persons of the synthetic registry by default: a 1:140 sample of about 17.0 million (17.0 million: model, §4.3). */
export const WORKERS_DEFAULT = 120_000

/** Share of Hunan's migrant workers by prefecture of home, %. Model: census 2020 population × outflow factor (§4.3). */
export const PREFECTURE_SHARE: Readonly<Record<string, number>> = {
  '4301': 6.0,
  '4302': 4.7,
  '4303': 3.5,
  '4304': 11.5,
  '4305': 13.3,
  '4306': 7.6,
  '4307': 7.9,
  '4308': 2.5,
  '4309': 6.4,
  '4310': 7.4,
  '4311': 9.5,
  '4312': 8.3,
  '4313': 6.9,
  '4331': 4.5,
}

/** Residents by prefecture, 10,000 persons. Source: seventh census, 2020 (tjj.hunan.gov.cn). Places jobs and cases. */
export const PREFECTURE_RESIDENTS: Readonly<Record<string, number>> = {
  '4301': 1004.8,
  '4302': 390.3,
  '4303': 272.6,
  '4304': 664.5,
  '4305': 656.4,
  '4306': 505.2,
  '4307': 527.9,
  '4308': 151.7,
  '4309': 385.2,
  '4310': 466.7,
  '4311': 529.0,
  '4312': 458.8,
  '4313': 382.7,
  '4331': 248.8,
}

/** Counties that lost more than 100,000 residents from 2010 to 2020: 衡阳县 祁东 双峰 邵阳县 衡南 华容 岳阳县 南县 涟源 新邵 湘潭县 安化 澧县. */
export const OUTFLOW_COUNTIES: readonly string[] = [
  '430421',
  '430426',
  '431321',
  '430523',
  '430422',
  '430623',
  '430621',
  '430921',
  '431382',
  '430522',
  '430321',
  '430923',
  '430723',
]

/** Where migrant workers work. Model, §4.3: own township 32, elsewhere in Hunan 25, another province 43. */
export const SPLIT = { local: 0.32, inProvince: 0.25, outOfProvince: 0.43 } as const

/** Destination cities of those who leave the province, %, summing to 100. Model, §4.3. */
export const DESTINATIONS: Readonly<Record<string, number>> = {
  '4403': 16,
  '4419': 14,
  '4401': 13,
  '4406': 8,
  '4420': 4,
  '4413': 4,
  '4407': 2,
  '4404': 2,
  '4418': 1,
  '4402': 1,
  '4412': 1,
  '3301': 3,
  '3302': 2,
  '3303': 1.5,
  '3307': 1.5,
  '3310': 1,
  '3306': 0.5,
  '3304': 0.5,
  '3205': 2,
  '3202': 1,
  '3201': 1,
  '3101': 4,
  '3502': 1.5,
  '3501': 1.5,
  '3505': 1,
  '4201': 3,
  '4503': 0.8,
  '4501': 0.7,
  '1101': 1.5,
  '5201': 1,
  '5301': 1,
  '3601': 1,
  '4601': 0.8,
  '1201': 0.4,
  '1301': 0.3,
  '5101': 0.4,
  '5001': 0.4,
  '6501': 0.2,
  '6101': 0.2,
  '4101': 0.1,
  '3702': 0.2,
}

/** How a prefecture's leavers differ from the mean: the south goes to Guangdong, the lakes to the Yangtze delta. Model. */
export const TILT: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  '4304': { '44': 1.12 },
  '4310': { '44': 1.2, '45': 1.3 },
  '4311': { '44': 1.2, '45': 2.5 },
  '4305': { '44': 1.05 },
  '4306': { '42': 2, '31': 1.6, '32': 1.4, '33': 1.3 },
  '4307': { '42': 1.8, '33': 1.7, '31': 1.4, '32': 1.4 },
  '4309': { '31': 1.4, '32': 1.4 },
  '4312': { '33': 1.6, '52': 4 },
  '4331': { '33': 2, '52': 3 },
  '4308': { '33': 1.6, '35': 1.4 },
}

/** Migrant workers by sector, %. Source: NBS 2024 (C, E, F, G, H, O; primary 0.7, secondary 44.7); the rest: model. */
export const SECTOR_SHARE: Partial<Record<Sector, number>> = {
  A: 0.7,
  B: 1.3,
  C: 27.9,
  D: 1.2,
  E: 14.3,
  F: 13.6,
  G: 7.2,
  H: 7.1,
  I: 1.7,
  J: 0.6,
  K: 2.2,
  L: 3.1,
  M: 0.6,
  N: 1.6,
  O: 12.3,
  P: 1.3,
  Q: 1.4,
  R: 1.1,
  S: 0.8,
}

/** Mean monthly wage by sector, yuan. Source: NBS 2024; sectors it does not name: 5,472, worked out to fit the mean of 4,961. */
export const SECTOR_WAGE: Partial<Record<Sector, number>> = {
  C: 4978,
  E: 5743,
  F: 4362,
  G: 5635,
  H: 4141,
  O: 4023,
}
export const OTHER_WAGE = 5472
export const WAGE_YEAR = 2024
/** Growth of the mean wage a year. Source: NBS 2023 to 2024, 4,780 to 4,961 yuan (+3.8%). */
export const WAGE_GROWTH = 1.038
/** Wage of those who left their township and of those who did not, over the mean. Source: NBS 2024 (5,634, 4,291, 4,961). */
export const WAGE_FACTOR = { away: 5634 / 4961, local: 4291 / 4961 } as const
export const WAGE_SIGMA = 0.28

/** Ages, % by band [from, until). Source: NBS 2024 (≤40 43.7, 41-50 24.7, >50 31.6); the finer bands: model. */
export const AGE_BANDS: readonly (readonly [readonly [number, number], number])[] = [
  [[17, 21], 2.5],
  [[21, 31], 15.5],
  [[31, 41], 25.7],
  [[41, 51], 24.7],
  [[51, 61], 25.2],
  [[61, 68], 6.4],
]
/** Share that stays in the own township by age (until 41, until 51, older). Model: keeps 32% over all ages. */
export const LOCAL_BY_AGE = [0.22, 0.33, 0.45] as const
/** Share of men. Source: NBS 2024 (women 31.7% of those away, 44.2% of the local). */
export const MALE = { away: 0.683, local: 0.558 } as const

/** Arrears cases filed in a year over the province. Model, a sample like the workers. */
export const CASES_PER_YEAR = 5000
/** Share of the cases that stations abroad report; the others are reported by the county of the workplace. Model. */
export const CASES_BY_STATIONS = 0.08
/** Cases that turn out to be unfounded or no wage matter. Model: clues are filtered before they become cases. */
export const DISMISSED_SHARE = 0.15
/** Days from report to settlement: lognormal; a few drag on through courts for [from, to] more. Model: close within 15 to 60 days. */
export const SETTLE_DAYS = { median: 26, sigma: 0.75, slowShare: 0.035, slow: [90, 260] } as const
/** Before Spring Festival the winter action closes this share of the open cases. Source: Hunan winter action; the share: model. */
export const CLEARED_BEFORE_FESTIVAL = 0.85
/** Arrears cases by sector: sector share × prevalence (NBS 2016: E 1.8, C 0.6, G 0.4, F 0.2%; others: model). */
export const ARREARS_SECTOR: Partial<Record<Sector, number>> = {
  E: 25.7,
  C: 16.7,
  O: 4.9,
  H: 3.5,
  G: 2.9,
  F: 2.7,
  L: 1.2,
  K: 1.1,
  N: 0.7,
  B: 0.6,
  I: 0.6,
  P: 0.4,
  R: 0.4,
  A: 0.3,
}
/** Workers of a case, % by size [from, to]. Model, §4.2: mean 5 to 6. */
export const CASE_SIZE: readonly (readonly [readonly [number, number], number])[] = [
  [[1, 1], 55],
  [[2, 5], 25],
  [[6, 15], 12],
  [[16, 29], 5],
  [[30, 99], 2.5],
  [[100, 260], 0.5],
]
/** Yuan owed to one worker: lognormal with mean about 11,000. Model, §4.2, from county reports (9,000 to 14,000). */
export const OWED = { median: 8000, sigma: 0.8 } as const
/** Mean months owed when a case is reported, geometric. Model, §4.2. */
export const MONTHS_OWED = 2.2
/** Line by which a case reaches us, %. Model. */
export const CHANNEL_SHARE = {
  platform: 30,
  hotline12345: 22,
  hotline12333: 16,
  self: 8,
  inspection: 8,
  petition: 8,
  station: 6,
  media: 2,
} as const

/** Complaint index by month, January first. Model, §4.4, from hotline reports. */
export const MONTH_INDEX = [1.9, 1.1, 0.7, 0.7, 0.8, 0.9, 0.9, 0.9, 1.0, 0.9, 1.2, 1.8] as const
/** Complaints in the 30 days before Spring Festival, and in its week, over the month's index. Model, §4.4. */
export const FESTIVAL_FACTOR = { before: 1.5, week: 0.3 } as const
/** Complaints by weekday, Monday first, and by hour of day: peaks 9-11 and 15-17 on Mondays. Model, §4.4. */
export const WEEKDAY_INDEX = [1.35, 1.15, 1.1, 1.05, 1.05, 0.7, 0.6] as const
export const HOUR_INDEX = [
  1, 1, 0, 0, 0, 1, 2, 5, 12, 20, 22, 12, 6, 8, 12, 19, 18, 10, 6, 5, 5, 4, 3, 2,
] as const
/** Days of the month on which wages are commonly due; complaints rise on the three days after. */
export const PAY_DAYS = [10, 15, 25] as const
