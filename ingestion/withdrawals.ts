import { AppError } from '#domain/error.ts'
import type { Kind } from '#domain/signal.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { QUARANTINE_LOCK } from '#sql/queries/identities.ts'
import type { Committers } from './commit.ts'
import { eraseIdentitiesOf } from './withdrawn-identities.ts'

/** A batch that was taken back. `histories`: people, cases or points of which it had told something. */
export type Withdrawal = { batch: string; withdrawnAt: Date; histories: number; reason: string; by: string }

type Stores = { engine: Engine; postgres: Postgres; committers: Committers }

/**
 * Takes a batch back, with who did it and why, and who the persons are whom it alone had told of. Rows of it that wait in quarantine are dismissed with it; those that were
 * corrected or replayed since are in batches of their own, which are taken back by themselves. A repeat answers the first withdrawal. `source` bounds whose batch it may
 * be; `null` any. @throws AppError `not_found`; `conflict` while the batch is still being taken, or when it was a trial;
 * `store_away`, after which it is to be asked again and goes on where it broke off.
 */
export async function withdrawBatch(
  deps: Stores,
  batch: string,
  source: string | null,
  act: { reason: string; by: string },
): Promise<Withdrawal & { kind: Kind }> {
  const { postgres } = deps
  const [found] = await postgres.query<{ source: string; kind: Kind; mode: string; isOpen: boolean }>(
    `SELECT b.source, b.kind, b.mode, coalesce(u.state IN ('waiting', 'running'), false) AS "isOpen"
     FROM batches b LEFT JOIN uploads u ON u.batch = b.id WHERE b.id = $1`,
    [batch],
  )
  if (!found || (source !== null && found.source !== source))
    throw new AppError(
      'not_found',
      source === null ? 'there is no such batch' : 'this source has no such batch',
    )
  if (found.mode !== 'commit')
    throw new AppError(
      'conflict',
      'this batch was only judged, nothing of it was kept: there is nothing to withdraw',
    )
  if (found.isOpen)
    throw new AppError(
      'conflict',
      'this batch is still being taken; withdraw it when its state is done or failed',
    )
  await postgres.withLock(QUARANTINE_LOCK, () =>
    postgres.query(
      `UPDATE rejected_rows SET state = 'dismissed', "by" = $2, reason = $3, "changedAt" = now() WHERE batch = $1 AND state = 'waiting'`,
      [batch, act.by, act.reason],
    ),
  )
  return { ...(await withdrawStored(deps, { ...found, batch }, act)), kind: found.kind }
}

/** Takes back what is stored of a batch, whichever state it is in; the rest of `withdrawBatch` is its caller's. */
export async function withdrawStored(
  { engine, postgres, committers }: Stores,
  { batch, source, kind }: { batch: string; source: string; kind: Kind },
  act: { reason: string; by: string },
): Promise<Withdrawal> {
  await postgres.query(
    'INSERT INTO withdrawals (batch, reason, "by") VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [batch, act.reason, act.by],
  )
  const { receivedMicros, histories } = await committers[kind].withdraw(batch, source)
  if (kind === 'workers')
    await eraseIdentitiesOf(engine, postgres, { batch, withdrawnMicros: receivedMicros })
  const [row] = await postgres.query<Withdrawal>(
    `UPDATE withdrawals SET "withdrawnAt" = $2, histories = $3 WHERE batch = $1
     RETURNING batch, "withdrawnAt", histories, reason, "by"`,
    [batch, new Date(receivedMicros / 1000), histories],
  )
  if (!row) throw new AppError('not_found', 'there is no such batch')
  return row
}
