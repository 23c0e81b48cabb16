import type { Received } from './recount.ts'

/**
 * What happened, in the order of receipt: rows that came in as a batch, or a batch that was taken back. Of rows that are
 * replayed `said` names, for each, the happening it was sent and refused in: it was told before what that batch has taken.
 */
export type Happening =
  | {
      batch: string
      kind: Received['kind']
      source: string
      rows: Record<string, any>[]
      said?: readonly number[]
    }
  | { withdrawn: string }

/**
 * What a plain recount has to look at after these happenings: every row of every batch but those of withdrawn ones. A row
 * that says word for word what stands already is not kept, so it does not outlive the batch that said it first. In the order
 * in which they were told.
 */
export function standing(happenings: readonly Happening[]): (Received & { batch: string })[] {
  const kept: (Received & { batch: string; says: string; said: number })[] = []
  let order = 0
  for (const [happening, one] of happenings.entries()) {
    if ('withdrawn' in one) {
      for (let i = kept.length - 1; i >= 0; i--) if (kept[i]?.batch === one.withdrawn) kept.splice(i, 1)
      continue
    }
    for (const [n, signal] of one.rows.entries()) {
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
      const told = one.said?.[n] ?? happening + 0.5
      kept.push({ kind: one.kind, source: one.source, ms, order, signal, batch: one.batch, says, said: told })
    }
  }
  return kept
    .toSorted((a, b) => a.said - b.said || a.order - b.order)
    .map((row, place) => ({ ...row, order: place }))
}
