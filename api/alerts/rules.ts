import { Rule } from '#domain/rule.ts'
import type { Postgres } from '#sql/postgres.ts'

/** The rules an installation starts with. Source: domain research §2.4; D14 by the Fenghuang county plan (2018), E01 to E03. */
export const DEFAULT_RULES: readonly Rule[] = [
  {
    id: 'D14',
    version: 1,
    isEnabled: true,
    title: { zh: '聚集讨薪', en: 'People gathered' },
    basis: '凤凰县预案 2018：5 人以上为一般，30 人以上为重大',
    signal: 'arrears',
    groupBy: 'case',
    value: 'gathering',
    from: { yellow: '5', orange: '10', red: '30' },
  },
  {
    id: 'D15',
    version: 1,
    isEnabled: true,
    title: { zh: '欠薪金额', en: 'Wages owed' },
    basis: '单个项目或用人单位未结欠薪：5 万、20 万、50 万元',
    signal: 'arrears',
    groupBy: 'site',
    value: 'owed',
    from: { yellow: '50000.00', orange: '200000.00', red: '500000.00' },
  },
]

/** The newest version of every rule; the default ones are written on first use. */
export async function readRules(postgres: Postgres): Promise<Rule[]> {
  for (const rule of DEFAULT_RULES)
    await postgres.query(
      'INSERT INTO rules (id, version, definition) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [rule.id, rule.version, JSON.stringify(rule)],
    )
  const rows = await postgres.query<{ definition: unknown }>(
    'SELECT DISTINCT ON (id) definition FROM rules ORDER BY id, version DESC',
  )
  return rows.map((row) => Rule.parse(row.definition))
}
