import type { Received } from './recount.ts'

/** What happened, in the order of receipt: rows that came in as a batch, or a batch that was taken back. */
export type Happening =
  | { batch: string; kind: Received['kind']; source: string; rows: Record<string, any>[] }
  | { withdrawn: string }

/**
 * What a plain recount has to look at after these happenings: every row of every batch but those of withdrawn ones. A row
 * that says word for word what stands already is not kept, so it does not outlive the batch that said it first.
 */
export function standing(happenings: readonly Happening[]): Received[] {
  const kept: (Received & { batch: string; says: string })[] = []
  let order = 0
  for (const one of happenings) {
    if ('withdrawn' in one) {
      for (let i = kept.length - 1; i >= 0; i--) if (kept[i]?.batch === one.withdrawn) kept.splice(i, 1)
      continue
    }
    for (const signal of one.rows) {
      const subject = {
        workers: signal.idNumber,
        arrears: `${one.source} ${signal.caseId}`,
        industry: `${signal.pointId} ${signal.project}`,
      }[one.kind]
      const ms = Date.parse(signal.observedAt)
      const said = Object.entries(signal).filter(([key]) => !['observedAt', 'name', 'phone'].includes(key))
      const says = JSON.stringify([one.kind, subject, ms, said.sort()])
      order++
      if (kept.some((row) => row.says === says)) continue
      kept.push({ kind: one.kind, source: one.source, ms, order, signal, batch: one.batch, says })
    }
  }
  return kept
}
