-- workers-history: every observation of the given keys (person) received before a commit: what its changes are derived from.
-- A key without observations has no row.
SELECT historyKey, toUnixTimestamp64Milli(observedAt) AS observedMs, toUnixTimestamp64Micro(receivedAt) AS receivedMicros,
  ordinal, contentHash, source, homeRegion, workRegion, sector, status, employer
FROM workers_observations_v1
WHERE historyKey IN {keys:Array(String)} AND receivedAt < fromUnixTimestamp64Micro({before:Int64})
