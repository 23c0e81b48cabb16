import type { RowError, SendAnswer } from './send.ts'

const ERRORS_KEPT = 20

/** Adds up answers. */
export class Tally {
  requests = 0
  readonly rows = { received: 0, accepted: 0, unchanged: 0, rejected: 0 }
  readonly errors: (RowError & { source: string })[] = []

  add(source: string, answer: SendAnswer): void {
    this.requests++
    for (const count of ['received', 'accepted', 'unchanged', 'rejected'] as const)
      this.rows[count] += answer[count]
    for (const error of answer.errors)
      if (this.errors.length < ERRORS_KEPT) this.errors.push({ source, ...error })
  }
}
