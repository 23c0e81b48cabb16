import { hash } from 'node:crypto'
import { birthOf, maskIdentifiers, mayHoldPersonNumber, sexOf, veilIdentifiers } from '#domain/person.ts'
import type { ArrearsSignal, IndustrySignal, Kind, WorkersSignal } from '#domain/signal.ts'
import { INSTANT, NAME, RECEIPT, RowFormat, WHOLE } from '#sql/row-binary.ts'
import { Draft, Page } from './observation.ts'
import type { Sealer } from './sealer.ts'
import type { Keys } from './secret.ts'

/**
 * What drafts need beside the signals: who sent them, in which request, and the keys that hide people. `sealer` writes out
 * who the persons are; `null` where nothing is to be stored.
 */
export type Sender = { source: string; batch: string; keys: Keys; sealer: Sealer | null }

const FLAG = 'Nullable(Bool)'

/** Columns of every observations table, before those of the signal, with what the store says of them. */
const SHARED = {
  receivedAt: RECEIPT,
  ordinal: 'UInt32',
  contentHash: 'String',
  historyKey: 'String',
  observedAt: INSTANT,
  batch: 'String',
  source: NAME,
}

/** The rows of the observations table of each kind. What comes from the signal is in the order in which it is hashed. */
export const OBSERVATIONS = {
  workers: new RowFormat({
    ...SHARED,
    homeRegion: 'String',
    workRegion: 'String',
    sector: NAME,
    status: NAME,
    occupation: NAME,
    employer: 'String',
    employerCode: 'String',
    project: 'String',
    monthlyWageFen: WHOLE,
    contractSigned: FLAG,
    insured: FLAG,
    skills: `Array(${NAME})`,
    sex: NAME,
    birthYear: 'UInt16',
    household: 'String',
  }),
  arrears: new RowFormat({
    ...SHARED,
    caseId: 'String',
    channel: NAME,
    workRegion: NAME,
    homeCodes: `Array(${NAME})`,
    homeWorkers: 'Array(UInt32)',
    sector: NAME,
    employer: 'String',
    employerCode: 'String',
    project: 'String',
    site: 'String',
    status: NAME,
    workers: 'Int64',
    owedFen: 'Int64',
    paidFen: 'Int64',
    owedSince: 'String',
    gathering: 'Int64',
    note: 'String',
  }),
  industry: new RowFormat({
    ...SHARED,
    pointId: 'String',
    period: 'String',
    workRegion: NAME,
    sector: NAME,
    project: 'String',
    employers: WHOLE,
    headcount: WHOLE,
    hires: WHOLE,
    departures: WHOLE,
    vacancies: WHOLE,
    averageWageFen: WHOLE,
    wageBillFen: WHOLE,
    wagePaidFen: WHOLE,
    paidWorkers: WHOLE,
    attendingWorkers: WHOLE,
    registeredWorkers: WHOLE,
    accountBalanceFen: WHOLE,
    laborCostTransferredAt: `Nullable(${INSTANT})`,
    payDay: 'Nullable(UInt8)',
    depositHeldFen: WHOLE,
    depositRequiredFen: WHOLE,
    stopped: FLAG,
    majorEvent: 'String',
  }),
} as const satisfies Record<Kind, RowFormat>

/** Drafts the validated signals of one request, one after another. */
export type Drafter<K extends Kind> = (signal: SignalOf[K]) => Draft<K>

/**
 * A validated signal becomes an observation ready to commit, of a source that may speak of `region`. What names a person is
 * hashed here; the rest of it is sealed for the vault, and goes into nothing else.
 */
export function drafterFor<K extends Kind>(kind: K, sender: Sender, region: string): Drafter<K> {
  const page = new Page(sender.source, region, sender.sealer?.keyVersion ?? 0, sender.sealer?.heardMs ?? 0)
  const draft = DRAFT[kind]
  return (signal) => draft(veiled(signal, sender.keys), sender, page)
}

const NAMING = ['caseId', 'pointId', 'project', 'employer', 'occupation', 'skills'] as const

/** The signal with the numbers of persons in its codes and names replaced by keyed hashes: these are stored, counted and shown. */
function veiled<S extends object>(signal: S, keys: Keys): S {
  const row = signal as S & { [F in (typeof NAMING)[number]]?: unknown }
  const veil = (text: string) =>
    veilIdentifiers(text, (number) => keys.personKey(`veiled ${number}`).slice(0, 12))
  let copy: typeof row | null = null
  for (const field of NAMING) {
    const said = row[field]
    const texts = Array.isArray(said) ? (said as string[]) : typeof said === 'string' ? [said] : []
    if (!texts.some(mayHoldPersonNumber)) continue
    copy ??= { ...row }
    copy[field] = (Array.isArray(said) ? texts.map(veil) : veil(String(said))) as never
  }
  return copy ?? signal
}

