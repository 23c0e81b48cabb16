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

const draftsOf = (headcount: number) => {
  const rows = [{ row: 1, value: industry({ pointId: `p${headcount}`, headcount }), fault: null }]
  const scope = { id: 's', kinds: KINDS, region: '43' }
  const keys = deriveKeys('a secret of the turns, long enough')
  return acceptRows('industry', rows, scope, { source: 's', batch: 'b', keys, sealer: null }).drafts
}
const counted = async (headcount: number) => {
  const sum = `SELECT toUInt32(sumIf(headcount, headcount > 0)) FROM industry_changes_v1 WHERE historyKey LIKE 'p${headcount}|%'`
  return (await stores.engine.numbers(sum))[0]
}

test('a commit that is stored while another one is looked for is counted once', async () => {
  const query: Engine['query'] = async (asked, params) => {
    // As when readers are busy: long enough for a commit to be stored.
    if ((asked as unknown) === commitQueriesFor('industry').uncounted) await wait(300)
    return await stores.engine.query(asked, params)
  }
  const { industry: committer } = createCommitters({ ...stores.engine, query }, stores.postgres, false)
  await committer.recover()
  const commit = committer.commit([draftsOf(7)])
  await setImmediate()
  await Promise.all([commit.counted, committer.recover()])
  expect(await counted(7)).toBe(7)
})

test('whoever closed a period is answered when what was let in before is counted', async () => {
  const insert: Engine['insert'] = async (rows) => {
    if (rows.table === 'industry_observations_v1') await wait(300)
    await stores.engine.insert(rows)
  }
  const { industry: committer } = createCommitters({ ...stores.engine, insert }, stores.postgres, false)
  await committer.recover()
  const commit = committer.commit([draftsOf(9)])
  await setImmediate()
  await committer.settled()
  expect(await counted(9)).toBe(9)
  await commit.counted
})
