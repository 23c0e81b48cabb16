import { setImmediate, setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KINDS } from '#domain/signal.ts'
import type { Engine } from '#sql/engine.ts'
import { commitQueriesFor } from '#sql/queries/history.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { createCommitters } from '../../ingestion/commit.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { industry } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

test('a commit that is stored while another one is looked for is counted once', async () => {
  const query: Engine['query'] = async (asked, params) => {
    // As when readers are busy: long enough for a commit to be stored.
    if ((asked as unknown) === commitQueriesFor('industry').uncounted) await wait(300)
    return await stores.engine.query(asked, params)
  }
  const { industry: committer } = createCommitters({ ...stores.engine, query }, stores.postgres, false)
  await committer.recover()
  const rows = [{ row: 1, value: industry({ pointId: 'p', headcount: 7 }), fault: null }]
  const scope = { id: 's', kinds: KINDS, region: '43' }
  const sender = {
    source: 's',
    batch: 'b',
    keys: deriveKeys('a secret of the turns, long enough'),
    sealer: null,
  }
  const { drafts } = acceptRows('industry', rows, scope, sender)
  const { counted } = committer.commit([drafts])
  await setImmediate()
  await Promise.all([counted, committer.recover()])
  expect([
    ...(await stores.engine.numbers(
      'SELECT toUInt32(sumIf(headcount, headcount > 0)) FROM industry_changes_v1',
    )),
  ]).toEqual([7])
})
