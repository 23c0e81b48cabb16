import { writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { AppError } from '#domain/error.ts'
import { KINDS, type Kind } from '#domain/signal.ts'
import { DAY_MS } from '#domain/time.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { AcceptPool } from '../../ingestion/accept-pool.ts'
import { Batches } from '../../ingestion/batches.ts'
import { Buffer as CommitBuffer } from '../../ingestion/buffer.ts'
import { ColumnMemory } from '../../ingestion/column-memory.ts'
import { createCommitters } from '../../ingestion/commit.ts'
import { deriveFileSeal } from '../../ingestion/sealed-files.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { Sources } from '../../ingestion/sources.ts'
import { type Upload, UploadLog } from '../../ingestion/upload-log.ts'
import { Uploads } from '../../ingestion/uploads.ts'
import { dismissWaiting, withdrawStored } from '../../ingestion/withdrawals.ts'
import { waitFor } from '../support/server.ts'
import { industry } from '../support/signals.ts'
import { emptyStores, openTestStores } from '../support/stores.ts'

/**
 * Files of which all rows are to be taken or none (`atomic=all`), too large for one commit: what happens between the pass
 * that judges and the last chunk of the one that commits. Real stores and the real way; only the moment is chosen.
 */
const SECRET = 'a secret of the whole-files tests, long enough'
const ROWS = 12_000
const keys = deriveKeys(SECRET)
const MINE = '430503'
const THEIRS = '430502'
/** Yesterday: what is reported of its month counts today. */
const DAY = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10)

/** An upload log that lets something happen at the beginning of a pass, or after a step. */
class Watched extends UploadLog {
  begun: (pass: Upload['pass']) => Promise<void> = async () => undefined
  stepped: (lastRow: number) => void = () => undefined
  leavingOut: () => void = () => undefined
  finishing: () => void = () => undefined

  override async finish(...args: Parameters<UploadLog['finish']>) {
    this.finishing()
    return await super.finish(...args)
  }

  override async start(...args: Parameters<UploadLog['start']>) {
    await super.start(...args)
    await this.begun(args[1])
  }

  override async step(...args: Parameters<UploadLog['step']>) {
    const counts = await super.step(...args)
    this.stepped(args[1].lastRow)
    return counts
  }

  override async putLeftOut(...args: Parameters<UploadLog['putLeftOut']>) {
    this.leavingOut()
    await super.putLeftOut(...args)
  }
}

let stores: Awaited<ReturnType<typeof openTestStores>>
let acceptPool: AcceptPool
let committers: ReturnType<typeof createCommitters>
let sources: Sources
let batches: Batches
let log: Watched
let uploads: Uploads
/** Whether the disk is. */
let isFull = false
beforeAll(async () => {
  stores = await openTestStores()
  acceptPool = new AcceptPool(SECRET)
})
afterAll(async () => {
  await acceptPool.close()
  await stores.close()
})
beforeEach(async () => {
  await emptyStores(stores)
  await open()
})

/** What a process has that starts on the stores. */
async function open(): Promise<void> {
  const { engine, postgres } = stores
  committers = createCommitters(engine, postgres, false)
  sources = new Sources(postgres, () => () => true)
  batches = new Batches(postgres, keys)
  log = new Watched(postgres, batches, 'here')
  const bufferFor = <K extends Kind>(kind: K) =>
    new CommitBuffer(committers[kind] as never, () => undefined) as CommitBuffer<K>
  uploads = new Uploads({
    engine,
    sources,
    committers,
    buffers: {
      workers: bufferFor('workers'),
      arrears: bufferFor('arrears'),
      industry: bufferFor('industry'),
    },
    columns: new ColumnMemory(postgres),
    acceptPool,
    keyVersion: () => 1,
    counted: () => undefined,
    async withdraw(upload, reason) {
      await withdrawStored({ engine, postgres, committers }, upload, { reason, by: upload.source })
    },
    dismiss: (upload, reason) => dismissWaiting(postgres, upload.batch, { by: upload.source, reason }),
    rejectWhenFull: async () => {
      if (isFull) throw new AppError('store_away', 'the disk is nearly full; send again later')
    },
    log,
    dataDir: stores.dataDir,
    fileSeal: deriveFileSeal(SECRET, () => 1),
    failed: (error) => {
      throw error
    },
  })
  await uploads.recover()
}

