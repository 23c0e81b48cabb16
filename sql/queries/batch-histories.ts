import { z } from 'zod'
import type { Kind } from '#domain/signal.ts'
import type { Query } from '../engine.ts'
import { Int } from '../query.ts'

/** The histories that hold observations of a batch, withdrawn or not, once each in order. Params: `batch` String. */
export function batchHistoriesFor(kind: Kind): Query<{ historyKey: string }> {
  return {
    name: 'batch-histories',
    sql: `SELECT DISTINCT historyKey FROM ${kind}_observations_v1 WHERE batch = {batch:String} ORDER BY historyKey`,
    row: z.object({ historyKey: z.string() }),
    unscoped: 'withdrawing a batch is the work of ingestion',
  }
}

/** The newest instant (ms) that a source's observations of a kind speak of; 0 when none is left. Params: `source` String. */
export function newestObservationFor(kind: Kind): Query<{ newestMs: number }> {
  return {
    name: 'newest-observation',
    sql: `SELECT toUnixTimestamp64Milli(max(observedAt)) AS newestMs FROM ${kind}_observations_v1
          WHERE source = {source:String} AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)`,
    row: z.object({ newestMs: Int }),
    unscoped: 'withdrawing a batch is the work of ingestion',
  }
}
