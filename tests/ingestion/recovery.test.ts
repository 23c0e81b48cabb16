import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '#domain/error.ts'
import { everythingFor } from '#domain/scope.ts'
import { KINDS } from '#domain/signal.ts'
import type { Engine } from '#sql/engine.ts'
import { migrate } from '#sql/migrate.ts'
import { Measures } from '../../api/measures/answers.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { Committer } from '../../ingestion/commit.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { idNumber, worker } from '../support/signals.ts'
import { emptyStores, openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
const keys = deriveKeys('a secret of the recovery tests, long enough')

beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())
beforeEach(() => emptyStores(stores))

/** The engine, which stops taking writes after so many, as a process that dies or a disk that is full does. */
function failingAfter(writes: number): Engine {
  const { engine } = stores
  const spend = () => {
    if (writes-- <= 0) throw new AppError('store_away', 'the disk is full')
  }
  return {
    ...engine,
    insert: async (insert) => {
      spend()
      await engine.insert(insert)
    },
    command: async (sql) => {
      spend()
      await engine.command(sql)
    },
  }
}

const committerOn = (engine: Engine) => new Committer('workers', engine, stores.postgres, false)
const drafts = (...rows: Record<string, unknown>[]) => {
  const raw = rows.map((value, i) => ({ row: i + 1, value: worker(value), fault: null }))
  return acceptRows(
    'workers',
    raw,
    { id: 's', kinds: KINDS, region: '' },
    { source: 's', batch: 'b', keys, sealer: null },
  ).drafts
}
const day = (n: number) => `2026-10-${String(n).padStart(2, '0')}T08:00:00+08:00`
const FIRST = () =>
  drafts({ idNumber: idNumber(1), observedAt: day(1) }, { idNumber: idNumber(2), observedAt: day(2) })
/** Ends one person's work, moves the other: signs that cancel in the totals, so a sum alone would not show them missing. */
const SECOND = () =>
  drafts(
    { idNumber: idNumber(1), observedAt: day(5), status: 'withdrawn' },
    { idNumber: idNumber(2), observedAt: day(6), workRegion: '330106' },
    { idNumber: idNumber(3), observedAt: day(7) },
  )

async function counts(): Promise<unknown> {
  const measures = new Measures(stores.engine, stores.postgres, 'blur')
  const ask = {
    measure: 'workers.count' as const,
    region: null,
    role: null,
    sector: null,
    atMs: Date.now(),
    fromMs: 0,
    toMs: Date.now(),
    knownAtMs: null,
  }
  const byRoute = await measures.distribution(everythingFor('a test'), {
    ...ask,
    by: ['home.county', 'work.province'],
  })
  const bySector = await measures.distribution(everythingFor('a test'), { ...ask, by: ['sector', 'status'] })
  const byWork = await measures.distribution(everythingFor('a test'), { ...ask, by: ['work.county'] })
  const byDay = await measures.series(
    everythingFor('a test'),
    { ...ask, by: [], fromMs: Date.parse(day(1)), toMs: Date.parse(day(9)) },
    'day',
  )
  return [byRoute.rows, bySector.rows, byWork.rows, byDay.rows]
}

describe('a commit that breaks off', () => {
  it('is finished by the next process exactly once, wherever it broke off', async () => {
    const sound = committerOn(stores.engine)
    await sound.commit([FIRST()]).counted
    await sound.commit([SECOND()]).counted
    const expected = await counts()
    let broken = 0
    // One more write each time, until the commit gets through: after the observations, the changes, each roll-up, before the receipt.
    for (let writes = 0; ; writes++) {
      await emptyStores(stores)
      await committerOn(stores.engine).commit([FIRST()]).counted
      const failing = committerOn(failingAfter(writes))
      const isThrough = await failing.commit([SECOND()]).counted.then(
        () => true,
        () => false,
      )
      const next = committerOn(stores.engine)
      await next.recover()
      const again = await next.commit([SECOND()]).counted
      // Before the observations were in, the sender's retry brings them; after that they are there and counted.
      expect(again, `after ${writes} writes`).toEqual([
        writes === 0 ? { accepted: 3, unchanged: 0 } : { accepted: 0, unchanged: 3 },
      ])
      expect(await counts(), `after ${writes} writes`).toEqual(expected)
      if (isThrough) break
      broken++
    }
    expect(broken).toBe(4)
  })

  it('is finished by the same process before anything else is stored', async () => {
    const { engine } = stores
    let isFull = false
    const refuse = (sql: string) => {
      if (isFull && sql.includes('workers_rollup')) throw new AppError('store_away', 'the disk is full')
    }
    const committer = committerOn({
      ...engine,
      command: async (sql) => {
        refuse(sql)
        await engine.command(sql)
      },
    })
    await committer.commit([FIRST()]).counted
    isFull = true
    await expect(committer.commit([SECOND()]).counted).rejects.toMatchObject({ code: 'store_away' })
    await expect(
      committer.commit([drafts({ idNumber: idNumber(4), observedAt: day(8) })]).counted,
    ).rejects.toMatchObject({ code: 'store_away' })
    isFull = false
    expect(await committer.commit([SECOND()]).counted).toEqual([{ accepted: 0, unchanged: 3 }])
    const total = (await counts()) as [{ value: number }[]]
    expect(total[0].reduce((sum, row) => sum + row.value, 0)).toBe(2)
  })

  it('is finished when it was rolled up and its change rows did not get in', async () => {
    const { engine } = stores
    await committerOn(engine).commit([FIRST()]).counted
    await committerOn(engine).commit([SECOND()]).counted
    const expected = await counts()
    await emptyStores(stores)
    await committerOn(engine).commit([FIRST()]).counted
    let rolledUp = 0
    const failing = committerOn({
      ...engine,
      insert: async (insert) => {
        if (insert.table === 'workers_changes_v1') throw new AppError('store_away', 'the disk is full')
        await engine.insert(insert)
      },
      command: async (sql) => {
        await engine.command(sql)
        if (sql.includes('INTO workers_rollup_v1')) rolledUp++
      },
    })
    await expect(failing.commit([SECOND()]).counted).rejects.toMatchObject({ code: 'store_away' })
    // Both have ended when the failure is told: what mends it finds the roll-up as it will stay.
    expect(rolledUp).toBe(1)
    await committerOn(engine).recover()
    expect(await counts()).toEqual(expected)
  })

  it('mends a roll-up that holds neither all nor all but the last commit', async () => {
    const sound = committerOn(stores.engine)
    await sound.commit([FIRST()]).counted
    await sound.commit([SECOND()]).counted
    const expected = await counts()
    await stores.engine.command('TRUNCATE TABLE workers_rollup_v1')
    await stores.engine.command('TRUNCATE TABLE source_receipts_v1')
    await committerOn(stores.engine).recover()
    expect(await counts()).toEqual(expected)
  })
})

it('fills the roll-ups of an installation from before they were one table a kind', async () => {
  const { engine, postgres } = stores
  await committerOn(engine).commit([FIRST()]).counted
  await committerOn(engine).commit([SECOND()]).counted
  const expected = await counts()
  for (const table of ['workers_rollup_v1', 'arrears_rollup_v1'])
    await engine.command(`DROP TABLE ${table} SYNC`)
  await engine.command(
    `ALTER TABLE migrations DELETE WHERE name = '0016_one_rollup.sql' SETTINGS mutations_sync = 2`,
  )
  await migrate(engine, postgres)
  expect(await counts()).toEqual(expected)
})
