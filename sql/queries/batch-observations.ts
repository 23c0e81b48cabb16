import { z } from 'zod'
import type { Kind } from '#domain/signal.ts'
import type { Query } from '../engine.ts'

/** Observations that came in with one batch: what was accepted of it, however often it was sent on. */
export function batchObservationsFor(kind: Kind): Query<{ observations: number }> {
  return {
    name: 'batch-observations',
    sql: `SELECT toUInt32(count()) AS observations FROM ${kind}_observations_v1
          WHERE batch = {batch:String} AND receivedAt >= fromUnixTimestamp64Milli({since:Int64})`,
    row: z.object({ observations: z.number() }),
    unscoped: 'counting a batch is the work of ingestion',
  }
}
