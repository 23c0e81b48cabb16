import { afterAll, beforeAll, expect, test } from 'vitest'
import { Batches } from '../../ingestion/batches.ts'
import { OrphanedBatches } from '../../ingestion/orphaned-batches.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { commitTo } from '../support/commit.ts'
import { arrears } from '../support/signals.ts'
import { emptyStores, openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

test('what was committed and never written down is a batch after the next start, once', async () => {
  // As a process would that is killed after its commit.
  const commit = commitTo(stores)
  await commit('arrears', [arrears({ caseId: 'a' }), arrears({ caseId: 'b' })], 'src_a')
  await commit('arrears', [arrears({ caseId: 'c' })], 'src_b')
  const adopt = () => new OrphanedBatches(stores.engine, stores.postgres).adoptLeft(false, Date.now())
  expect([await adopt(), await adopt()]).toEqual([2, 0])
  expect(
    await stores.postgres.query(
      'SELECT source, kind, mode, received, accepted, unchanged, rejected FROM batches ORDER BY source',
    ),
  ).toEqual([
    { source: 'src_a', kind: 'arrears', mode: 'commit', received: 2, accepted: 2, unchanged: 0, rejected: 0 },
    { source: 'src_b', kind: 'arrears', mode: 'commit', received: 1, accepted: 1, unchanged: 0, rejected: 0 },
  ])
})

test('what was stored and not written down because a store went away is a batch once that is over', async () => {
  await emptyStores(stores)
  const orphans = new OrphanedBatches(stores.engine, stores.postgres)
  const suspect = () => orphans.suspect(Date.now())
  await commitTo(stores)('arrears', [arrears({ caseId: 'd' })], 'src_d')
  // Postgres cannot write it down: a number that does not fit makes the real one refuse.
  const batches = new Batches(
    stores.postgres,
    deriveKeys('a secret of the orphan tests, long enough'),
    suspect,
  )
  const batch = {
    batch: 'bat_d',
    source: 'src_d',
    kind: 'arrears' as const,
    mode: 'commit' as const,
    receivedAt: new Date(),
    received: 1e12,
    accepted: 1,
    unchanged: 0,
    rejected: 0,
  }
  await expect(batches.put(batch, [], null, null)).rejects.toThrow()
  const later = Date.now() + 61_000
  // Not while it may still be written down by who stored it.
  expect(await orphans.adoptFailed(Date.now())).toBe(0)
  expect([await orphans.adoptFailed(later), await orphans.adoptFailed(later)]).toEqual([1, 0])
  const [adopted] = await stores.postgres.query<{ id: string }>(
    `SELECT id FROM batches WHERE source = 'src_d' AND accepted = 1`,
  )
  // One that was only slow is written down after all, as it was sent.
  await batches.put({ ...batch, batch: adopted?.id ?? '', received: 2, rejected: 1 }, [], null, null)
  expect(
    await stores.postgres.query(`SELECT received, accepted, rejected FROM batches WHERE source = 'src_d'`),
  ).toEqual([{ received: 2, accepted: 1, rejected: 1 }])
})
