import type { Alert } from '#domain/alert.ts'
import { AppError } from '#domain/error.ts'
import { type Tier, tierRank } from '#domain/tier.ts'
import type { Sql } from '#sql/postgres.ts'

/** What a person says to have seen of an alert: its tier, and the newest number of the log that the page knew then. */
export type Seen = { tier?: Tier | undefined; seq?: number | undefined }

const ZH: Record<Tier, string> = { blue: '蓝色', yellow: '黄色', orange: '橙色', red: '红色' }

/**
 * An alert is taken as what it was seen as: who saw it orange has not taken a red one, nor has who saw one county taken what
 * lies in another, too. Seen as worse than it is, it is taken; where nothing is said of what was seen, also.
 * @throws AppError `changed_since` that names what has changed.
 */
export async function rejectUnseen(sql: Sql, alert: Alert, { tier, seq }: Seen): Promise<void> {
  const now = alert.tier
  if (tier !== undefined && tierRank(tier) < tierRank(now))
    throw changedSince(
      `this alert was seen as ${tier} and is ${now} now`,
      `所见为${ZH[tier]}，现为${ZH[now]}`,
    )
  if (seq === undefined) return
  const [step] = await sql.query<{ change: string }>(
    `SELECT change FROM alert_log WHERE "alertId" = $1 AND seq > $2 AND change IN ('raised', 'moved') ORDER BY seq DESC LIMIT 1`,
    [alert.id, seq],
  )
  if (step?.change === 'raised')
    throw changedSince(
      `this alert was raised since it was seen, and is ${now} now`,
      `此预警在查看之后升级过，现为${ZH[now]}`,
    )
  if (step)
    throw changedSince(
      'this alert has come to lie in another county since it was seen',
      '此预警在查看之后延及别的县区',
    )
}

const changedSince = (en: string, zh: string) =>
  new AppError('changed_since', `${en}: look at it again before you acknowledge it`, {
    zh: `${zh}：请看过再签收`,
  })
