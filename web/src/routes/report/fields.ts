import { instantPointId } from '#domain/organisation.ts'
import { fieldsOf } from '#domain/signal.ts'
import { type Bilingual, halfWidth } from '#domain/text.ts'
import { DAY_MS, shanghaiDay, startOf, toShanghaiIso } from '#domain/time.ts'
import { workingDayBefore } from '#domain/working-day.ts'
import { monthsLater } from '../../lib/day-grid.ts'
import type { UnitSummary } from '../../lib/units.ts'

/** The two things a reporter sends: what happened just now, and the figures of a period. */
export type Form = 'instant' | 'period'
/** How a field is filled in; derived from the kind of its cell in the schema. */
type Input = 'text' | 'area' | 'integer' | 'yuan' | 'boolean' | 'choice' | 'period' | 'date'
export type Field = {
  readonly key: string
  readonly title: Bilingual
  readonly input: Input
  readonly isRequired: boolean
  readonly values: readonly string[]
}
/** What stands in the inputs, by field. */
export type Values = Readonly<Record<string, string>>
/** Months back that a late report may be about. */
const MONTHS = 36
type Point = Pick<UnitSummary, 'pointId' | 'region' | 'sector' | 'dueEvery'>

/** Known from the unit, or from the clock. */
const GIVEN = ['pointId', 'workRegion', 'observedAt']
/** What an instant report is about; the figures wait for the period. */
const INSTANT = ['majorEvent', 'project', 'stopped']

/** The fields of a form in order, from the schema of `industry`. The sector is asked for only where the unit has none. */
export function fieldsFor(form: Form, unit: Point): Field[] {
  const all = fieldsOf('industry')
    .filter(({ key }) => !GIVEN.includes(key) && (key !== 'sector' || unit.sector === null))
    .map(({ key, meta, isRequired, values }) => ({
      key,
      title: { zh: meta.zh, en: meta.en },
      input: inputFor(key, meta.cell, values),
      isRequired: isRequired || (form === 'instant' && key === 'majorEvent'),
      values: values ?? [],
    }))
  if (form === 'period') return all.filter(({ key }) => key !== 'majorEvent')
  const byKey = new Map(all.map((field) => [field.key, field]))
  return ['sector', ...INSTANT].flatMap((key) => byKey.get(key) ?? [])
}

function inputFor(key: string, cell: string, values: readonly string[] | null): Input {
  if (values !== null) return 'choice'
  if (key === 'period') return 'period'
  if (key === 'majorEvent') return 'area'
  // The only instants of the contract besides the time of observation end this way; a day is precise enough.
  if (key.endsWith('At')) return 'date'
  return cell === 'integer' || cell === 'yuan' || cell === 'boolean' ? cell : 'text'
}

/** What a fresh form holds: the period that is being reported about, the last whole one; of days the last working day. */
export function freshValues(form: Form, unit: Point, nowMs: number): Values {
  if (form === 'instant') return {}
  const day = unit.dueEvery === 'day'
  return {
    period: day
      ? shanghaiDay(workingDayBefore(nowMs))
      : shanghaiDay(startOf('month', nowMs) - DAY_MS).slice(0, 7),
  }
}

/** The months that may be reported about, the newest first; what stands in the input is one of them, however old. */
export function monthsFor(value: string, today: string): string[] {
  const months = Array.from({ length: MONTHS }, (_, i) => monthsLater(today, -i).slice(0, 7))
  return value === '' || months.includes(value) ? months : [...months, value]
}

/** Required fields that are empty, or '' when a period report says nothing at all. */
export function missingIn(fields: readonly Field[], values: Values): string[] {
  const missing = fields
    .filter(({ key, isRequired }) => isRequired && !values[key]?.trim())
    .map(({ key }) => key)
  const hasFigure = fields.some(({ key, isRequired }) => !isRequired && values[key]?.trim())
  return missing.length === 0 && !hasFigure && fields.some(({ input }) => input === 'period') ? [''] : missing
}

/**
 * The signal that the inputs mean, at the instant they are sent off. Numbers that are none go as they were written: the
 * server says what is wrong with them.
 */
export function rowOf(form: Form, unit: Point, values: Values, nowMs: number): Record<string, unknown> {
  const point = unit.pointId ?? ''
  const filled = fieldsFor(form, unit).flatMap(({ key, input }) => {
    const text = values[key]?.trim() ?? ''
    return text === '' ? [] : [[key, jsonOf(input, text)] as const]
  })
  return {
    pointId: form === 'instant' ? instantPointId(point) : point,
    period: shanghaiDay(nowMs),
    observedAt: toShanghaiIso(nowMs),
    workRegion: unit.region,
    ...(unit.sector === null ? {} : { sector: unit.sector }),
    ...Object.fromEntries(filled),
  }
}

function jsonOf(input: Input, text: string): unknown {
  if (input === 'boolean') return text === 'true'
  if (input !== 'integer') return text
  const plain = halfWidth(text).trim().replaceAll(',', '')
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : text
}

/** The title of a field of the contract; the name itself when it has none, '' for the whole report. */
export function titleOf(key: string): Bilingual {
  return fieldsOf('industry').find((field) => field.key === key)?.meta ?? { zh: key, en: key }
}

/** The inputs that a signal came from, to correct it. */
export function valuesOf(row: Record<string, unknown>): Values {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, String(value)]))
}
