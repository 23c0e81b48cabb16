import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PACE_BYTES_MIN, PACE_MS, paced } from '../../ingestion/formats/paced.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** So many parts of some bytes, one every so often; each takes the reader a while, too. What came through, or the fault's code. */
async function came({ parts = 1, bytes = 1, everyMs = 0, readingMs = 0 }): Promise<number | string> {
  async function* drops() {
    for (let i = 0; i < parts; i++) {
      await new Promise((resolve) => setTimeout(resolve, everyMs))
      yield new Uint8Array(bytes)
    }
  }
  const read = async () => {
    let sum = 0
    for await (const part of paced(drops())) {
      sum += part.byteLength
      await new Promise((resolve) => setTimeout(resolve, readingMs))
    }
    return sum
  }
  const result = read().catch((error) => error.code)
  await vi.runAllTimersAsync()
  return await result
}

test('a body that comes at once, however small, and a large one over a slow line pass whole', async () => {
  expect(await came({ bytes: 0 })).toBe(0)
  expect(await came({ bytes: 2, everyMs: PACE_MS - 1 })).toBe(2)
  expect(await came({ parts: 300, bytes: 1_100, everyMs: 1_000 })).toBe(330_000)
  // A pause is made up for by what came in the same time.
  expect(await came({ parts: 10, bytes: PACE_BYTES_MIN, everyMs: PACE_MS - 1_000 })).toBe(10 * PACE_BYTES_MIN)
})

test('one that drips is refused, and one that stops: at its beginning and after much has come', async () => {
  expect(await came({ parts: 300, bytes: 900, everyMs: 1_000 })).toBe('too_slow')
  expect(await came({ everyMs: PACE_MS + 1 })).toBe('too_slow')
  expect(await came({ parts: 3, bytes: 10 * PACE_BYTES_MIN, everyMs: 2 * PACE_MS + 1 })).toBe('too_slow')
})

test('the time that reading takes is not held against the sender', async () => {
  expect(await came({ parts: 20, bytes: 10, everyMs: 1_000, readingMs: 4 * PACE_MS })).toBe(200)
})
