import { AppError } from '#domain/error.ts'
import { lockText } from '#domain/reason.ts'
import type { Kind } from '#domain/signal.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { batchPlacesFor } from '#sql/queries/batch-places.ts'
import { QUARANTINE_LOCK } from '#sql/queries/identities.ts'
import { WITHDRAWAL } from '#sql/queries/withdrawal.ts'
import type { Committers } from './commit.ts'
import { readLocksOf } from './intake-rules.ts'
import { lockDetail, lockedIn, toldByChanges } from './locks.ts'
import { changesOf, historiesOf } from './withdraw.ts'
import { eraseIdentitiesOf } from './withdrawn-identities.ts'

/** A batch that was taken back. `histories`: people, cases or points of which it had told something. */
export type Withdrawal = { batch: string; withdrawnAt: Date; histories: number; reason: string; by: string }

/** Who takes a batch back and why; `done` writes that down elsewhere, in the transaction by which the withdrawal is done. */
type Act = { reason: string; by: string; done?: (sql: Sql) => Promise<void> }

type Stores = { engine: Engine; postgres: Postgres; committers: Committers }

/**
 * Takes a batch back, with who did it and why, and who the persons are whom it alone had told of. Rows of it that wait in quarantine are dismissed with it; those that were
 * corrected or replayed since are in batches of their own, which are taken back by themselves. A repeat answers the first withdrawal. `source` bounds whose batch it may
 * be; `null` any. @throws AppError `not_found`; `conflict` while the batch is still being taken, or when it was a trial;
 * `period_locked` where it would change closed figures; `store_away`, after which it is to be asked again and goes on where it broke off.
 */
export async function withdrawBatch(
  deps: Stores,
  batch: string,
  source: string | null,
  act: Act,
): Promise<Withdrawal & { kind: Kind }> {
  const { postgres } = deps
  const [found] = await postgres.query<{
    source: string
    sourceName: string
    kind: Kind
    mode: string
    isOpen: boolean
  }>(
    `SELECT b.source, coalesce(s.name, b.source) AS "sourceName", b.kind, b.mode, coalesce(u.state IN ('waiting', 'running'), false) AS "isOpen"
     FROM batches b LEFT JOIN sources s ON s.id = b.source LEFT JOIN uploads u ON u.batch = b.id WHERE b.id = $1`,
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
  await rejectClosed(deps, { ...found, batch })
  await dismissWaiting(postgres, batch, act)
  // A period may have been closed while this waited for its turn.
  const mayStill = () => rejectClosed(deps, { ...found, batch })
  return { ...(await withdrawStored(deps, { ...found, batch }, act, mayStill)), kind: found.kind }
}

/** Dismisses what of a batch waits in quarantine. */
export async function dismissWaiting(
  postgres: Postgres,
  batch: string,
  { by, reason }: { by: string; reason: string },
): Promise<void> {
  await postgres.withLock(QUARANTINE_LOCK, () =>
    postgres.query(
      `UPDATE rejected_rows SET state = 'dismissed', "by" = $2, reason = $3, "changedAt" = now() WHERE batch = $1 AND state = 'waiting'`,
      [batch, by, reason],
    ),
  )
}

/**
 * Refuses what would change closed figures, by the rule for late rows, unless the engine has the withdrawal already: then it
 * is only to be finished. One that was written down and got no further was never committed and is forgotten.
 * @throws AppError `period_locked`.
 */
async function rejectClosed(
  { engine, postgres }: Stores,
  { batch, source, sourceName, kind }: { batch: string; source: string; sourceName: string; kind: Kind },
): Promise<void> {
  const locks = (await readLocksOf(postgres, source)).filter((lock) => lock.kind === kind)
  if (locks.length === 0 || (await engine.query(WITHDRAWAL, { batch })).length > 0) return
  const found = new Set(lockedIn(kind, await engine.query(batchPlacesFor(kind), { batch }), locks))
  // Of who was moved out of a region whose period is closed, the batch itself says nothing of that region.
  for await (const chunk of changesOf(engine, kind, batch, await historiesOf(engine, kind, batch))) {
    const changes = chunk.map(([, change]) => change)
    for (const lock of lockedIn(kind, toldByChanges(kind, changes), locks)) found.add(lock)
  }
  const closed = locks.filter((lock) => found.has(lock))
  if (closed.length === 0) return
  await postgres.query('DELETE FROM withdrawals WHERE batch = $1', [batch])
  const periods = (lang: 'zh' | 'en') =>
    closed.map((one) => lockText(lockDetail(one), lang)).join(lang === 'zh' ? '、' : '; ')
  throw new AppError(
    'period_locked',
    `to withdraw this batch would change figures of closed periods (${periods('en')}); ask the administrator for an exception for the source ${sourceName}, or to open them again`,
    {
      zh: `撤回本批次会改变已封账时期的数字（${periods('zh')}）；请管理员为来源“${sourceName}”设例外，或解除封账后再撤回`,
    },
  )
}

/** Takes back what is stored of a batch, whichever state it is in; the rest of `withdrawBatch` is its caller's. */
export async function withdrawStored(
  { engine, postgres, committers }: Stores,
  { batch, source, kind }: { batch: string; source: string; kind: Kind },
  act: Act,
  rejectClosedNow?: () => Promise<void>,
): Promise<Withdrawal> {
  await postgres.query(
    'INSERT INTO withdrawals (batch, reason, "by") VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [batch, act.reason, act.by],
  )
  const { receivedMicros, histories } = await committers[kind].withdraw(batch, source, rejectClosedNow)
  if (kind === 'workers')
    await eraseIdentitiesOf(engine, postgres, { batch, withdrawnMicros: receivedMicros })
  // Whoever found a period closed meanwhile has forgotten what was written down before.
  const [row] = await postgres.transaction(async (sql) => {
    const written = await sql.query<Withdrawal>(
      `INSERT INTO withdrawals (batch, reason, "by", "withdrawnAt", histories) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (batch) DO UPDATE SET "withdrawnAt" = excluded."withdrawnAt", histories = excluded.histories
       RETURNING batch, "withdrawnAt", histories, reason, "by"`,
      [batch, act.reason, act.by, new Date(receivedMicros / 1000), histories],
    )
    await act.done?.(sql)
    return written
  })
  if (!row) throw new AppError('not_found', 'there is no such batch')
  return row
}
