import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { KnownKeys } from '../../ingestion/known-keys.ts'

const keys = Array.from({ length: 20_000 }, (_, i) => `subject/${i}`)

it('never calls a key new that was added, by name or by hash', () => {
  const known = new KnownKeys(16)
  for (const key of keys.slice(0, 100)) known.add(key)
  known.addHashes(Uint32Array.from(keys.slice(100, 200), (key) => crc32(key)))
  expect(keys.slice(0, 200).filter((key) => !known.mayHold(key))).toEqual([])
})

it('takes few new keys for known ones where there is room', () => {
  const known = new KnownKeys(24)
  for (const key of keys.slice(0, 10_000)) known.add(key)
  // 10,000 of 16.8 million places: six of 10,000 expected.
  expect(keys.slice(10_000).filter((key) => known.mayHold(key)).length).toBeLessThan(40)
})

it('with 32 bits every hash has a place of its own', () => {
  const known = new KnownKeys(5)
  known.addHashes(Uint32Array.of(0xffffffff))
  expect(keys.some((key) => known.mayHold(key))).toBe(true)
})
