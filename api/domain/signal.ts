import { z } from 'zod'
import { blankMarkOf } from './blank-marks.ts'
import { yuanToFen } from './money.ts'
import { birthOf, isEmployerCode, isIdNumber, normalIdNumber, sexOf, ungroupedPhone } from './person.ts'
import type { Reason } from './reason.ts'
import {
  canonicalRegion,
  LEVEL_DIGITS,
  LEVEL_NAME,
  type Level,
  levelAtLeast,
  type RegionCode,
} from './region.ts'
import { regionNamed } from './region-named.ts'
import { SECTORS } from './sector.ts'
import { CHANNEL_TITLES, type Labels, SECTOR_TITLES, SEX_TITLES, STATUS_TITLES } from './signal-values.ts'
import { type Bilingual, halfWidth, plainText } from './text.ts'
import { isCalendarDate, isPeriod, MONTH, parseInstant, periodStart } from './time.ts'

/**
 * The input contract. One zod schema per kind is the only definition of a signal: the JSON Schema, the CSV header, the
 * text conversion, the templates and the TypeScript types are derived from it. `.meta()` on each field carries its
 * column titles and how a spreadsheet cell becomes a value.
 */
export const KINDS = ['workers', 'arrears', 'industry'] as const
export const Kind = z.enum(KINDS)
export type Kind = z.infer<typeof Kind>

/** How the text of a spreadsheet cell becomes a JSON value. */
export type Cell =
  | 'text'
  | 'integer'
  | 'yuan'
  | 'boolean'
  | 'list'
  | 'regions'
  | 'instant'
  | 'date'
  | 'month'
  | 'period'
/** What a schema says of a field: titles in both languages, the cell kind, and the labels of its codes where it has codes. */
type Titles = { zh: string; en: string; cell: Cell; labels?: Labels }
/** Metadata of a field, with its key and whether a row must have it: who reads a cell knows nothing else of its field. */
export type FieldMeta = Titles & { key: string; isRequired: boolean }

/** A refusal inside a schema: `params.code` is the documented reason, `params.detail` what its message needs. */
const refuse = (code: Reason, detail?: string) => ({ params: { code, detail } })

const half = (text: string) => halfWidth(text).trim()
const text = (max: number) =>
  z
    .string()
    .overwrite(plainText)
    .refine((value) => value.length <= max, refuse('too_long', String(max)))
    .meta({ maxLength: max })

/**
 * A code or name that tells one case, point, person, household, project or firm from others. 无 and a stroke say that there is none,
 * as a blank does, and make no two one. 同上 and 不详 are refused, in JSON too: a row that waited in quarantine is judged again as
 * JSON is, and nobody knows any more which line stood above.
 */
const naming = (max: number) =>
  text(max)
    .overwrite((value) => (blankMarkOf(value) === 'nothing' ? '' : value))
    .refine((value) => blankMarkOf(value) === null, refuse('not_told'))
/** The same where a row must have one. */
const namingOfAll = (max: number) =>
  naming(max)
    .refine((value) => value.length > 0, refuse('required'))
    .meta({ minLength: 1 })

const integer = (max = 10_000_000) =>
  z
    .int()
    .refine((n) => n >= 0, refuse('negative'))
    .refine((n) => n <= max, refuse('too_large', String(max)))
    .meta({ minimum: 0, maximum: max })

// What a form should send; the server also takes full-width digits, blanks and separators.
const yuanSent = z.union([
  z.string().meta({ pattern: '^\\d{1,12}(\\.\\d{1,2})?$' }),
  z.number().meta({ minimum: 0 }),
])
const regionSent = (atLeast: Level) =>
  z.union([z.string().meta({ pattern: `^\\d{${LEVEL_DIGITS[atLeast]},12}$` }), z.int()])
const instantSent = z.string().meta({ format: 'date-time' })

/** Yuan at the edge, whole non-negative fen inside; at most 1,000 亿 yuan where nothing else is said. */
const yuan = (maxFen = 1e13) => {
  const tooLarge = { code: 'too_large', detail: (maxFen / 100).toFixed(2) } as const
  return yuanSent.transform((raw, context): number => {
    const amount = typeof raw === 'string' ? ungrouped(half(raw)) : raw
    const fen = yuanToFen(amount)
    const fault: { code: Reason; detail?: string } | null =
      fen === null
        ? LONG.test(String(amount))
          ? tooLarge
          : { code: 'wrong_format', detail: '1234.50' }
        : fen < 0
          ? { code: 'negative' }
          : fen > maxFen
            ? tooLarge
            : null
    if (fault) context.addIssue({ code: 'custom', params: fault, input: raw })
    return fen ?? 0
  })
}

