import type { Alert } from '#domain/alert.ts'
import type { Answer } from '#domain/measure.ts'

/** An invented alert, for the descriptions of routes. */
export const ALERT: Alert = {
  id: 'alt_0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  rule: 'D14',
  ruleVersion: 1,
  ruleTitle: { zh: '聚集讨薪', en: 'People gathered' },
  group: 'src_0123456789abcdef/示例-0001',
  tier: 'red',
  state: 'open',
  value: '46',
  unit: 'persons',
  region: '430503',
  workRegions: ['430503'],
  homeRegions: ['430522'],
  sector: 'E',
  sectors: ['E'],
  bySector: [],
  employer: '示例建筑',
  project: '示例安置房',
  cases: 1,
  workers: 46,
  owed: '512000.00',
  since: '2026-08-15T09:30:00.000+08:00',
  openedAt: '2026-08-15T09:31:02.114+08:00',
  changedAt: '2026-08-15T09:31:02.114+08:00',
  resolvedAt: null,
  acknowledgedBy: null,
  isVerified: false,
  isAcross: false,
  isPart: false,
}

/** An invented answer with these rows. */
export const answerExample = (rows: Answer['rows']): Answer => ({
  measure: 'arrears.workers',
  unit: 'persons',
  asOf: '2026-09-01T00:00:00.000+08:00',
  knownAt: '2026-10-01T00:00:00.000+08:00',
  hidesBelow: null,
  rows,
})
