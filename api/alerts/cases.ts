import type { Alert } from '#domain/alert.ts'
import type { Engine } from '#sql/engine.ts'
import { SITE_CASES } from '#sql/queries/site-cases.ts'

/** The keys of the cases behind an alert: its one case, or every case that ever counted under its site. */
export async function readCaseKeys(engine: Engine, { group }: Pick<Alert, 'group'>): Promise<string[]> {
  const isSite = /^(project|employer):/.test(group)
  if (!isSite) return [group]
  return (await engine.query(SITE_CASES, { site: group })).map((row) => row.caseKey)
}