/** "1,234.50" without its separators. Where they stand elsewhere they are none: "512000,00" of a sheet from Europe is no 51 million. */
const ungrouped = (text: string) => (GROUPED.test(text) ? text.replaceAll(',', '') : text)
const GROUPED = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/
/** An amount with more digits than any has here. */
const LONG = /^\d{13,}(\.\d{1,2})?$/

const region = (atLeast: Level) =>
  regionSent(atLeast).transform((raw, context): RegionCode => {
    const said = half(String(raw))
    const code = canonicalRegion(said) ?? regionNamed(said)
    if (code === null) context.addIssue({ code: 'custom', params: { code: 'unknown_region' }, input: raw })
    else if (!levelAtLeast(code, atLeast))
      context.addIssue({
        code: 'custom',
        params: { code: 'region_too_coarse', detail: LEVEL_NAME[atLeast].zh },
        input: raw,
      })
    return code ?? ('' as RegionCode)
  })

/** An instant in milliseconds; `futureMs` ahead of the clock is tolerated for senders whose clocks run fast. */
const CLOCK_SKEW_MS = 5 * 60_000
const EARLIEST_MS = Date.UTC(2000, 0, 1)
const instant = () =>
  instantSent.transform((raw, context): number => {
    const ms = parseInstant(half(raw))
    const fault: { code: Reason; detail?: string } | null =
      ms === null
        ? { code: 'wrong_format', detail: '2026-11-24 09:30' }
        : ms > Date.now() + CLOCK_SKEW_MS
          ? { code: 'future_time' }
          : ms < EARLIEST_MS
            ? { code: 'implausible_time' }
            : null
    if (fault) context.addIssue({ code: 'custom', params: fault, input: raw })
    return ms ?? 0
  })

const period = () =>
  z
    .string()
    .overwrite(half)
    .refine(isPeriod, refuse('wrong_format', '2026-11 / 2026-11-24'))
    .refine((value) => !(periodStart(value) > Date.now() + CLOCK_SKEW_MS), refuse('future_time'))
    .meta({ pattern: '^20\\d{2}-\\d{2}(-\\d{2})?$' })

/** Sole traders had their ID number for a tax number, and one in 31 of these passes the check of a code as well. */
const code18 = () =>
  z
    .string()
    .overwrite((raw) => half(raw).toUpperCase())
    .refine((code) => isEmployerCode(code) && !isIdNumber(code), refuse('bad_employer_code'))
    .meta({ pattern: '^[0-9A-Za-z]{18}$' })

/** One of a closed list, with what its values are called. */
const choice = <K extends string>(titles: Record<K, Bilingual>) =>
  z.enum(Object.keys(titles) as [K, ...K[]]).meta({ 'x-enum-titles': titles })

const meta = (zh: string, en: string, cell: Cell = 'text'): Titles => ({ zh, en, cell })
const coded = (zh: string, en: string, labels: Labels): Titles => ({ zh, en, cell: 'text', labels })

const shared = {
  observedAt: instant().meta(meta('观测时间', 'Observed at', 'instant')),
  sector: choice(SECTORS).meta(coded('行业', 'Sector', SECTOR_TITLES)),
  employer: naming(100).meta(meta('用人单位', 'Employer')),
  employerCode: code18().meta(meta('统一社会信用代码', 'Employer code')),
  project: naming(100).meta(meta('项目', 'Project')),
}

/**
 * `workers`: one observation of a person. The key is a keyed hash of `idNumber`; the number, name and phone never
 * reach the analytics store. `sex` and `birth` may be sent but must agree with the number.
 */
