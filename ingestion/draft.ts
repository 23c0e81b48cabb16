import { hash } from 'node:crypto'
import { birthOf, type Identity, maskIdentifiers, sexOf } from '#domain/person.ts'
import type { ArrearsSignal, IndustrySignal, Kind, WorkersSignal } from '#domain/signal.ts'
import type { Draft } from './observation.ts'
import type { Keys } from './secret.ts'

/** What a draft needs beside the signal: who sent it, in which request, and the keys that hide people. */
export type Sender = { source: string; batch: string; keys: Keys }

/** Columns of each observations table that come from the signal, in the order of a draft's `cells`. */
export const CELLS = {
  workers: [
    'homeRegion',
    'workRegion',
    'sector',
    'status',
    'occupation',
    'employer',
    'employerCode',
    'project',
    'monthlyWageFen',
    'contractSigned',
    'insured',
    'skills',
    'sex',
    'birthYear',
  ],
  arrears: [
    'caseId',
    'channel',
    'workRegion',
    'homeCodes',
    'homeWorkers',
    'sector',
    'employer',
    'employerCode',
    'project',
    'site',
    'status',
    'workers',
    'owedFen',
    'paidFen',
    'owedSince',
    'gathering',
    'note',
  ],
  industry: [
    'pointId',
    'period',
    'workRegion',
    'sector',
    'project',
    'employers',
    'headcount',
    'hires',
    'departures',
    'vacancies',
    'averageWageFen',
    'wageBillFen',
    'wagePaidFen',
    'paidWorkers',
    'attendingWorkers',
    'registeredWorkers',
    'accountBalanceFen',
    'laborCostTransferredAt',
    'payDay',
    'depositHeldFen',
    'depositRequiredFen',
    'stopped',
    'majorEvent',
  ],
} as const satisfies Record<Kind, readonly string[]>

/**
 * A validated signal as an observation ready to commit. What names a person is hashed here; the rest of it goes along in
 * `identity`, for the vault, and into nothing else.
 */
export const draftFor: { [K in Kind]: (signal: SignalOf[K], sender: Sender) => Draft<K> } = {
  workers: draftWorkers,
  arrears: draftArrears,
  industry: draftIndustry,
}

type SignalOf = { workers: WorkersSignal; arrears: ArrearsSignal; industry: IndustrySignal }

function finish<K extends Kind>(
  kind: K,
  sender: Sender,
  historyKey: string,
  observedAt: number,
  cells: unknown[],
  identity: Identity | null = null,
): Draft<K> {
  const text = JSON.stringify(cells)
  const contentHash = hash('sha1', text, 'base64url').slice(0, 16)
  const { batch, source } = sender
  return {
    kind,
    historyKey,
    observedAt,
    receivedAt: 0,
    ordinal: 0,
    contentHash,
    cells: text,
    batch,
    source,
    identity,
  }
}

function draftWorkers(signal: WorkersSignal, sender: Sender): Draft<'workers'> {
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
  ]
  const personKey = sender.keys.personKey(signal.idNumber)
  const identity = { idNumber: signal.idNumber, name: signal.name, phone: signal.phone ?? '' }
  return finish('workers', sender, personKey, signal.observedAt, cells, identity)
}

function draftArrears(signal: ArrearsSignal, sender: Sender): Draft<'arrears'> {
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
  return finish('arrears', sender, `${sender.source}/${signal.caseId}`, signal.observedAt, cells)
}

function draftIndustry(signal: IndustrySignal, sender: Sender): Draft<'industry'> {
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
  return finish('industry', sender, `${signal.pointId}|${signal.project ?? ''}`, signal.observedAt, cells)
}

/**
 * What arrears add up under: the project where one is named, else the employer; by its code where known, else by its
 * name within the county, since two counties may have firms of one name. Source: domain research §2.4, D15 "per project".
 */
function siteFor(signal: ArrearsSignal): string {
  const county = signal.workRegion.slice(0, 6)
  if (signal.project) return `project:${county}:${signal.project}`
  return signal.employerCode ? `employer:${signal.employerCode}` : `employer:${county}:${signal.employer}`
}
