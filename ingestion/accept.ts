import type { z } from 'zod'
import { bareWord } from '#domain/labels.ts'
import { quickParser } from '#domain/quick-parse.ts'
import type { Fault, Reason } from '#domain/reason.ts'
import { isWithin, LEVEL_DIGITS, type RegionCode } from '#domain/region.ts'
import { type Kind, SIGNALS } from '#domain/signal.ts'
import { nearestTo } from '#domain/signal-values.ts'
import { storableText } from '#domain/text.ts'
import { drafterFor, type Sender } from './draft.ts'
import type { BodyType } from './formats/body.ts'
import { asWritten, type RawRow } from './formats/raw-row.ts'
import { type ReadOptions, readRows } from './formats/rows.ts'
import type { TableHead } from './formats/table.ts'
import type { IntakeRules } from './intake-rules.ts'
import { rejectLocked } from './locks.ts'
import { withPlacesNamed } from './named-places.ts'
import type { Draft } from './observation.ts'
import type { Verdict } from './pick.ts'
import { rejectUnmapped } from './schemes.ts'
import { isVillage } from './villages.ts'

/**
 * Faults that are told of a row. A sheet of something else has hundreds of columns that nobody knows in thousands of rows: telling
 * all of them took gigabytes, and seconds in which nobody else was answered.
 */
const FAULTS_MAX = 30

/** A row that cannot be taken: what the sender sent and the first faults found in it, those of its known fields before others. */
export type RejectedRow = { row: number; value: unknown; faults: Fault[] }

/** What a source may send: the kinds, and people and cases whose home or work lies in `region`. */
export type SourceScope = {
  readonly id: string
  readonly kinds: readonly Kind[]
  readonly region: string
  readonly rules?: IntakeRules
}

/**
 * Bytes are read by now; each row goes through: readable → in our codes → of the schema → of villages that exist → of this
 * source's region → of an open period → a draft. A row is rejected at the first step that refuses it and never stops the others.
 */
export function acceptRows<K extends Kind>(
  kind: K,
  rows: Iterable<RawRow>,
  scope: SourceScope,
  sender: Sender,
) {
  const drafts: Draft<K>[] = []
  const draft = drafterFor(kind, sender, scope.region)
  const rejected: RejectedRow[] = []
  for (const raw of rows) {
    const faults = raw.fault ? faultsBesides(kind, raw, raw.fault, scope) : []
    const mappings = scope.rules?.mappings
    const value = mappings && faults.length === 0 ? rejectUnmapped(raw.value, mappings, faults) : raw.value
    const placed = withPlacesNamed(kind, value, scope.region)
    const parsed = faults.length === 0 ? rejectMalformed(kind, placed, faults) : null
    if (parsed) rejectUnknownVillages(parsed, faults)
    if (parsed) rejectForeign(parsed, scope, faults)
    if (parsed && scope.rules?.locks.length) rejectLocked(kind, parsed, scope.rules.locks, faults)
    if (parsed && faults.length === 0) drafts.push(draft(parsed as never))
    else rejected.push({ row: raw.row, value: asWritten(raw), faults: faults.slice(0, FAULTS_MAX) })
  }
  return { drafts, rejected }
}

/**
 * All that is wrong with a row of which some cells could not be read, so that it need not come back for each: of those cells what
 * was found first.
 */
function faultsBesides(kind: Kind, raw: RawRow, fault: Fault, { rules, region }: SourceScope): Fault[] {
  const own = [fault, ...(raw.more ?? [])]
  // A column in 万元 is of no field: what its field lacks is told by it.
  if (fault.path === '' || own.some(({ code }) => code === 'larger_unit')) return own
  const others: Fault[] = []
  const value = rules?.mappings ? rejectUnmapped(raw.value, rules.mappings, others) : raw.value
  rejectMalformed(kind, withPlacesNamed(kind, value, region), others)
  const fieldOf = ({ path }: Fault) => path.split('.')[0]
  const told = new Set(own.map(fieldOf))
  return [...own, ...others.filter((other) => !told.has(fieldOf(other)))]
}

/** Rows as they came: in a body of one type and how to read it, or read already. */
export type RawRows =
  | { type: Exclude<BodyType, 'xlsx'>; content: Buffer; reading: ReadOptions }
  | { rows: readonly RawRow[]; table: TableHead | null }

/** Reads and accepts. `table` is that of a CSV or XLSX. @throws AppError `bad_request` where the body as a whole cannot be read. */
export function acceptBody<K extends Kind>(kind: K, body: RawRows, scope: SourceScope, sender: Sender) {
  const { rows, table } = 'rows' in body ? body : readRows(body.type, body.content, body.reading)
  return { ...acceptRows(kind, rows, scope, sender), table }
}

/**
 * The rejected rows and, in their order with them, those whose drafts a commit refused (by their places among the drafts):
 * only a commit knows what is in the store. Every row that was not rejected became a draft, one after another; the body is
 * read once more for what they say.
 */