export const WorkersSignal = z
  .strictObject({
    idNumber: z
      .string()
      .overwrite(normalIdNumber)
      .refine(isIdNumber, refuse('bad_id_checksum'))
      .meta({ pattern: '^[1-9]\\d{16}[\\dXx]$' })
      .meta(meta('身份证号', 'ID number')),
    name: namingOfAll(50).meta(meta('姓名', 'Name')),
    phone: z
      .string()
      .overwrite(ungroupedPhone)
      .refine(
        (value) => /^((\+|00)?86)?(1[3-9]\d{9}|0\d{9,11})$/.test(value),
        refuse('wrong_format', '13800000000'),
      )
      .optional()
      .meta(meta('联系电话', 'Phone')),
    sex: choice(SEX_TITLES)
      .optional()
      .meta(coded('性别', 'Sex', SEX_TITLES)),
    birth: z
      .string()
      .overwrite(half)
      .refine(isBirth, refuse('wrong_format', '1985-03-15'))
      .meta({ format: 'date' })
      .optional()
      .meta(meta('出生日期', 'Birth date', 'date')),
    homeRegion: region('county').meta(meta('户籍地', 'Home region')),
    household: naming(40).optional().meta(meta('户编号', 'Household number')),
    workRegion: region('province').optional().meta(meta('务工地', 'Work region')),
    sector: shared.sector.optional().meta(coded('行业', 'Sector', SECTOR_TITLES)),
    occupation: text(50).optional().meta(meta('工种', 'Occupation')),
    employer: shared.employer.optional().meta(meta('用人单位', 'Employer')),
    employerCode: shared.employerCode.optional().meta(meta('统一社会信用代码', 'Employer code')),
    project: shared.project.optional().meta(meta('项目', 'Project')),
    status: choice(STATUS_TITLES.workers).meta(coded('状态', 'Status', STATUS_TITLES.workers)),
    monthlyWage: yuan()
      .optional()
      .meta(meta('月工资', 'Monthly wage', 'yuan')),
    contractSigned: z
      .boolean()
      .optional()
      .meta(meta('已签合同', 'Contract signed', 'boolean')),
    insured: z
      .boolean()
      .optional()
      .meta(meta('已参保', 'Insured', 'boolean')),
    skills: z
      .array(text(50))
      .max(20)
      .optional()
      .meta(meta('技能', 'Skills', 'list')),
    observedAt: shared.observedAt,
  })
  .superRefine((row, context) => {
    // Of a number that is none, or a birth that is none, nothing can be said to contradict the other.
    const hasNumber = isIdNumber(row.idNumber)
    if (hasNumber && row.sex !== undefined && row.sex !== sexOf(row.idNumber))
      context.addIssue({ code: 'custom', path: ['sex'], ...refuse('contradicts_id') })
    if (hasNumber && row.birth !== undefined && isBirth(row.birth) && !isBirthOf(row.idNumber, row.birth))
      context.addIssue({ code: 'custom', path: ['birth'], ...refuse('contradicts_id') })
    // A household's number is one of its village's; in a county it would link strangers.
    if (row.household && !levelAtLeast(row.homeRegion, 'township'))
      context.addIssue({
        code: 'custom',
        path: ['homeRegion'],
        ...refuse('region_too_coarse', LEVEL_NAME.township.zh),
      })
  })
export type WorkersSignal = z.infer<typeof WorkersSignal>

/** Whether a text is a day of birth, a month of it, or the two months that the number 1985.1 may be. */
function isBirth(text: string): boolean {
  return MONTHS_OF_BIRTH.test(text) || (DAY_OF_BIRTH.test(text) && isCalendarDate(text))
}

/** Whether a birth date is that of an ID number. Ledgers have a column 出生年月: a month says no more. */
function isBirthOf(idNumber: string, birth: string): boolean {
  const born = birthOf(idNumber)
  return MONTHS_OF_BIRTH.test(birth)
    ? birth.split('/').includes(born.slice(0, 7))
    : birth.slice(0, 10) === born
}

const MONTHS_OF_BIRTH = /^(\d{4})-(?:0[1-9]|1[0-2])(?:\/\1-(?:0[1-9]|1[0-2]))?$/
const DAY_OF_BIRTH = /^\d{4}-\d{2}-\d{2}(?:[T ].*)?$/

/** `arrears`: one observation of a wage-arrears case. The key is `caseId` within the source. An absent `paid` or `gathering` is 0. */
export const ArrearsSignal = z
  .strictObject({
    caseId: namingOfAll(100).meta(meta('案件编号', 'Case ID')),
    observedAt: shared.observedAt,
    channel: choice(CHANNEL_TITLES).meta(coded('线索渠道', 'Channel', CHANNEL_TITLES)),
    workRegion: region('province').meta(meta('欠薪发生地', 'Work region')),
    homeRegions: z
      .array(z.strictObject({ region: region('province'), workers: integer() }))
      .max(500)
      .optional()
      .meta(meta('户籍地人数', 'Workers by home region', 'regions')),
    sector: shared.sector,
    employer: namingOfAll(100).meta(meta('用人单位', 'Employer')),
    employerCode: shared.employerCode.optional().meta(meta('统一社会信用代码', 'Employer code')),
    project: shared.project.optional().meta(meta('项目', 'Project')),
    status: choice(STATUS_TITLES.arrears).meta(coded('状态', 'Status', STATUS_TITLES.arrears)),
    workers: integer().meta(meta('涉及人数', 'Workers', 'integer')),
    owed: yuan().meta(meta('尚欠金额', 'Owed', 'yuan')),
    paid: yuan()
      .optional()
      .meta(meta('已追回金额', 'Paid', 'yuan')),
    owedSince: z
      .string()
      .overwrite(half)
      .refine((value) => MONTH.test(value), refuse('wrong_format', '2026-09'))
      .meta({ pattern: MONTH.source })
      .optional()
      .meta(meta('欠薪起始月', 'Owed since', 'month')),
    gathering: integer(1_000_000)
      .optional()
      .meta(meta('聚集人数', 'Gathering', 'integer')),
    note: text(2000).optional().meta(meta('备注', 'Note')),
  })
  .superRefine((row, context) => {
    const homes = row.homeRegions?.reduce((sum, home) => sum + home.workers, 0) ?? 0
    if (homes > Math.max(0, row.workers))
      context.addIssue({ code: 'custom', path: ['homeRegions'], ...refuse('home_exceeds_workers') })
  })