const DRAFT: { [K in Kind]: (signal: SignalOf[K], sender: Sender, page: Page) => Draft<K> } = {
  workers: draftWorkers,
  arrears: draftArrears,
  industry: draftIndustry,
}

type SignalOf = { workers: WorkersSignal; arrears: ArrearsSignal; industry: IndustrySignal }

/** `secret` is what else makes an observation another one and may not be stored: hashed, never written. */
function finish<K extends Kind>(
  kind: K,
  sender: Sender,
  page: Page,
  historyKey: string,
  observedAt: number,
  cells: unknown[],
  secret = '',
  place = '',
): Draft<K> {
  const contentHash = hash('sha1', secret + JSON.stringify(cells), 'base64url').slice(0, 16)
  const { batch, source } = sender
  const row = [0, 0, contentHash, historyKey, observedAt, batch, source, ...cells]
  return new Draft(kind, historyKey, observedAt, page, page.observations.add(OBSERVATIONS[kind], row), place)
}

function draftWorkers(signal: WorkersSignal, sender: Sender, page: Page): Draft<'workers'> {
  const { household, homeRegion, observedAt } = signal
  const cells = [
    signal.homeRegion,
    signal.workRegion ?? '',
    signal.sector ?? '',
    signal.status,
    signal.occupation ?? '',
    signal.employer ?? '',
    signal.employerCode ?? '',
    signal.project ?? '',
    signal.monthlyWage ?? null,
    signal.contractSigned ?? null,
    signal.insured ?? null,
    signal.skills ?? [],
    sexOf(signal.idNumber),
    Number(birthOf(signal.idNumber).slice(0, 4)),
    // Some registers number a household by its head's ID number: only a keyed hash of it is ever stored.
    household ? sender.keys.householdKey(homeRegion, household) : '',
  ]
  const personKey = sender.keys.personKey(signal.idNumber)
  const identity = { idNumber: signal.idNumber, name: signal.name, phone: signal.phone ?? '' }
  sender.sealer?.add(page, personKey, identity, observedAt)
  const secret = `${sender.keys.contentPepper}${identity.name},${identity.phone}`
  return finish('workers', sender, page, personKey, observedAt, cells, secret)
}

function draftArrears(signal: ArrearsSignal, sender: Sender, page: Page): Draft<'arrears'> {
  const homes = signal.homeRegions ?? []
  const site = siteFor(signal)
  const gathering = signal.gathering ?? 0
  const paidFen = signal.paid ?? 0
  const homeCodes = homes.map((home) => home.region.slice(0, 9))
  const homeWorkers = homes.map((home) => home.workers)
  const cells = [
    signal.caseId,
    signal.channel,
    signal.workRegion,
    homeCodes,
    homeWorkers,
    signal.sector,
    signal.employer,
    signal.employerCode ?? '',
    signal.project ?? '',
    site,
    signal.status,
    signal.workers,
    signal.owed,
    paidFen,
    signal.owedSince ?? '',
    gathering,
    maskIdentifiers(signal.note ?? ''),
  ]
  return finish('arrears', sender, page, `${sender.source}/${signal.caseId}`, signal.observedAt, cells)
}

function draftIndustry(signal: IndustrySignal, sender: Sender, page: Page): Draft<'industry'> {
  const cells = [
    signal.pointId,
    signal.period,
    signal.workRegion,
    signal.sector,
    signal.project ?? '',
    signal.employers ?? null,
    signal.headcount ?? null,
    signal.hires ?? null,
    signal.departures ?? null,
    signal.vacancies ?? null,
    signal.averageWage ?? null,
    signal.wageBill ?? null,
    signal.wagePaid ?? null,
    signal.paidWorkers ?? null,
    signal.attendingWorkers ?? null,
    signal.registeredWorkers ?? null,
    signal.accountBalance ?? null,
    signal.laborCostTransferredAt ?? null,
    signal.payDay ?? null,
    signal.depositHeld ?? null,
    signal.depositRequired ?? null,
    signal.stopped ?? null,
    maskIdentifiers(signal.majorEvent ?? ''),
  ]
  const historyKey = `${signal.pointId}|${signal.project ?? ''}`
  return finish('industry', sender, page, historyKey, signal.observedAt, cells, '', signal.workRegion)
}

/**
 * What arrears add up under: the project where one is named, else the employer; by its code where known, else by its
 * name within the county, since two counties may have firms of one name. Source: domain research §2.4, D15 "per project".
 * A code says nothing of the county: it is added where the observation is counted (`siteWithin`).
 */
function siteFor(signal: ArrearsSignal): string {
  const county = signal.workRegion.slice(0, 6)
  if (signal.project) return `project:${county}:${signal.project}`
  return signal.employerCode ? `employer:${signal.employerCode}` : `employer:${county}:${signal.employer}`
}
