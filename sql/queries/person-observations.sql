-- person-observations: what was reported of one person, newest first; who it is, is not in it.
SELECT toUnixTimestamp64Milli(observedAt) AS observedMs, toUnixTimestamp64Milli(toDateTime64(receivedAt, 3)) AS receivedMs, source,
  status, homeRegion, workRegion, sector, occupation, employer, project
FROM workers_observations_v1
WHERE historyKey = {personKey:String} AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
ORDER BY observedAt DESC, saidAt DESC, workers_observations_v1.receivedAt DESC, ordinal DESC LIMIT 500