const NEW = { name: 'test', kinds: [...KINDS], isSynthetic: false, dueEvery: null, graceHours: 24 }
async function sourceOf(region: string) {
  const { id } = await sources.create({ ...NEW, region }, 'test')
  const source = await sources.find(id)
  if (!source) throw new Error('there is no source')
  return source
}

/** A file of one report a point, `p1` to `p12000`, each of one worker. */
const fileOf = (rows: number) =>
  [
    'pointId,period,observedAt,workRegion,sector,headcount',
    ...Array.from({ length: rows }, (_, i) => `p${i + 1},${DAY.slice(0, 7)},${DAY},${MINE},C,1`),
  ].join('\n')

function uploadOf(
  source: string,
  batch: string,
  text: string,
  mode: Upload['mode'],
  atomic: Upload['options']['atomic'],
): Upload {
  const bytes = Buffer.byteLength(text)
  const counts = { received: 0, accepted: 0, unchanged: 0, rejected: 0 }
  return {
    batch,
    source,
    kind: 'industry',
    mode,
    body: { kind: 'spooled', type: 'csv', bytes, isGzip: false },
    options: { atomic, sheet: null, columns: null },
    isAsync: false,
    pass: mode === 'commit' && atomic === 'all' ? 'judge' : 'take',
    lastRow: 0,
    receivedAt: new Date(),
    keyId: null,
    heardMs: null,
    ...counts,
  }
}

type Source = Awaited<ReturnType<typeof sourceOf>>
/** Takes a file as a sender who waits. `isKept`: it lies in a file, as a large one does. */
async function take(
  source: Source,
  batch: string,
  text: string,
  { isKept = true, mode = 'commit', atomic = 'all' } = {},
) {
  const upload = uploadOf(source.id, batch, text, mode as Upload['mode'], atomic as 'row' | 'all')
  const { path, seal } = uploads.placeFor(batch)
  if (isKept) writeFileSync(path, text)
  const body = isKept
    ? ({
        ...upload.body,
        path,
        read: seal.readerOf({ ...upload.body, path }),
        heardMs: 0,
        hash: () => '',
      } as const)
    : ({
        kind: 'memory',
        type: 'csv',
        bytes: upload.body.bytes,
        content: Buffer.from(text),
        heardMs: 0,
        hash: () => '',
      } as const)
  return await uploads.take(upload, body, source)
}

/** Another county tells of a point of the file. */
async function claim(pointId: string): Promise<void> {
  const { id } = await sourceOf(THEIRS)
  const rows = [
    {
      row: 1,
      value: industry({ pointId, period: DAY.slice(0, 7), workRegion: THEIRS, headcount: 7_000_000 }),
      fault: null,
    },
  ]
  const sender = { source: id, batch: 'bat_theirs', keys, sealer: null }
  const { drafts } = acceptRows('industry', rows, { id, kinds: KINDS, region: THEIRS }, sender)
  expect(await committers.industry.commit([drafts]).counted).toEqual([{ accepted: 1, unchanged: 0 }])
}

const headcount = async () =>
  [
    ...(await stores.engine.numbers(
      'SELECT toUInt32(sum(headcount)) FROM industry_changes_v1 WHERE at <= now64(3)',
    )),
  ][0]

function breakAfterFirstCommit(): void {
  let now: Upload['pass'] = 'judge'
  log.begun = async (pass) => {
    now = pass
  }
  log.stepped = () => {
    if (now === 'take') throw new AppError('store_away', 'the store is away')
  }
}

