import { type AuditAction, type AuditEntry, REFUSED_FACTOR } from '#domain/audit.ts'
import { regionName } from '#domain/region.ts'
import { RIGHTS, Right } from '#domain/right.ts'
import type { Bilingual } from '#domain/text.ts'
import type { Sql } from '#sql/postgres.ts'

/** How what has a name in the store is found by its ids. */
const NAMED = {
  person: 'SELECT id, username AS name FROM "user" WHERE id = ANY($1)',
  role: 'SELECT id, title AS name FROM roles WHERE id = ANY($1)',
  source: 'SELECT id, name FROM sources WHERE id = ANY($1)',
  key: `SELECT id, prefix || '…' AS name FROM source_keys WHERE id = ANY($1) AND prefix <> ''`,
  unit: 'SELECT id, name FROM units WHERE id = ANY($1)',
  wall: 'SELECT id, name FROM walls WHERE id = ANY($1)',
  alert: `SELECT id, body->'ruleTitle' AS name, region FROM alerts WHERE id = ANY($1)`,
  batch: 'SELECT b.id, s.name FROM batches b JOIN sources s ON s.id = b.source WHERE b.id = ANY($1)',
} as const
type Named = keyof typeof NAMED

/**
 * What the ids of a subject are ids of. `sender`: a source, or a unit that reports. `key`: a source and its keys. `kept`: what
 * has no name to tell, as the keys of workers and households, addresses of the API and filters.
 */
type Kind = Named | 'sender' | 'right' | 'lock' | 'kept'

/** By the part of an act before its dot, or the act itself where it is about something else. */
const KINDS: Readonly<Record<string, Kind>> = {
  signIn: 'person',
  signOut: 'person',
  password: 'person',
  secondFactor: 'person',
  session: 'person',
  person: 'person',
  post: 'person',
  role: 'role',
  source: 'source',
  mappings: 'source',
  columns: 'source',
  key: 'key',
  unit: 'unit',
  wall: 'wall',
  alert: 'alert',
  batch: 'batch',
  'batch.send': 'sender',
  quarantine: 'batch',
  lock: 'lock',
  refused: 'right',
  'identity.refused': 'right',
}
const kindOf = (action: AuditAction): Kind => KINDS[action] ?? KINDS[action.split('.')[0] ?? ''] ?? 'kept'

/** A list names no more than these. */
const NAMES_MAX = 3
const SECOND_FACTOR: Bilingual = { zh: '第二因素', en: 'Second factor' }

/**
 * What the subjects of entries are called today, in their order: people by their user name as everywhere in the log, keys by
 * their source and first characters, rows by the source of their batch. `null` where nothing has a name: a worker and a
 * household stay the key they are, and what is no longer there its id. An alert tells by its rule and place what somebody may
 * be kept from seeing, so it is named for `seesAlerts` alone.
 */
export async function nameSubjects(
  sql: Sql,
  entries: readonly Pick<AuditEntry, 'action' | 'subject'>[],
  seesAlerts: boolean,
): Promise<(Bilingual | null)[]> {
  const about = entries.map(({ action, subject }) => ({ kind: kindOf(action), ids: subject.split(' ') }))
  const asked = new Map<Named, Set<string>>()
  for (const { kind, ids } of about)
    for (const [named, id] of ids.flatMap((id, i) => lookUps(kind, id, i)))
      asked.set(named, (asked.get(named) ?? new Set()).add(id))
  if (!seesAlerts) asked.delete('alert')
  const names = new Map<string, Bilingual>()
  for (const [kind, ids] of asked)
    for (const row of await sql.query<Row>(NAMED[kind], [[...ids]]))
      names.set(`${kind} ${row.id}`, nameOf(row))
  return about.map(({ kind, ids }) => subjectName(kind, ids, (of, id) => names.get(`${of} ${id}`) ?? null))
}

type Row = { id: string; name: string | Bilingual; region?: string }

function nameOf({ name, region }: Row): Bilingual {
  const title = typeof name === 'string' ? same(name) : name
  return region === undefined ? title : listed([title, regionName(region)], ' · ', ' · ')
}

/** Where the name of one id of a subject may be found. */
function lookUps(kind: Kind, id: string, index: number): [Named, string][] {
  switch (kind) {
    case 'key':
      return [[index === 0 ? 'source' : 'key', id]]
    case 'sender':
      return [
        ['source', id],
        ['unit', id],
      ]
    case 'batch':
      return [['batch', batchOf(id)]]
    case 'lock':
      return index === 2 ? [['source', id]] : []
    case 'right':
    case 'kept':
      return []
    default:
      return [[kind, id]]
  }
}

function subjectName(
  kind: Kind,
  ids: readonly string[],
  find: (of: Named, id: string) => Bilingual | null,
): Bilingual | null {
  const [first = '', ...rest] = ids
  switch (kind) {
    case 'right':
      return first === REFUSED_FACTOR ? SECOND_FACTOR : rightName(first)
    case 'lock':
      return lockName(rest, (id) => find('source', id))
    case 'kept':
      return null
    case 'batch':
      return rowsName(ids, (id) => find('batch', id))
  }
  const found = ids.map(
    (id, i) =>
      lookUps(kind, id, i)
        .map(([of, one]) => find(of, one))
        .find(Boolean) ?? null,
  )
  if (found.every((name) => name === null)) return null
  const all = found.map((name, i) => name ?? same(ids[i] ?? ''))
  if (kind === 'key') {
    const [source = same(first), ...keys] = all
    return listed([source, listed(keys, ' → ', ' → ')], ' · ', ' · ')
  }
  const shown = listed(all.slice(0, NAMES_MAX), '、', ', ')
  // How many there were in all the reason says: not every id of a long list stands in the log.
  return all.length > NAMES_MAX ? { zh: `${shown.zh}等`, en: `${shown.en} and others` } : shown
}

/** A closed period by its region, and by the source that is let into it. */
function lockName(
  [region, source]: readonly string[],
  find: (source: string) => Bilingual | null,
): Bilingual | null {
  if (region === undefined) return null
  const place = regionName(region)
  return source === undefined ? place : listed([place, find(source) ?? same(source)], ' · ', ' · ')
}

/** Batches by their sources, with which row of each was meant, or how many: `batch` or `batch/row`. */
function rowsName(ids: readonly string[], find: (batch: string) => Bilingual | null): Bilingual | null {
  const rows = Map.groupBy(ids, batchOf)
  const found = [...rows].map(([batch, of]) => ({
    name: find(batch) ?? same(batch),
    rows: rowsText(of),
    isThere: find(batch) !== null,
  }))
  if (!found.some(({ isThere }) => isThere)) return null
  return listed(
    found.map(({ name, rows }) => (rows ? listed([name, rows], ' · ', ' · ') : name)),
    '、',
    ', ',
  )
}

function rowsText(ids: readonly string[]): Bilingual | null {
  const row = ids[0]?.split('/')[1]
  if (row === undefined) return null
  return ids.length === 1
    ? { zh: `第 ${row} 行`, en: `row ${row}` }
    : { zh: `${ids.length} 行`, en: `${ids.length} rows` }
}

const rightName = (id: string): Bilingual | null => {
  const right = Right.safeParse(id).data
  return right ? RIGHTS[right] : null
}
const batchOf = (id: string) => id.split('/')[0] ?? id
const same = (text: string): Bilingual => ({ zh: text, en: text })
const listed = (all: readonly Bilingual[], zh: string, en: string): Bilingual => ({
  zh: all.map((one) => one.zh).join(zh),
  en: all.map((one) => one.en).join(en),
})
