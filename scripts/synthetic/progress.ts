/** Where progress is shown; `process.stderr` is one. */
export type ProgressStream = { write(text: string): unknown; isTTY?: boolean }
export type Progress = {
  update(done: number, total: number, label: string): void
  finish(label: string): void
}

const WIDTH = 32
const REDRAW_MS = 100
const LINE_MS = 5000

/** A bar that redraws itself on a terminal, and a plain line every few seconds elsewhere. `clock` in milliseconds. */
export function createProgress(
  title: string,
  stream: ProgressStream,
  clock: () => number = Date.now,
): Progress {
  const isTty = stream.isTTY === true
  let last = Number.NEGATIVE_INFINITY
  const line = (share: number, label: string) =>
    `${title} ${isTty ? `${barOf(share)} ` : ''}${Math.floor(share * 100)}% ${label}`
  return {
    update(done, total, label) {
      if (clock() - last < (isTty ? REDRAW_MS : LINE_MS)) return
      last = clock()
      const share = total > 0 ? Math.min(0.99, done / total) : 0
      stream.write(isTty ? `\r\u001b[2K${line(share, label)}` : `${line(share, label)}\n`)
    },
    finish(label) {
      stream.write(`${isTty ? '\r\u001b[2K' : ''}${line(1, label)}\n`)
    },
  }
}

function barOf(share: number): string {
  const filled = Math.round(share * WIDTH)
  return `[${'█'.repeat(filled)}${'·'.repeat(WIDTH - filled)}]`
}