test('a point that another county tells of after it was judged: nothing of the file stays, and it says so', async () => {
  const source = await sourceOf(MINE)
  log.begun = async (pass) => {
    if (pass === 'take') await claim('p11000')
  }
  const { counts, refusal, shown } = await take(source, 'bat_whole', fileOf(ROWS))
  expect(counts).toMatchObject({ received: ROWS, accepted: 0, unchanged: 0, rejected: 1 })
  expect(refusal?.detail).toMatch(/all rows were to be taken or none.* none was taken/)
  expect(shown).toMatchObject([{ row: 11_000, faults: [{ path: 'pointId', code: 'point_elsewhere' }] }])
  expect(await headcount()).toBe(7_000_000)
  expect(await batches.find('bat_whole', null)).toMatchObject({
    state: 'failed',
    accepted: 0,
    unchanged: 0,
    rejected: 1,
    // 10,000 rows had been committed by then.
    withdrawn: { histories: 10_000, by: source.id },
  })
  // What was withdrawn claims nothing: the same rows but one count as new.
  log.begun = async () => undefined
  const others = fileOf(ROWS).replace(/^p11000,.*\n/m, '')
  expect((await take(source, 'bat_again', others)).counts).toMatchObject({ accepted: ROWS - 1, unchanged: 0 })
  expect(await headcount()).toBe(7_000_000 + ROWS - 1)
})

test('a note below a large file that its amounts are in 万元: what was taken of it by then is taken back', async () => {
  const source = await sourceOf(MINE)
  const lines = Array.from({ length: ROWS }, (_, i) => `p${i + 1},${DAY.slice(0, 7)},${DAY},${MINE},C,1,0.5`)
  const text = [
    'pointId,period,observedAt,workRegion,sector,headcount,averageWage',
    ...lines,
    '注：金额单位为万元,,,,,,',
  ].join('\n')
  let committed = 0
  log.stepped = (lastRow) => {
    committed = lastRow
  }
  const taking = take(source, 'bat_scaled', text, { atomic: 'row' })
  await expect(taking).rejects.toThrow(`line ${ROWS + 2} says that the amounts are in 万元`)
  expect(committed).toBeGreaterThanOrEqual(5_000)
  expect(await headcount()).toBe(0)
  expect(await batches.find('bat_scaled', null)).toMatchObject({
    state: 'failed',
    accepted: 0,
    withdrawn: { reason: expect.stringContaining('整份文件未入库') },
  })
})

test('a note below that its amounts are in 万元: nothing of it waits to be judged again without the note', async () => {
  const source = await sourceOf(MINE)
  const lines = Array.from({ length: ROWS }, (_, i) => `p${i + 1},${DAY.slice(0, 7)},${DAY},${MINE},?,1,0.5`)
  const text = [
    'pointId,period,observedAt,workRegion,sector,headcount,averageWage',
    ...lines,
    '注：金额单位为万元,,,,,,',
  ].join('\n')
  const during: Promise<unknown[]>[] = []
  log.stepped = () => during.push(stores.postgres.query('SELECT row FROM quarantine LIMIT 1'))
  await expect(take(source, 'bat_scaled', text, { atomic: 'row' })).rejects.toThrow('万元')
  expect((await Promise.all(during)).flat()).toEqual([])
  expect(during.length).toBeGreaterThan(0)
  const states = await stores.postgres.query<{ state: string; rows: number }>(
    'SELECT state, count(*)::int AS rows FROM quarantine GROUP BY state',
  )
  expect(states).toEqual([{ state: 'dismissed', rows: expect.any(Number) }])
  expect(states[0]?.rows).toBeGreaterThanOrEqual(5_000)
})

