-- workers-uncounted: the observations of the oldest commit that is stored but not counted, to finish it after a crash.
-- A commit's receipt is written last, so what is newer than the newest receipt is not counted. Empty in a sound store.
SELECT historyKey, toUnixTimestamp64Milli(observedAt) AS observedMs, toUnixTimestamp64Micro(receivedAt) AS receivedMicros,
  toUnixTimestamp64Micro(saidAt) AS saidMicros, ordinal, contentHash, source, homeRegion, workRegion, sector, status, employer
FROM workers_observations_v1
WHERE receivedAt = (
  SELECT min(receivedAt) FROM workers_observations_v1
  WHERE receivedAt > (SELECT max(receivedAt) FROM source_receipts_v1 WHERE kind = 'workers')
)
ORDER BY ordinal
