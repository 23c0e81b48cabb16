import { KINDS } from '#domain/signal.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { newestBatchesFor } from '#sql/queries/newest-batches.ts'
import { NEWEST_RECEIPTS } from '#sql/queries/newest-receipts.ts'

/** How long before the last commit a process that is gone may have stored something and not written down of which batch it was. */
const BEFORE_MS = 10 * 60_000
/** What other processes have stored they will write down themselves in this time. */
const OTHERS_MS = 60_000
const ROWS_PER_INSERT = 5_000

/**
 * Writes down the batches that the store has rows of and Postgres knows nothing of: a process that was killed between the commit and
 * what is kept of it leaves one, and what nobody knows nobody can withdraw. Answers how many there were. Before the first
 * request; `isShared`: other processes may be committing.
 */
export async function adoptOrphanedBatches(
  engine: Engine,
  postgres: Postgres,
  isShared: boolean,
): Promise<number> {
  const receipts = await engine.query(NEWEST_RECEIPTS)
  const until = Date.now() - (isShared ? OTHERS_MS : 0)
  let adopted = 0
  for (const { kind, knownAtMicros } of receipts) {
    const known = KINDS.find((one) => one === kind)
    if (!known) continue
    const since = Math.floor(knownAtMicros / 1000) - BEFORE_MS
    const batches = await engine.query(newestBatchesFor(known), { since, until })
    for (let i = 0; i < batches.length; i += ROWS_PER_INSERT) {
      const some = batches.slice(i, i + ROWS_PER_INSERT)
      const inserted = await postgres.query(
        `INSERT INTO batches (id, source, kind, mode, "receivedAt", received, accepted, unchanged, rejected)
         SELECT id, source, $1, 'commit', to_timestamp(ms / 1000.0), n, n, 0, 0
         FROM unnest($2::text[], $3::text[], $4::float8[], $5::int[]) AS b(id, source, ms, n)
         ON CONFLICT DO NOTHING RETURNING id`,
        [
          known,
          some.map(({ batch }) => batch),
          some.map(({ source }) => source),
          some.map(({ receivedMs }) => receivedMs),
          some.map(({ observations }) => observations),
        ],
      )
      adopted += inserted.length
    }
  }
  return adopted
}