test('a disk that is full in the middle: nothing more is taken, and what nobody waits for goes on when there is room', async () => {
  const source = await sourceOf(MINE)
  const fill = () => {
    isFull = true
  }
  log.stepped = fill
  await expect(take(source, 'bat_waited', fileOf(ROWS), { atomic: 'row' })).rejects.toMatchObject({
    code: 'store_away',
  })
  const taken = await headcount()
  expect(taken).toBeLessThan(ROWS)
  expect(await batches.find('bat_waited', null)).toMatchObject({ state: 'failed', accepted: taken })

  isFull = false
  const text = fileOf(ROWS).replaceAll(/^p(?=\d)/gm, 'q')
  const upload = { ...uploadOf(source.id, 'bat_left', text, 'commit', 'row'), isAsync: true }
  writeFileSync(uploads.placeFor(upload.batch).path, text)
  await uploads.enqueue(upload, null)
  await waitFor(async () => isFull, 30_000)
  log.stepped = () => undefined
  isFull = false
  await waitFor(async () => (await batches.find('bat_left', null))?.state === 'done', 30_000)
  expect(await headcount()).toBe((taken ?? 0) + ROWS)
})

test('a key that was revoked: what was sent with it and waits is not taken', async () => {
  const source = await sourceOf(MINE)
  const [key] = await stores.postgres.query<{ id: string }>(
    'UPDATE source_keys SET "revokedAt" = now() WHERE source = $1 RETURNING id',
    [source.id],
  )
  const text = fileOf(10)
  const upload = { ...uploadOf(source.id, 'bat_revoked', text, 'commit', 'row'), isAsync: true }
  writeFileSync(uploads.placeFor(upload.batch).path, text)
  await uploads.enqueue({ ...upload, keyId: key?.id ?? '' }, null)
  await waitFor(async () => (await batches.find('bat_revoked', null))?.state === 'failed', 30_000)
  expect(await batches.find('bat_revoked', null)).toMatchObject({
    accepted: 0,
    problem: { code: 'unauthenticated', zh: expect.stringContaining('吊销') },
  })
  expect(await headcount()).toBe(0)
})

test('a store that is away when the end is to be written down: it is written down later, and can be withdrawn then', async () => {
  const source = await sourceOf(MINE)
  let isAway = true
  log.stepped = log.finishing = () => {
    if (isAway) throw new AppError('store_away', 'the store is away')
  }
  const taking = take(source, 'bat_open', fileOf(10), { atomic: 'row' })
  await expect(taking).rejects.toMatchObject({ code: 'store_away' })
  expect((await batches.find('bat_open', null))?.state).toBe('running')
  isAway = false
  await waitFor(async () => (await batches.find('bat_open', null))?.state === 'failed', 30_000)
  expect(await batches.find('bat_open', null)).toMatchObject({ accepted: 10, received: 10 })
})

test('one that is refused at its first chunk was never there', async () => {
  const source = await sourceOf(MINE)
  log.begun = async (pass) => {
    if (pass === 'take') await claim('p1')
  }
  const { counts } = await take(source, 'bat_whole', fileOf(ROWS))
  expect(counts).toMatchObject({ received: ROWS, accepted: 0, unchanged: 0, rejected: 1 })
  expect((await batches.find('bat_whole', null))?.withdrawn).toBeNull()
})

test('a period that is closed in the middle: nothing of the rest is taken, and nothing of a whole file stays', async () => {
  const source = await sourceOf(MINE)
  const close = () =>
    void stores.postgres.query(
      `INSERT INTO locks (kind, region, "before", reason, "by") VALUES ('industry', '43', now(), '已定', 'a test') ON CONFLICT DO NOTHING`,
    )
  log.stepped = close
  const { counts, shown } = await take(source, 'bat_rows', fileOf(ROWS), { atomic: 'row' })
  // The second chunk of 5,000 may have been gone through by then, the last cannot.
  expect([2_000, 7_000]).toContain(counts.rejected)
  expect(counts.accepted).toBe(ROWS - counts.rejected)
  expect(shown[0]?.faults).toMatchObject([{ path: 'period', code: 'period_locked' }])
  await stores.postgres.query('DELETE FROM locks')

  let now: Upload['pass'] = 'judge'
  log.begun = async (pass) => {
    now = pass
  }
  log.stepped = () => now === 'take' && close()
  const text = fileOf(ROWS).replaceAll(/^p/gm, 'q').replace('qointId', 'pointId')
  expect((await take(source, 'bat_whole', text)).counts).toMatchObject({ accepted: 0 })
  expect(await headcount()).toBe(counts.accepted)
  await stores.postgres.query('DELETE FROM locks')
})

