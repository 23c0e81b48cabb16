import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Batches } from '../../ingestion/batches.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { placeOf } from '../../ingestion/uploads.ts'
import { openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

test('the first answer under a key stays for a week; then the key may be used again, and the answer is cleared away', async () => {
  const batches = new Batches(stores.postgres, deriveKeys('a secret of the kept answers, long enough'))
  const keep = (bodyHash: string) =>
    batches.keepAnswer('src_a', { key: 'k', bodyHash, status: 200, answer: { batch: bodyHash } })
  const kept = async () => (await batches.keptAnswer('src_a', 'k'))?.bodyHash ?? null
  await keep('first')
  await keep('second')
  expect(await kept()).toBe('first')
  await stores.postgres.query(`UPDATE idempotency SET "createdAt" = now() - interval '8 days'`)
  expect(await kept()).toBeNull()
  await keep('third')
  expect(await kept()).toBe('third')

  await batches.keepAnswer('src_a', { key: 'old', bodyHash: 'old', status: 200, answer: {} })
  await stores.postgres.query(
    `UPDATE idempotency SET "createdAt" = now() - interval '8 days' WHERE key = 'old'`,
  )
  await batches.sweepAnswers()
  expect(await stores.postgres.query('SELECT key FROM idempotency')).toEqual([{ key: 'k' }])
})

test('the place of uploads stays with its directory, whatever the machine is called', () => {
  const dir = mkdtempSync(join(tmpdir(), 'place-'))
  try {
    const own = placeOf(dir)
    expect([own.length, placeOf(dir)]).toEqual([16, own])
    // As another machine would find it.
    writeFileSync(join(dir, 'place'), 'of another host')
    expect(placeOf(dir)).toBe('of another host')
  } finally {
    rmSync(dir, { recursive: true })
  }
})
