import { z } from 'zod'
import type { Dimension } from '#domain/measure.ts'
import type { Engine } from '#sql/engine.ts'
import { BigInteger } from '#sql/query.ts'
import { COUNTED } from './catalogue.ts'
import {
  columnsRead,
  expressionOf,
  type Filter,
  paramsFor,
  rawBranch,
  type Span,
  type SumRow,
} from './sums.ts'

const PAID = COUNTED['arrears.recovered']

/**
 * How many workers the payments of each group and span went to: those of the cases whose paid sum changed there, as many as
 * each had when it last did. Change rows do not tell, as a payment alone moves no worker. Asked to know whether they are
 * fewer than `k`: no more than `k` cases of a group are looked up, and each counts for one worker at the least.
 */
export async function askPayees(
  engine: Engine,
  by: readonly Dimension[],
  filter: Filter,
  spans: readonly Span[],
  k: number,
): Promise<(group: Pick<SumRow, 'label' | 'dims'>) => bigint> {
  const reads = columnsRead(PAID, by, filter)
  const branches = spans.map((span) => rawBranch(PAID, reads, filter, span, false, false, ', historyKey, at'))
  const dims = by.map((dimension, i) => `${expressionOf(dimension)} AS d${i}`)
  const group = ['label', ...by.map((_, i) => `d${i}`)].join(', ')
  const asKnown =
    filter.knownAtMicros === null ? '' : 'AND receivedAt <= fromUnixTimestamp64Micro({knownAt:Int64})'
  const sql = `WITH paid AS (
  SELECT ${['label', ...dims].join(', ')}, historyKey, max(at) AS paidAt
  FROM (\n${branches.join('\nUNION ALL\n')}\n) WHERE recoveredFen != 0
  GROUP BY ${group}, historyKey HAVING sum(recoveredFen) != 0
  ORDER BY ${group}, historyKey LIMIT {k:UInt32} BY ${group}
), told AS (
  SELECT historyKey, observedAt, workers FROM arrears_observations_v1
  WHERE historyKey IN (SELECT historyKey FROM paid) AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1) ${asKnown}
  ORDER BY historyKey, observedAt, saidAt DESC, receivedAt DESC, ordinal DESC LIMIT 1 BY historyKey, observedAt
)
SELECT ${group}, toInt64(sum(greatest(told.workers, 1))) AS payees
FROM paid ASOF LEFT JOIN told ON told.historyKey = paid.historyKey AND told.observedAt <= paid.paidAt
GROUP BY ${group}`
  const rows = await engine.query(
    { name: 'payees', sql, row: Row, unscoped: 'its scope stands in it' },
    { ...paramsFor(filter), k },
  )
  const keyOf = (label: string, values: readonly string[]) => JSON.stringify([label, ...values])
  const payees = new Map(
    rows.map((row) => [
      keyOf(
        row.label,
        by.map((_, i) => String(row[`d${i}`])),
      ),
      row.payees,
    ]),
  )
  return ({ label, dims: values }) => payees.get(keyOf(label, values)) ?? 0n
}

const Row = z.object({ label: z.string(), payees: BigInteger }).catchall(z.string())
