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

/** The closed periods that a source has no exception for. */
export async function readLocksOf(postgres: Postgres, source: string): Promise<Lock[]> {
  const locks = await postgres.query<{ kind: Kind; region: string; before: Date }>(
    `SELECT l.kind, l.region, l."before" FROM locks l WHERE NOT EXISTS (
       SELECT FROM lock_exceptions e WHERE e.kind = l.kind AND e.region = l.region AND e.source = $1)
     ORDER BY l.kind, l.region`,
    [source],
  )
  return locks.map(({ kind, region, before }) => ({ kind, region, beforeMs: before.getTime() }))
}
