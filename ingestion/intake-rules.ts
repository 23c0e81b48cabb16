import type { Kind } from '#domain/signal.ts'
import type { Postgres } from '#sql/postgres.ts'
import type { Lock } from './locks.ts'
import type { Mappings, SchemeField } from './schemes.ts'

/** What is asked of a source's rows beyond the schema. `mappings` is `null` where it uses our codes throughout. */
export type IntakeRules = { readonly mappings: Mappings | null; readonly locks: readonly Lock[] }

/** The rules as they stand now: the codes of this source, and the closed periods it has no exception for. */
export async function readIntakeRules(postgres: Postgres, source: string): Promise<IntakeRules> {
  const mapped = await postgres.query<{ field: SchemeField; theirs: string; ours: string }>(
    'SELECT field, theirs, ours FROM source_mappings WHERE source = $1',
    [source],
  )
  const mappings: { [F in SchemeField]?: Map<string, string> } = {}
  for (const { field, theirs, ours } of mapped) {
    mappings[field] ??= new Map()
    mappings[field].set(theirs, ours)
  }
  return {
    mappings: mapped.length > 0 ? mappings : null,
    locks: await readLocksOf(postgres, source),
  }
}

type LockOfAll = { lock: Lock; excepted: readonly string[] }

/** All closed periods, each with the sources that have an exception. */
export async function readLocksWithExceptions(postgres: Postgres): Promise<LockOfAll[]> {
  const rows = await postgres.query<{ kind: Kind; region: string; before: Date; excepted: string[] }>(
    `SELECT kind, region, "before",
       ARRAY(SELECT source FROM lock_exceptions e WHERE e.kind = l.kind AND e.region = l.region) AS excepted
     FROM locks l ORDER BY kind, region`,
  )
  return rows.map(({ kind, region, before, excepted }) => ({
    lock: { kind, region, beforeMs: before.getTime() },
    excepted,
  }))
}

/** Of these the closed periods that a source has no exception for. */
export const closedTo = (source: string, locks: readonly LockOfAll[]): Lock[] =>
  locks.flatMap(({ lock, excepted }) => (excepted.includes(source) ? [] : lock))

/** The closed periods that a source has no exception for. */
export async function readLocksOf(postgres: Postgres, source: string): Promise<Lock[]> {
  return closedTo(source, await readLocksWithExceptions(postgres))
}