test('a store that is away in the middle: the sender hears of it, and all of the file is taken afterwards', async () => {
  const source = await sourceOf(MINE)
  breakAfterFirstCommit()
  await expect(take(source, 'bat_whole', fileOf(ROWS))).rejects.toMatchObject({ code: 'store_away' })
  expect(await headcount()).toBeGreaterThan(0)
  await uploads.close()
  await open()
  await waitFor(async () => (await batches.find('bat_whole', null))?.state === 'done', 30_000)
  expect(await batches.find('bat_whole', null)).toMatchObject({ received: ROWS, accepted: ROWS, rejected: 0 })
  expect(await headcount()).toBe(ROWS)
})

test('the same of a body that was in memory only: nothing stays', async () => {
  const source = await sourceOf(MINE)
  breakAfterFirstCommit()
  await expect(take(source, 'bat_whole', fileOf(ROWS), { isKept: false })).rejects.toMatchObject({
    code: 'store_away',
  })
  await uploads.close()
  await open()
  await waitFor(async () => (await batches.find('bat_whole', null))?.state === 'failed', 30_000)
  expect(await batches.find('bat_whole', null)).toMatchObject({ accepted: 0, withdrawn: { by: source.id } })
  expect(await headcount()).toBe(0)
})

test('a file that breaks off is told of, and no store that goes away while it is', async () => {
  const source = await sourceOf(MINE)
  log.leavingOut = () => {
    throw new AppError('store_away', 'the store is away')
  }
  const broken = take(source, 'bat_whole', `${fileOf(ROWS)}\n"`)
  await expect(broken).rejects.toMatchObject({
    code: 'bad_request',
    message: expect.stringMatching(/quotes/),
  })
  expect(await batches.find('bat_whole', null)).toMatchObject({
    state: 'failed',
    problem: { code: 'bad_request', zh: expect.stringContaining('引号') },
  })
})

test('a store that goes away while it is told what was left out is told once, and that is why the file failed', async () => {
  const source = await sourceOf(MINE)
  let told = 0
  log.leavingOut = () => {
    told++
    throw new AppError('store_away', 'the store is away')
  }
  await expect(take(source, 'bat_whole', fileOf(10))).rejects.toMatchObject({ code: 'store_away' })
  expect(told).toBe(1)
  expect(await batches.find('bat_whole', null)).toMatchObject({
    state: 'failed',
    problem: { code: 'store_away' },
  })
})

test('a file that breaks off says what was taken of it, also of the chunk that is committed just then', async () => {
  const source = await sourceOf(MINE)
  const { industry } = committers
  const commit = industry.commit.bind(industry)
  const commits: Promise<unknown>[] = []
  industry.commit = (...drafts) => {
    const begun = setTimeout(500).then(() => commit(...drafts))
    const counted = begun.then((one) => one.counted)
    commits.push(counted)
    return { stored: begun.then((one) => one.stored), counted }
  }
  const broken = take(source, 'bat_half', `${fileOf(ROWS)}\n"`, { atomic: 'row' })
  await expect(broken).rejects.toMatchObject({ code: 'bad_request' })
  await Promise.all(commits)
  const taken = await batches.find('bat_half', null)
  expect(taken).toMatchObject({ state: 'failed', received: taken?.accepted })
  expect(taken?.accepted).toBeGreaterThan(0)
  expect(await headcount()).toBe(taken?.accepted)
})

test('a trial says in one pass what would be refused, and that nothing would be taken', async () => {
  const source = await sourceOf(MINE)
  await claim('p11000')
  const passes: string[] = []
  log.begun = async (pass) => void passes.push(pass)
  const { counts, refusal } = await take(source, 'bat_trial', fileOf(ROWS), { mode: 'validate' })
  expect(counts).toMatchObject({ received: ROWS, accepted: 0, unchanged: 0, rejected: 1 })
  expect(refusal?.detail).toMatch(/none was taken/)
  expect(passes).toEqual(['take'])
})
