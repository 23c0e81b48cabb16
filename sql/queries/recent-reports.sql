-- recent-reports: the latest reports of one source, newest first: periods with their headcount, and what was told at once.
SELECT pointId, period, project, toUnixTimestamp64Milli(observedAt) AS observedMs,
  toUnixTimestamp64Milli(receivedAt) AS receivedMs, headcount, majorEvent
FROM industry_observations_v1
WHERE source = {source:String} AND batch NOT IN (SELECT batch FROM withdrawn_batches_v1)
ORDER BY receivedMs DESC, observedMs DESC, historyKey, ordinal DESC
LIMIT 10
