import { z } from 'zod'
import type { Kind } from '#domain/signal.ts'
import type { Query } from '../engine.ts'
import { Int } from '../query.ts'

const Row = z.object({
  batch: z.string(),
  source: z.string(),
  observations: Int,
  receivedMs: Int,
})

/** The batches of what was received between two instants (`since`, `until`, ms), with how much of each is stored. */
export function newestBatchesFor(kind: Kind): Query<z.infer<typeof Row>> {
  return {
    name: 'newest-batches',
    sql: `SELECT batch, any(source) AS source, toUInt32(count()) AS observations,
            toUnixTimestamp64Milli(min(receivedAt)) AS receivedMs FROM ${kind}_observations_v1
          WHERE receivedAt >= fromUnixTimestamp64Milli({since:Int64}) AND receivedAt < fromUnixTimestamp64Milli({until:Int64})
          GROUP BY batch ORDER BY receivedMs, batch`,
    row: Row,
    unscoped: 'finding what a killed process left is the work of ingestion',
  }
}
