import { statfs } from 'node:fs/promises'
import { AppError } from '#domain/error.ts'

/**
 * Free space that is left alone on the disk of the embedded stores. The embedded Postgres does not survive that it
 * cannot begin its next log file (16 MiB): it spins for ever and takes the process with it. So senders are turned away
 * while there is still room for what the alerts and the people write.
 */
const RESERVE_BYTES = 128 * 1024 * 1024

/** Room that was there is taken for granted so long: nobody fills the reserve meanwhile, and many small requests need not each look. */
const TRUST_MS = 50

/**
 * What turns senders away while the disk of `dataDir` is nearly full, and still is after `giveWay` has removed what can be
 * sent again (`false` when there was none): it rejects with AppError `store_away`.
 */
export function watchRoom(dataDir: string, giveWay: () => Promise<boolean>): () => Promise<void> {
  let seenMs = Number.NEGATIVE_INFINITY
  return async () => {
    const nowMs = performance.now()
    if (nowMs - seenMs < TRUST_MS) return
    if ((await isFull(dataDir)) && (!(await giveWay()) || (await isFull(dataDir))))
      throw new AppError('store_away', 'the disk is nearly full; send again later', {
        retryAfterS: 30,
        zh: '服务器磁盘快满了，请稍后重新上传',
      })
    seenMs = nowMs
  }
}

async function isFull(dataDir: string): Promise<boolean> {
  const disk = await statfs(dataDir).catch(() => null)
  return disk !== null && disk.bavail * disk.bsize < RESERVE_BYTES
}
