import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DAY_MS } from '#domain/time.ts'
import { isoOf } from './calendar.ts'
import type { County } from './places.ts'
import { hashText, Random } from './random.ts'
import type { Worker, WorkersRow } from './worker.ts'
import { observationsOf, type TimedRow } from './workers.ts'

/** Where a household is at home and its number there. Model: a third of a county's persons, two to four a household. */
export type Household = { readonly township: string; readonly region: string; readonly number: string }

/** Nine persons in a row are households of two, three and four; one such block in three is known by household. */
const BLOCK = 9
const BLOCKS_KNOWN = 1 / 3
/** The ledgers were written over so many days up to the end of the history. */
const LEDGER_DAYS = 300

/** The household of person `index` of a county; `null` for those who are not known by household. The same for every seed. */
export function householdOf(county: County, index: number): Household | null {
  const block = Math.floor(index / BLOCK)
  const draw = hashText(county.code, block)
  if ((draw % 1000) / 1000 >= BLOCKS_KNOWN) return null
  const place = index % BLOCK
  const ofBlock = place < 2 ? 0 : place < 5 ? 1 : 2
  const number = block * 3 + ofBlock + 1
  const township = county.townships[hashText(county.code, number) % county.townships.length]
  if (township === undefined || township.length < 9) return null
  const villages = villagesOf(township)
  const village = villages[hashText(township, number) % villages.length]
  return { township, region: village ?? township, number: String(number).padStart(4, '0') }
}

const byCounty = new Map<string, readonly string[]>()
const byTownship = new Map<string, readonly string[]>()

function villagesOf(township: string): readonly string[] {
  const known = byTownship.get(township)
  if (known) return known
  const county = township.slice(0, 6)
  const all = byCounty.get(county) ?? readVillages(county)
  byCounty.set(county, all)
  const villages = all.filter((code) => code.startsWith(township))
  byTownship.set(township, villages)
  return villages
}

function readVillages(county: string): string[] {
  const file = fileURLToPath(new URL(`../../generated/villages/${county}.json`, import.meta.url))
  return (JSON.parse(readFileSync(file, 'utf8')) as [string, string][]).map(([code]) => code)
}

/**
 * What the pension ledger of the prefecture says of a person: the village and the household, that he is insured, and the
 * status of the day; nothing of his work. `null` when he was not registered by that day or has withdrawn.
 */
export function ledgerRow(
  worker: Worker,
  household: Household,
  from: number,
  until: number,
): TimedRow<WorkersRow> | null {
  const { idNumber } = worker.person
  const at = until - Math.ceil(new Random(hashText(idNumber), 0, 0).uniform() * LEDGER_DAYS * DAY_MS)
  // Two things that happened on one day were written down in the order of its office hours.
  const observations = observationsOf(worker, from, until).sort((a, b) => a.at - b.at)
  const before = observations.findLast((observation) => observation.at < at)
  if (!before || before.row.status === 'withdrawn') return null
  const { name, status } = before.row
  const row = { idNumber, name, homeRegion: household.region, household: household.number, status }
  return { at, row: { ...row, insured: true, observedAt: isoOf(at) } }
}
