import { Hono } from 'hono'
import { z } from 'zod'
import { ActReason } from '#domain/audit.ts'
import { describeRoute, json } from '#domain/operation.ts'
import type { Kind } from '#domain/signal.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import type { Batches } from './batches.ts'
import type { Committers } from './commit.ts'
import { readJson } from './read-json.ts'
import { batchFor, type WhoDeps, whoFor } from './who.ts'
import { withdrawBatch } from './withdrawals.ts'

export type WithdrawDeps = WhoDeps & {
  engine: Engine
  postgres: Postgres
  batches: Batches
  committers: Committers
  /** Something that counts has changed. */
  committed: (kind: Kind) => void
}

const Withdraw = z.strictObject({ reason: ActReason })
const Withdrawn = z
  .object({
    batch: z.string(),
    withdrawnAt: z.string(),
    histories: z.int().meta({ zh: '涉及的人、案件或监测点数', en: 'People, cases or points it had told of' }),
    reason: z.string(),
    by: z.string(),
  })
  .meta({ id: 'Withdrawn' })
const BATCH = 'bat_0f1e2d3c4b5a69788796a5b4c3d2e1f0'

/** `POST /batches/{batch}/withdraw`. */
export function withdrawRoutes(deps: WithdrawDeps) {
  return new Hono().post(
    '/batches/:batch/withdraw',
    describeRoute({
      chapter: 'signals',
      summary: { zh: '撤回整个批次', en: 'Withdraw a whole batch' },
      description: {
        zh: '此后各项数字如同该批次从未收到；撤回之前的 knownAt 仍得旧数。只被其他批次重复过的行随首次报送一并撤回，另一来源需重报。仅由该批次得知的人员，其身份信息一并删除。由本来源密钥或有权者的会话执行，重复执行不变。会改变已封账时期数字的批次（含曾使人员移出已封账地区的），除非来源对其中每一处都设有例外，否则退回。',
        en: 'From then on every number is as if the batch had never come; knownAt before it still gives the old ones. A row that another batch only repeated goes with the first telling: the other sender sends it again. Identity records of people whom it alone had told of are erased. By the key of the source or the session of who may; a repeat changes nothing. A batch that speaks of closed periods, or by which somebody left a region in one, is refused, as late rows are, unless its source has an exception for each of them.',
      },
      access: 'sourceOrPerson',
      right: 'batches.withdraw',
      path: z.object({ batch: z.string().meta({ zh: '批次', en: 'Batch', example: BATCH }) }),
      body: json(Withdraw, { reason: '九月台账误报为十月' }),
      answers: {
        200: json(Withdrawn, {
          batch: BATCH,
          withdrawnAt: '2026-08-16T09:00:00.000+08:00',
          histories: 412,
          reason: '九月台账误报为十月',
          by: 'src_0123456789abcdef',
        }),
      },
      errors: ['not_found', 'conflict', 'period_locked'],
    }),
    async (c) => {
      const who = await whoFor(deps, c, 'batches.withdraw')
      const { reason } = await readJson(c, Withdraw)
      const { batch, source } = await batchFor(deps, who, c.req.param('batch'))
      const { kind, ...done } = await withdrawBatch(deps, batch, source, {
        reason,
        by: who.name,
        done: (sql) => deps.audited(c, who, 'batch.withdraw', batch, reason, sql),
      })
      deps.committed(kind)
      return c.json({ ...done, withdrawnAt: toShanghaiIso(done.withdrawnAt.getTime()) })
    },
  )
}
