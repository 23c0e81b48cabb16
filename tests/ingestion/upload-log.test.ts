import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY_MS } from '#domain/time.ts'
import { Batches, rejectPastTrial } from '../../ingestion/batches.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { type Upload, UploadLog } from '../../ingestion/upload-log.ts'
import { openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

const keys = deriveKeys('a secret of the upload log, long enough')

function uploadOf(batch: string): Upload {
  const counts = { received: 0, accepted: 0, unchanged: 0, rejected: 0 }
  return {
    batch,
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
}

test('a chunk that was stored and not written down counts as received, and nothing as less than none', async () => {
  const log = new UploadLog(stores.postgres, new Batches(stores.postgres, keys), 'here')
  const upload = uploadOf('bat_a')
  await log.begin(upload, null)
  const first = { received: 5_000, accepted: 4_990, unchanged: 10, rejected: 0 }
  await log.step(upload, { counts: first, rejected: [], lastRow: 5_000, bytesDone: 1 })
  const problem = { code: 'store_away', detail: 'away', zh: '不在' } as const
  expect(await log.finish('bat_a', problem, 9_990)).toEqual({
    received: 9_990,
    accepted: 9_990,
    unchanged: 0,
    rejected: 0,
    notKept: 0,
  })
})

test('of very many rejected rows the first are kept and all are counted, over chunks, passes and in one piece', async () => {
  const batches = new Batches(stores.postgres, keys, undefined, 5)
  const log = new UploadLog(stores.postgres, batches, 'here')
  const upload = uploadOf('bat_many')
  const faults = [{ path: 'owed', code: 'negative' as const }]
  const bad = (first: number) => [0, 1, 2].map((i) => ({ row: first + i, value: {}, faults }))
  const step = (first: number) => {
    const counts = { received: 4, accepted: 1, unchanged: 0, rejected: 3 }
    return log.step(upload, { counts, rejected: bad(first), lastRow: first + 3, bytesDone: 1 })
  }
  const kept = async (batch: string) =>
    (
      await stores.postgres.query<{ row: number }>(
        'SELECT row FROM rejected_rows WHERE batch = $1 ORDER BY row',
        [batch],
      )
    ).map(({ row }) => row)
  await log.begin(upload, null)
  await log.start(upload.batch, 'judge', true)
  for (const first of [1, 5, 9]) await step(first)
  expect(await kept('bat_many')).toEqual([1, 2, 3, 5, 6])
  expect(await batches.find('bat_many', null)).toMatchObject({ rejected: 9, notKept: 4 })
  await log.start(upload.batch, 'take', true)
  expect(await step(1)).toEqual({ received: 4, accepted: 1, unchanged: 0, rejected: 3 })
  expect(await step(5)).toEqual({ received: 8, accepted: 2, unchanged: 0, rejected: 6 })
  expect(await batches.find('bat_many', null)).toMatchObject({ rowsDone: 8, rejected: 6, notKept: 1 })
  expect(await log.finish('bat_many', null, 2)).toEqual({
    received: 8,
    accepted: 2,
    unchanged: 0,
    rejected: 6,
    notKept: 1,
  })

  const rejected = [...bad(1), ...bad(4)]
  const counts = { received: 6, accepted: 0, unchanged: 0, rejected: 6, notKept: batches.tooMany(6) }
  const piece = { batch: 'bat_piece', source: 'src_a', kind: 'arrears', mode: 'commit' } as const
  await batches.put({ ...piece, receivedAt: new Date(), ...counts }, rejected, null, null)
  expect(await kept('bat_piece')).toEqual([1, 2, 3, 4, 5])
  expect(await batches.find('bat_piece', null)).toMatchObject({ rejected: 6, notKept: 1 })
})

test('the name of a sheet, which may be a person’s, is not kept when its upload has ended', async () => {
  const log = new UploadLog(stores.postgres, new Batches(stores.postgres, keys), 'here')
  const upload = uploadOf('bat_sheet')
  await log.begin({ ...upload, options: { ...upload.options, sheet: '张三' } }, null)
  expect((await log.findOpen('bat_sheet'))?.options.sheet).toBe('张三')
  await log.finish('bat_sheet', null, 0)
  expect(await stores.postgres.query(`SELECT options FROM uploads WHERE batch = 'bat_sheet'`)).toEqual([
    { options: { atomic: 'row', sheet: null, columns: null } },
  ])
})

test('the rejected rows of a trial are there for a day after its end, those of a commit for good', async () => {
  const batches = new Batches(stores.postgres, keys)
  const log = new UploadLog(stores.postgres, batches, 'here')
  const rejected = [{ row: 1, value: {}, faults: [{ path: 'owed', code: 'negative' as const }] }]
  const counts = { received: 1, accepted: 0, unchanged: 0, rejected: 1 }
  const nowMs = Date.now()
  const one = { source: 'src_a', kind: 'arrears', receivedAt: new Date(nowMs) } as const
  await batches.put({ ...one, batch: 'bat_trial', mode: 'validate', ...counts }, rejected, null, null)
  await batches.put({ ...one, batch: 'bat_taken', mode: 'commit', ...counts }, rejected, null, null)
  for (const batch of ['bat_ended', 'bat_going_on']) {
    const trial = { ...uploadOf(batch), mode: 'validate' as const }
    await log.begin(trial, null)
    await log.step(trial, { counts, rejected, lastRow: 1, bytesDone: 1 })
  }
  await log.finish('bat_ended', null, null)
  const left = async () =>
    (
      await stores.postgres.query<{ batch: string }>(
        `SELECT batch FROM rejected_rows WHERE batch = ANY($1) ORDER BY batch`,
        [['bat_trial', 'bat_taken', 'bat_ended', 'bat_going_on']],
      )
    ).map(({ batch }) => batch)
  await batches.sweepTrials(nowMs + DAY_MS - 1)
  expect(await left()).toEqual(['bat_ended', 'bat_going_on', 'bat_taken', 'bat_trial'])
  await batches.sweepTrials(nowMs + DAY_MS + 60_000)
  expect(await left()).toEqual(['bat_going_on', 'bat_taken'])

  const trial = await batches.find('bat_trial', null)
  if (!trial) throw new Error('the batch is gone')
  expect(() => rejectPastTrial(trial, nowMs + DAY_MS - 1)).not.toThrow()
  expect(() => rejectPastTrial(trial, nowMs + DAY_MS)).toThrow(/kept for a day/)
  expect(() => rejectPastTrial({ ...trial, mode: 'commit' }, nowMs + 9 * DAY_MS)).not.toThrow()
})
