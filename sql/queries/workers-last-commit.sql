-- workers-last-commit: the observations of the newest commit, to finish it after a crash. Empty on an empty store.
SELECT historyKey, toUnixTimestamp64Milli(observedAt) AS observedMs, toUnixTimestamp64Micro(receivedAt) AS receivedMicros,
  ordinal, contentHash, source, homeRegion, workRegion, sector, status, employer
FROM workers_observations_v1
WHERE receivedAt = (SELECT max(receivedAt) FROM workers_observations_v1)
ORDER BY ordinal
