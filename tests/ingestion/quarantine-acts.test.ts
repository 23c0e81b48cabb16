import { afterAll, beforeAll, expect, test } from 'vitest'
import { KINDS, type Kind } from '#domain/signal.ts'
import type { Sql } from '#sql/postgres.ts'
import { AcceptPool } from '../../ingestion/accept-pool.ts'
import { Batches } from '../../ingestion/batches.ts'
import { Buffer as CommitBuffer } from '../../ingestion/buffer.ts'
import { createCommitters } from '../../ingestion/commit.ts'
import { deriveIdentitySeal } from '../../ingestion/identity-seal.ts'
import { Quarantine } from '../../ingestion/quarantine.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { Sources } from '../../ingestion/sources.ts'
import { Vault } from '../../ingestion/vault.ts'
import { arrears, idNumber, worker } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'

const SECRET = 'a secret of the acts in quarantine, long enough'
const FAULTS = [{ path: 'workers', code: 'negative' as const }]

let stores: Awaited<ReturnType<typeof openTestStores>>
let acceptPool: AcceptPool
let quarantine: Quarantine
let batches: Batches
let source: string
const keys = deriveKeys(SECRET)
beforeAll(async () => {
  stores = await openTestStores()
  acceptPool = new AcceptPool(SECRET)
  const { engine, postgres } = stores
  batches = new Batches(postgres, keys)
  const vault = new Vault(engine, postgres, deriveIdentitySeal(SECRET), (error) => {
    throw error
  })
  const committers = createCommitters(engine, postgres, false, (fresh, micros) => vault.put(fresh, micros))
  const sources = new Sources(postgres, () => () => true)
  const bufferFor = <K extends Kind>(kind: K) =>
    new CommitBuffer(committers[kind] as never, () => undefined) as CommitBuffer<K>
  const buffers = {
    workers: bufferFor('workers'),
    arrears: bufferFor('arrears'),
    industry: bufferFor('industry'),
  }
  quarantine = new Quarantine({
    postgres,
    sources,
    batches,
    buffers,
    keys,
    acceptPool,
    keyVersion: () => 1,
  })
  const asked = { name: 'test', kinds: [...KINDS], isSynthetic: false, dueEvery: null, graceHours: 24 }
  source = (await sources.create({ ...asked, region: '43' }, 'test')).id
  const counts = { received: 4, accepted: 1, unchanged: 0, rejected: 3 }
  await batches.put(
    { batch: 'bat_acts', source, kind: 'arrears', mode: 'commit', receivedAt: new Date(), ...counts },
    [1, 2, 3].map((row) => ({ row, value: arrears({ caseId: `acts-${row}` }), faults: FAULTS })),
    null,
    null,
  )
})
afterAll(async () => {
  await acceptPool.close()
  await stores.close()
})

const crash = async () => {
  throw new Error('the process ends here')
}
const states = async () =>
  (await quarantine.list({ batch: 'bat_acts' }, null, 10)).map(({ row, state }) => `${row} ${state}`)
/** Writes an act down as the audit log does, within the transaction. */
const noted: string[] = []
const note = async (sql: Sql, rows: readonly { row: number }[]) => {
  await sql.query('SELECT 1')
  noted.push(rows.map(({ row }) => row).join())
}

test('an act on rows in quarantine that could not be written down has not been, and can be done again', async () => {
  const place = { batch: 'bat_acts', row: 1 }
  const right = arrears({ caseId: 'acts-1' })
  await expect(quarantine.dismiss([place], '重复', 'admin', crash)).rejects.toThrow('ends here')
  await expect(quarantine.dismiss({ batch: 'bat_acts' }, '重复', 'admin', crash)).rejects.toThrow('ends here')
  await expect(quarantine.correct(place, right, 'admin', crash)).rejects.toThrow('ends here')
  await expect(quarantine.replay({}, null, 'admin', crash)).rejects.toThrow('ends here')
  expect(await states()).toEqual(['1 waiting', '2 waiting', '3 waiting'])

  expect(await quarantine.dismiss([place], '重复', 'admin', note)).toBe(1)
  expect(
    await quarantine.correct({ ...place, row: 2 }, arrears({ caseId: 'acts-2' }), 'admin', note),
  ).toEqual({
    into: expect.stringMatching(/^bat_/),
  })
  expect(await quarantine.replay({}, null, 'admin', note)).toMatchObject({ judged: 1, replayed: 1 })
  expect(await states()).toEqual(['1 dismissed', '2 corrected', '3 replayed'])
  expect(noted).toEqual(['1', '2', '3'])
})

test('who was erased since a row came stays so when it is replayed or corrected, and the row counts', async () => {
  const { engine, postgres } = stores
  const counts = { received: 4, accepted: 1, unchanged: 0, rejected: 3 }
  const people = [1, 2, 3].map((n) => worker({ idNumber: idNumber(n), name: `待删${n}` }))
  await batches.put(
    {
      batch: 'bat_erased',
      source,
      kind: 'workers',
      mode: 'commit',
      receivedAt: new Date(Date.now() - 60_000),
      ...counts,
    },
    people.map((value, i) => ({ row: i + 1, value, faults: FAULTS })),
    null,
    null,
  )
  // As of somebody whose number nobody saw in the row when they were erased.
  await postgres.query(
    `INSERT INTO erasures ("personKey", source, "erasedAt") SELECT key, '', now() FROM unnest($1::text[]) AS key`,
    [[keys.personKey(idNumber(1)), keys.personKey(idNumber(2))]],
  )
  const place = { batch: 'bat_erased', row: 1 }
  expect(await quarantine.correct(place, people[0], 'admin', note)).toMatchObject({
    into: expect.any(String),
  })
  expect(await quarantine.replay({ batch: 'bat_erased' }, null, 'admin', note)).toMatchObject({ replayed: 2 })
  const count = async (from: string) => (await engine.numbers(`SELECT toUInt32(count()) FROM ${from}`))[0]
  expect(await count('workers_observations_v1')).toBe(3)
  for (const [n, records] of [
    [1, 0],
    [2, 0],
    [3, 1],
  ] as const)
    expect(await count(`identities_v1 WHERE personKey = '${keys.personKey(idNumber(n))}'`)).toBe(records)
})
