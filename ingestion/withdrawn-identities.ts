import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { IDENTITY_LOCK } from '#sql/queries/identities.ts'

/**
 * Takes from the disk who the persons are of whom nothing is known but by withdrawn batches, for one such batch: nothing
 * that counts needs their records any more. A record that came after the withdrawal stays, and one of a person whom
 * another batch told of stays as it is: what it replaced is not there to go back to. Doing it again changes nothing.
 */
export async function eraseIdentitiesOf(
  engine: Engine,
  postgres: Postgres,
  { batch, withdrawnMicros }: { batch: string; withdrawnMicros: number },
): Promise<void> {
  if (!/^[\w-]{1,100}$/.test(batch)) throw new Error('a batch has an id that none can have')
  const inBatch = `SELECT historyKey FROM workers_observations_v1 WHERE batch = '${batch}'`
  // No sealing again may write a record back that is going.
  await postgres.withLock(IDENTITY_LOCK, () =>
    engine.command(
      `ALTER TABLE identities_v1 DELETE WHERE receivedAt <= fromUnixTimestamp64Micro(${BigInt(withdrawnMicros)})
         AND personKey IN (${inBatch})
         AND personKey NOT IN (SELECT historyKey FROM workers_observations_v1 WHERE historyKey IN (${inBatch})
           AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1))
       SETTINGS mutations_sync = 2`,
    ),
  )
}
