import { z } from 'zod'
import type { Alert } from '#domain/alert.ts'
import { fenToYuan } from '#domain/money.ts'
import type { Scope } from '#domain/scope.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import { CASE_EVIDENCE } from '#sql/queries/case-evidence.ts'
import { EVIDENCE_TOTAL } from '#sql/queries/evidence-total.ts'
import { within } from '#sql/within.ts'
import { readCaseKeys } from './cases.ts'

/** What proves an alert: observations of its cases, of `total` that the scope holds those from `offset` on. */
export const Evidence = z.object({
  alert: z.string(),
  total: z.int(),
  rows: z.array(
    z.object({
      caseId: z.string(),
      source: z.string(),
      channel: z.string(),
      workRegion: z.string(),
      sector: z.string(),
      employer: z.string(),
      project: z.string(),
      status: z.string(),
      workers: z.int(),
      gathering: z.int(),
      note: z.string(),
      owed: z.string(),
      paid: z.string(),
      observedAt: z.string(),
      receivedAt: z.string(),
    }),
  ),
})
export type Evidence = z.infer<typeof Evidence>

/** The observations of an alert's cases that a scope holds, case by case in the order they were true, at most `limit` from `offset` on. */
export async function readEvidence(
  engine: Engine,
  scope: Scope,
  alert: Alert,
  { offset, limit }: { offset: number; limit: number },
): Promise<Evidence> {
  const cases = await readCaseKeys(engine, alert)
  const [[counted], rows] = await Promise.all([
    engine.query(within(EVIDENCE_TOTAL, scope), { cases }),
    engine.query(within(CASE_EVIDENCE, scope), { cases, offset, limit }),
  ])
  return {
    alert: alert.id,
    total: counted?.total ?? 0,
    rows: rows.map(({ caseKey: _, owedFen, paidFen, observedMs, receivedMs, ...row }) => ({
      ...row,
      owed: fenToYuan(owedFen),
      paid: fenToYuan(paidFen),
      observedAt: toShanghaiIso(observedMs),
      receivedAt: toShanghaiIso(receivedMs),
    })),
  }
}
