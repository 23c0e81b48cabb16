import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '#domain/error.ts'

/**
 * Marks the directory as ours by a file with our process number and the time we were started. A file left by a process
 * that is gone is taken over. Answers how to let go. @throws AppError `directory_in_use`.
 */
export function lockDirectory(dataDir: string): () => void {
  const path = join(dataDir, 'lock')
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(path, 'wx')
      writeSync(file, `${process.pid} ${readStart(process.pid) ?? ''}`)
      closeSync(file)
      return () => unlinkSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const [pid = '', start = ''] = readFileSync(path, 'utf8').split(' ')
      const holder = Number(pid) || 0
      if (holder !== process.pid && isHolding(holder, start))
        throw new AppError(
          'directory_in_use',
          `${dataDir} is in use by process ${holder}: stop it, or set DATA_DIR to another directory`,
        )
      unlinkSync(path)
    }
  }
  throw new AppError(
    'directory_in_use',
    `${dataDir} was taken by another process at the same moment: try again`,
  )
}

/**
 * Process numbers are used again, above all in containers: a process is the holder when it was started when the holder
 * was. Where the system does not tell (macOS), any process of that number is taken for it.
 */
function isHolding(pid: number, start: string): boolean {
  if (pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const current = readStart(pid)
  return current === null || start === '' || current === start
}

/** When a process was started, in the system's own ticks since it was booted; `null` where it does not tell. */
function readStart(pid: number): string | null {
  try {
    // The name, in brackets, may hold anything: fields are counted from after it. The time is the 22nd of all.
    return (
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? null
    )
  } catch {
    return null
  }
}
