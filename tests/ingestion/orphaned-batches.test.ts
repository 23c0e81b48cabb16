import { afterAll, beforeAll, expect, test } from 'vitest'
import { adoptOrphanedBatches } from '../../ingestion/orphaned-batches.ts'
import { commitTo } from '../support/commit.ts'
import { arrears } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'

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
  const adopt = () => adoptOrphanedBatches(stores.engine, stores.postgres, false)
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
