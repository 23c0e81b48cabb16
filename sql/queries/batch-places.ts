import { z } from 'zod'
import type { Kind } from '#domain/signal.ts'
import type { Query } from '../engine.ts'
import { Int } from '../query.ts'

/**
 * The regions that the observations of a batch speak of, by home or by work ('' is unknown), each with the first instant
 * (ms) and, for reports, once for each period ('' otherwise). Params: `batch` String.
 */
export function batchPlacesFor(kind: Kind): Query<{ region: string; period: string; observedMs: number }> {
  return {
    name: 'batch-places',
    sql: `SELECT region, ${kind === 'industry' ? 'period' : `''`} AS period, toUnixTimestamp64Milli(min(observedAt)) AS observedMs
          FROM ${kind}_observations_v1 ARRAY JOIN [${kind === 'workers' ? 'homeRegion, workRegion' : 'workRegion'}] AS region
          WHERE batch = {batch:String} GROUP BY region, period ORDER BY region, period`,
    row: z.object({ region: z.string(), period: z.string(), observedMs: Int }),
    unscoped: 'withdrawing a batch is the work of ingestion',
  }
}
