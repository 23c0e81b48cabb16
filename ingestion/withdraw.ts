import type { Kind } from '#domain/signal.ts'
import { removeChanges } from '#sql/changes.ts'
import type { Engine } from '#sql/engine.ts'
import { batchHistoriesFor, newestObservationFor } from '#sql/queries/batch-histories.ts'
import { commitQueriesFor } from '#sql/queries/history.ts'
import { repairRollups, rollUp } from '#sql/rollups.ts'
import { type Change, ChangeRows, changesFor } from './changes.ts'
import type { Observation } from './observation.ts'
import { isIn } from './pick.ts'
import { observationOf } from './state.ts'

/** A batch that no longer counts, from its receipt (µs) on. */
export type Withdrawn = { batch: string; source: string; receivedMicros: number }

/** Histories put right at a time: whole ones, so that no sign is missing between two inserts. */
const HISTORIES_PER_CHUNK = 10_000

/** Writes down that a batch no longer counts. This is the commit of the withdrawal; what counts is put right after it. */
export async function markWithdrawn(engine: Engine, kind: Kind, withdrawn: Withdrawn): Promise<void> {
  const { batch, source, receivedMicros } = withdrawn
  await engine.insert({
    table: 'withdrawn_batches_v1',
    columns: ['batch', 'kind', 'source', 'receivedAt'],
    lines: [JSON.stringify([batch, kind, source, receivedMicros])],
  })
}

/**
 * Counts as if the observations of a marked batch had never been stored: for each history that holds some, what the
 * history counts for without them minus what it counted for with them. Answers how many histories those were.
 *
 * An observation belongs to the batch that told it first. One that another batch repeated word for word was `unchanged`
 * there and was not stored, so it is withdrawn with the first telling: the other sender sends it again, and then it
 * counts as new.
 *
 * `isAgain`: a crash may have left some of it behind.
 */
export async function countWithdrawal<K extends Kind>(
  engine: Engine,
  kind: K,
  { batch, source, receivedMicros: micros }: Withdrawn,
  isAgain: boolean,
): Promise<number> {
  const table = `${kind}_changes_v1`
  if (isAgain) await removeChanges(engine, table, micros)
  const keys = await historiesOf(engine, kind, batch)
  for await (const chunk of changesOf(engine, kind, batch, keys, micros)) {
    const changes = new ChangeRows(kind, micros)
    for (const [historyKey, change] of chunk)
      changes.add(historyKey, { ...change, deltas: change.deltas.map((delta) => -delta) })
    await changes.insert(engine)
  }
  await (isAgain ? repairRollups : rollUp)(engine, table, micros)
  const [left] = await engine.query(newestObservationFor(kind), { source })
  // Last, because it is the mark that everything up to this receipt is counted.
  await engine.insert({
    table: 'source_receipts_v1',
    columns: ['source', 'kind', 'receivedAt', 'newestAt', 'observations'],
    lines: [JSON.stringify([source, kind, micros, left?.newestMs ?? 0, 0])],
  })
  return keys.length
}

/**
 * What the observations of a batch count for beside the others of their histories, some histories at a time; that is what a
 * withdrawal takes away. The same before and after the batch is marked.
 */
export async function* changesOf<K extends Kind>(
  engine: Engine,
  kind: K,
  batch: string,
  keys: readonly string[],
  beforeMicros = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<[historyKey: string, change: Change][]> {
  const { history, historyOfBatch } = commitQueriesFor(kind)
  for (let i = 0; i < keys.length; i += HISTORIES_PER_CHUNK) {
    const params = { keys: keys.slice(i, i + HISTORIES_PER_CHUNK), before: beforeMicros }
    const known = await readHistories(engine, kind, history, params)
    const ofBatch = await readHistories(engine, kind, historyOfBatch, { ...params, batch })
    yield [...ofBatch].flatMap(([historyKey, own]) => {
      const others = (known.get(historyKey) ?? []).filter((one) => !isIn(own, one))
      return changesFor(kind, others, own).map((change): [string, Change] => [historyKey, change])
    })
  }
}

/** The keys of the histories that hold observations of a batch, withdrawn or not. */
export async function historiesOf(engine: Engine, kind: Kind, batch: string): Promise<string[]> {
  const rows = await engine.query(batchHistoriesFor(kind), { batch })
  return rows.map((row) => row.historyKey)
}

async function readHistories<K extends Kind>(
  engine: Engine,
  kind: K,
  query: ReturnType<typeof commitQueriesFor<K>>['history'],
  params: Record<string, string | number | string[]>,
): Promise<Map<string, Observation<K>[]>> {
  const rows = await engine.query(query, params)
  return Map.groupBy(
    rows.map((row) => observationOf(kind, row)),
    (observation) => observation.historyKey,
  )
}