export function withRefused(
  body: RawRows,
  rejected: readonly RejectedRow[],
  refused: Verdict['refused'] = new Map(),
): readonly RejectedRow[] {
  if (refused.size === 0) return rejected
  const before = new Map(rejected.map((one) => [one.row, one]))
  const all: RejectedRow[] = []
  const { rows } = 'rows' in body ? body : readRows(body.type, body.content, body.reading)
  let drafts = 0
  for (const raw of rows) {
    const one = before.get(raw.row)
    const fault = one ? undefined : refused.get(drafts++)
    if (one) all.push(one)
    else if (fault) all.push({ row: raw.row, value: asWritten(raw), faults: [fault] })
  }
  return all
}

export type Signal = z.infer<(typeof SIGNALS)[Kind]>

const quickly: { [K in Kind]: (value: unknown) => Signal | null } = {
  workers: quickParser(SIGNALS.workers),
  arrears: quickParser(SIGNALS.arrears),
  industry: quickParser(SIGNALS.industry),
}

function rejectMalformed(kind: Kind, value: unknown, faults: Fault[]): Signal | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.push({ path: '', code: 'not_an_object' })
    return null
  }
  const valid = quickly[kind](value)
  if (valid) return valid
  const parsed = (SIGNALS[kind] as z.ZodType<Signal>).safeParse(value)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  for (const issue of issues) if (!isToldByOther(issue, issues)) faults.push(...faultsOf(issue, value))
  return null
}

/** Beyond what a number can hold exactly: where its field has a narrower limit of its own, that is told. */
function isToldByOther(issue: z.core.$ZodIssue, issues: readonly z.core.$ZodIssue[]): boolean {
  const isBeyond =
    (issue.code === 'too_big' && issue.maximum === Number.MAX_SAFE_INTEGER) ||
    (issue.code === 'too_small' && issue.minimum === Number.MIN_SAFE_INTEGER)
  if (!isBeyond) return false
  const path = issue.path.join('.')
  return issues.some((other) => other !== issue && other.path.join('.') === path)
}

/** The schema knows regions down to the township, in the browser too; the lists of villages are long and lie on the server. */
function rejectUnknownVillages(signal: Signal, faults: Fault[]): void {
  const check = (path: string, code?: RegionCode) => {
    if (code?.length === LEVEL_DIGITS.village && !isVillage(code))
      faults.push({ path, code: 'unknown_region' })
  }
  check('workRegion', signal.workRegion)
  if ('homeRegion' in signal) check('homeRegion', signal.homeRegion)
  if ('homeRegions' in signal)
    for (const [i, home] of (signal.homeRegions ?? []).entries())
      check(`homeRegions.${i}.region`, home.region)
}

function rejectForeign(signal: Signal, scope: SourceScope, faults: Fault[]): void {
  const home = 'homeRegion' in signal ? signal.homeRegion : ''
  const work = signal.workRegion ?? ''
  if (isWithin(home, scope.region) || isWithin(work, scope.region)) return
  faults.push({ path: home && !work ? 'homeRegion' : 'workRegion', code: 'region_forbidden' })
}

/** A zod issue in the documented words. The value itself is never repeated: it may be a person's number. */
function faultsOf(issue: z.core.$ZodIssue, value: object): Fault[] {
  const path = issue.path.map(String).join('.')
  switch (issue.code) {
    case 'custom': {
      const { code, detail } = (issue.params ?? {}) as { code?: Reason; detail?: string }
      return [{ path, code: code ?? 'wrong_format', detail }]
    }
    case 'invalid_type':
      return [
        isAbsent(value, issue.path)
          ? { path, code: 'required' }
          : { path, code: 'wrong_type', detail: issue.expected },
      ]
    case 'unrecognized_keys':
      return issue.keys.slice(0, FAULTS_MAX).map((key) => ({
        path: [...issue.path, storableText(key.slice(0, 50))].map(String).join('.'),
        code: 'unknown_field',
      }))
    case 'invalid_value':
      return [isAbsent(value, issue.path) ? { path, code: 'required' } : notAmong(issue, value, path)]
    case 'invalid_union':
      return [
        isAbsent(value, issue.path)
          ? { path, code: 'required' }
          : { path, code: 'wrong_type', detail: 'string, number' },
      ]
    case 'too_big':
      return [
        { path, code: issue.origin === 'array' ? 'too_long' : 'too_large', detail: String(issue.maximum) },
      ]
    case 'too_small':
      return [
        {
          path,
          code: Number(issue.minimum) <= 0 ? 'negative' : 'wrong_format',
          detail: `≥ ${issue.minimum}`,
        },
      ]
    default:
      return [{ path, code: 'wrong_format', detail: '' }]
  }
}

/** What a field of few values may hold: all of it, or what is nearest to a word of ledgers. */
function notAmong(issue: z.core.$ZodIssueInvalidValue, value: object, path: string): Fault {
  const values = issue.values.map(String)
  const said = valueAt(value, issue.path)
  const nearest = typeof said === 'string' ? nearestTo(bareWord(said), values) : []
  return nearest.length > 0
    ? { path, code: 'unclear_value', detail: nearest.join(', ') }
    : { path, code: 'unknown_value', detail: values.join(', ') }
}

function isAbsent(value: unknown, path: readonly PropertyKey[]): boolean {
  const at = valueAt(value, path)
  return at === undefined || at === null
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at: unknown = value
  for (const key of path)
    at = typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined
  return at
}
