-- workers-history: every observation of the given keys (person) received before a commit: what its changes are derived from.
-- Batches that were withdrawn are left out; history.ts asks the same of one batch, and wholly, without its end, where none was.
-- A key without observations has no row. The key is looked for before any other column is read: a third less work than the engine's own order.
SELECT historyKey, toUnixTimestamp64Milli(observedAt) AS observedMs, toUnixTimestamp64Micro(receivedAt) AS receivedMicros,
  toUnixTimestamp64Micro(saidAt) AS saidMicros, ordinal, contentHash, source, homeRegion, workRegion, sector, status, employer
FROM workers_observations_v1
PREWHERE historyKey IN {keys:Array(String)} WHERE receivedAt < fromUnixTimestamp64Micro({before:Int64})
  AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
