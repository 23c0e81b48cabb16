import { afterAll, beforeAll, expect, test } from 'vitest'
import { Batches } from '../../ingestion/batches.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { type Upload, UploadLog } from '../../ingestion/upload-log.ts'
import { openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

test('a chunk that was stored and not written down counts as received, and nothing as less than none', async () => {
  const keys = deriveKeys('a secret of the upload log, long enough')
  const log = new UploadLog(stores.postgres, new Batches(stores.postgres, keys), 'here')
  const counts = { received: 0, accepted: 0, unchanged: 0, rejected: 0 }
  const upload: Upload = {
    batch: 'bat_a',
    source: 'src_a',
    kind: 'arrears',
    mode: 'commit',
    options: { atomic: 'row', sheet: null, columns: null },
    body: { kind: 'spooled', type: 'csv', bytes: 1, isGzip: false },
    isAsync: true,
    pass: 'take',
    lastRow: 0,
    receivedAt: new Date(),
    keyId: null,
    heardMs: null,
    ...counts,
  }
  await log.begin(upload, null)
  const first = { received: 5_000, accepted: 4_990, unchanged: 10, rejected: 0 }
  await log.step(upload, { counts: first, rejected: [], lastRow: 5_000, bytesDone: 1 })
  const problem = { code: 'store_away', detail: 'away', zh: '不在' } as const
  expect(await log.finish('bat_a', problem, 9_990)).toEqual({
    received: 9_990,
    accepted: 9_990,
    unchanged: 0,
    rejected: 0,
  })
})
