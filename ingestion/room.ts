import { statfs } from 'node:fs/promises'
import { AppError } from '#domain/error.ts'

/**
 * Free space that is left alone on the disk of the embedded stores. The embedded Postgres does not survive that it
 * cannot begin its next log file (16 MiB): it spins for ever and takes the process with it. So senders are turned away
 * while there is still room for what the alerts and the people write.
 */
const RESERVE_BYTES = 128 * 1024 * 1024

/** @throws AppError `store_away` when the disk of `dataDir` is nearly full. */
export async function rejectWhenFull(dataDir: string): Promise<void> {
  const disk = await statfs(dataDir).catch(() => null)
  if (disk && disk.bavail * disk.bsize < RESERVE_BYTES)
    throw new AppError('store_away', 'the disk is nearly full; send again later', {
      retryAfterS: 30,
      zh: '服务器磁盘快满了，请稍后重新上传',
    })
}