export type ArrearsSignal = z.infer<typeof ArrearsSignal>

/** `industry`: one report of a monitoring point for a period. The key is `pointId` + `period` (+ `project`). */
export const IndustrySignal = z.strictObject({
  // What is told of a point and its project is filed under "point|project".
  pointId: namingOfAll(100)
    .refine((value) => !value.includes('|'), refuse('bar_in_point'))
    .meta({ pattern: '^[^|]+$' })
    .meta(meta('监测点编号', 'Point ID')),
  period: period().meta(meta('报告期', 'Period', 'period')),
  observedAt: shared.observedAt,
  workRegion: region('province').meta(meta('所在地', 'Work region')),
  sector: shared.sector,
  project: shared.project.optional().meta(meta('项目', 'Project')),
  employers: integer()
    .optional()
    .meta(meta('企业数', 'Employers', 'integer')),
  headcount: integer()
    .optional()
    .meta(meta('在岗人数', 'Headcount', 'integer')),
  hires: integer()
    .optional()
    .meta(meta('新招人数', 'Hires', 'integer')),
  departures: integer()
    .optional()
    .meta(meta('离职人数', 'Departures', 'integer')),
  vacancies: integer()
    .optional()
    .meta(meta('缺工人数', 'Vacancies', 'integer')),
  // A million a month and more is a total in the wrong column; times the headcount it would be no exact number any more.
  averageWage: yuan(1e8)
    .optional()
    .meta(meta('平均月工资', 'Average wage', 'yuan')),
  wageBill: yuan()
    .optional()
    .meta(meta('应发工资', 'Wage bill', 'yuan')),
  wagePaid: yuan()
    .optional()
    .meta(meta('实发工资', 'Wage paid', 'yuan')),
  paidWorkers: integer()
    .optional()
    .meta(meta('已发薪人数', 'Paid workers', 'integer')),
  attendingWorkers: integer()
    .optional()
    .meta(meta('出勤人数', 'Attending workers', 'integer')),
  registeredWorkers: integer()
    .optional()
    .meta(meta('实名登记人数', 'Registered workers', 'integer')),
  accountBalance: yuan()
    .optional()
    .meta(meta('专户余额', 'Account balance', 'yuan')),
  laborCostTransferredAt: instant()
    .optional()
    .meta(meta('人工费用拨付时间', 'Labour cost transferred at', 'instant')),
  payDay: z
    .int()
    .min(1)
    .max(31)
    .optional()
    .meta(meta('发薪日', 'Pay day', 'integer')),
  depositHeld: yuan()
    .optional()
    .meta(meta('已存保证金', 'Deposit held', 'yuan')),
  depositRequired: yuan()
    .optional()
    .meta(meta('应存保证金', 'Deposit required', 'yuan')),
  stopped: z
    .boolean()
    .optional()
    .meta(meta('已停工', 'Stopped', 'boolean')),
  majorEvent: text(2000).optional().meta(meta('重大变动', 'Major event')),
})
export type IndustrySignal = z.infer<typeof IndustrySignal>

/** The schema of each kind. Parsed money is whole fen, instants are milliseconds, regions are canonical codes. */
export const SIGNALS = { workers: WorkersSignal, arrears: ArrearsSignal, industry: IndustrySignal } as const

/** Fields of a kind in template order: key, titles, cell kind and whether the field must be there. */
export function fieldsOf(
  kind: Kind,
): { key: string; meta: FieldMeta; isRequired: boolean; values: string[] | null }[] {
  return Object.entries(SIGNALS[kind].shape).map(([key, schema]) => {
    const inner = schema instanceof z.ZodOptional ? schema.def.innerType : schema
    const values = inner instanceof z.ZodEnum ? inner.options.map(String) : null
    const isRequired = !(schema instanceof z.ZodOptional)
    const meta = { ...((schema as z.ZodType).meta() as Titles), key, isRequired }
    return { key, meta, isRequired, values }
  })
}
