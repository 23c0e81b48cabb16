import { AppError } from '#domain/error.ts'

/** The time over which the pace of a body is looked at, and what must have come in it: 1 KiB a second. */
export const PACE_MS = 30_000
export const PACE_BYTES_MIN = 30 * 1024

/**
 * A body as it comes, as long as it comes fast enough: one that drips would hold a connection, a file and its part of the
 * memory for as long as a request may take. Only the time spent waiting for its sender counts.
 * @throws AppError `too_slow`; the stream is left open then, so that the sender can be told.
 */
export async function* paced(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const parts = stream[Symbol.asyncIterator]()
  let part = parts.next()
  let bytes = 0
  let leftMs = PACE_MS
  try {
    for (;;) {
      const startMs = performance.now()
      const next = await within(part, leftMs)
      leftMs -= performance.now() - startMs
      if (next?.done) return
      if (next) {
        bytes += next.value.byteLength
        yield next.value
        part = parts.next()
      }
      if (next && leftMs > 0) continue
      if (bytes < PACE_BYTES_MIN) throw tooSlow()
      bytes = 0
      leftMs = PACE_MS
    }
  } catch (error) {
    // It is still awaited by nobody; the connection will end under it.
    part.catch(() => undefined)
    throw error
  }
}

/** What a promise resolves to; `null` when that takes longer than so many ms. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

const tooSlow = () =>
  new AppError(
    'too_slow',
    `the body comes at less than ${PACE_BYTES_MIN / 1024} KiB in ${PACE_MS / 1000} s; have all of it ready and send it at once, packed with gzip or in smaller parts over a slow line`,
    { zh: '网络太慢，文件没能传完；请换一条线路，或拆成几个小文件分别上传' },
  )
