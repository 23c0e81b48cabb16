import { KINDS, type Kind } from '#domain/signal.ts'
import type { Stores } from '#sql/open.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { createCommitters } from '../../ingestion/commit.ts'
import type { Verdict } from '../../ingestion/pick.ts'
import { deriveKeys } from '../../ingestion/secret.ts'

const keys = deriveKeys('a secret of the tests, which is long enough')

/** What a person is stored under on these stores. */
export const personKey = keys.personKey

/** Commits signals of any source as one request, as ingestion would; throws when a row is refused. */
export type Commit = (kind: Kind, rows: unknown[], source?: string) => Promise<Verdict>

/** The real write path without HTTP, on stores that the test has opened. */
export function commitTo(stores: Stores): Commit {
  const committers = createCommitters(stores.engine, stores.postgres, false)
  let batches = 0
  return async (kind, rows, source = 'src_test') => {
    const raw = rows.map((value, i) => ({ row: i + 1, value, fault: null }))
    const scope = { id: source, kinds: KINDS, region: '43' }
    const { drafts, rejected } = acceptRows(kind, raw, scope, {
      source,
      batch: `bat_${++batches}`,
      keys,
      sealer: null,
    })
    if (rejected.length > 0) throw new Error(JSON.stringify(rejected.map((row) => row.faults)))
    const [verdict] = await committers[kind].commit([drafts as never]).counted
    return verdict ?? { accepted: 0, unchanged: 0 }
  }
}
